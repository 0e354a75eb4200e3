import type { Protocol } from './protocol.ts'

export const FrameKind = {
  Request: 0,
  Oneway: 1,
  Response: 2,
  Heartbeat: 3,
  HeartbeatAck: 4,
  GoAway: 5,
  /** What ends a message after its data: HTTP trailers. */
  Trailers: 6,
  /** An answer before the answer: HTTP 1xx. */
  Interim: 7,
} as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** One header to change: `value` null removes it, `append` leaves what is there. */
export interface Edit {
  readonly name: string
  readonly value: string | null
  readonly append: boolean
}

/**
 * One message on a connection, or the head of one whose data streams: a window on the bytes it arrived in. Every
 * protocol fills the same class, so the code that carries frames sees one shape.
 *
 * The bytes belong to the frame: nobody writes over them while the frame lives, but its own protocol when it gives the
 * frame another id.
 */
export class Frame {
  readonly protocol: Protocol
  readonly kind: FrameKind
  /** The request id on the connection the frame came from; 0 where the protocol has none. */
  readonly id: number
  buf: Buffer
  start: number
  end: number
  /** No data follows: the frame is the whole message. */
  last: boolean
  /** What the decoder found in the bytes on its way; only the protocol looks inside. */
  view: unknown
  /** Headers to change when the frame is written, in order; null while there are none. */
  edits: Edit[] | null = null

  constructor(
    protocol: Protocol,
    kind: FrameKind,
    id: number,
    buf: Buffer,
    start: number,
    end: number,
    last: boolean,
    view: unknown,
  ) {
    this.protocol = protocol
    this.kind = kind
    this.id = id
    this.buf = buf
    this.start = start
    this.end = end
    this.last = last
    this.view = view
  }

  /**
   * A header as the next hop will see it; undefined when there is none. Names in lower case for HTTP (`:method`,
   * `:path`, `:authority` and `:status` too), as they are for RPC. Repeated HTTP headers come joined by `, `.
   */
  header(name: string): string | undefined {
    const edits = this.edits
    if (edits === null) return this.protocol.header(this, name)
    let from = edits.length
    let value: string | undefined
    while (from-- > 0) {
      const edit = edits[from]!
      if (edit.name !== name || (edit.append && edit.value !== null)) continue
      value = edit.value ?? undefined
      break
    }
    // The bytes are only asked when the first edit adds to them.
    if (from < 0) value = this.protocol.header(this, name)
    for (let i = from + 1; i < edits.length; i++) {
      const edit = edits[i]!
      if (edit.name === name) value = value === undefined ? edit.value! : `${value}, ${edit.value}`
    }
    return value
  }

  /** Gives a header one value, whatever it had. `:path`, `:authority` and `:method` can be set too. */
  set(name: string, value: string): void {
    this.edit({ name, value, append: false })
  }

  /** Adds a value to a header. */
  append(name: string, value: string): void {
    this.edit({ name, value, append: true })
  }

  remove(name: string): void {
    this.edit({ name, value: null, append: false })
  }

  /** The same for an edit that was made beforehand and serves many frames. */
  edit(edit: Edit): void {
    if (this.edits === null) this.edits = [edit]
    else this.edits.push(edit)
  }
}
