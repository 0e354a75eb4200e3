import {
  Depth,
  Frame,
  type FramedCodec,
  FrameKind,
  framed,
  Match,
  Measure,
  type Protocol,
} from '@tulle/proxy'

/**
 * The protocol that MOSN's tutorial makes up, as a small real protocol for tests, read as deep as a test wants. The
 * payload of a request is `service method name=value name=value`; big-endian:
 *
 * ```
 *  0     1      2      3        7                        0     1      2      3        7          9
 * ┌─────┬──────┬──────┬────────┬────────────┬──         ┌─────┬──────┬──────┬────────┬──────────┬────────────┬──
 * │ 'x' │ type │ 0    │ id u32 │ length u32 │ payload   │ 'x' │ type │ 1    │ id u32 │status u16│ length u32 │ payload
 * └─────┴──────┴──────┴────────┴────────────┴──         └─────┴──────┴──────┴────────┴──────────┴────────────┴──
 *  request                                               response; type: 0 heartbeat, 1 message, 2 go-away
 * ```
 */
const MAGIC = 'x'.charCodeAt(0)
const Type = { Heartbeat: 0, Message: 1, GoAway: 2 } as const

/** One protocol of this kind, which counts how often it is asked what. */
export class XExample {
  readonly asked: { service: number; method: number; header: number } = {
    service: 0,
    method: 0,
    header: 0,
  }
  readonly codec: FramedCodec
  readonly protocol: Protocol

  constructor(depth: Depth = Depth.Frames, name = 'x') {
    this.codec = { ...this.#frames(name), ...this.#inside(depth) }
    this.protocol = framed(this.codec)
  }

  #frames(name: string): FramedCodec {
    const compose = (kind: FrameKind, id: number, status = 0, text = ''): Frame =>
      read(xBytes(kind, id, status, text))
    const read = (buf: Buffer, start = 0, end = buf.length): Frame =>
      new Frame(this.protocol, kindAt(buf, start), idAt(buf, start), buf, start, end, true, null)
    return {
      name,
      maxId: 0x7fffffff,
      match: (head) => opening(head, 0, head.length),
      measure,
      read,
      readHead: (buf, start, end) =>
        end - start < 11 || opening(buf, start, end) !== Match.Yes
          ? null
          : asked(read(buf, start, end)),
      readdress: (frame, id) => void frame.buf.writeUInt32BE(id, frame.start + 3),
      idOf: ({ buf, start }) => idAt(buf, start),
      poolKey: () => 0,
      status: ({ buf, start }) => (buf.readUInt16BE(start + 7) === 0 ? 200 : 500),
      timeoutMs: () => 0,
      reply: (request, _outcome, sentence, status) =>
        compose(FrameKind.Response, request.id, status < 300 ? 0 : 1, sentence),
      heartbeat: (id) => compose(FrameKind.Heartbeat, id),
      heartbeatAck: (ask) => compose(FrameKind.HeartbeatAck, ask.id),
      goAway: () => compose(FrameKind.GoAway, 1),
    }
  }

  #inside(depth: Depth): Partial<FramedCodec> {
    const names: Partial<FramedCodec> = {
      service: (request) => {
        this.asked.service++
        return xWords(request)[0] || undefined
      },
      method: (request) => {
        this.asked.method++
        return xWords(request)[1]
      },
    }
    const headers: Partial<FramedCodec> = {
      header: (frame, name) => {
        this.asked.header++
        const found = xWords(frame).find((word) => word.startsWith(`${name}=`))
        return found?.slice(name.length + 1)
      },
      encode: () => false,
    }
    if (depth === Depth.Frames) return {}
    return depth === Depth.Names ? names : { ...names, ...headers }
  }
}

/** The bytes of a frame; `status` is of responses. */
export function xBytes(kind: FrameKind, id: number, status = 0, text = ''): Buffer {
  const answers = kind === FrameKind.Response || kind === FrameKind.HeartbeatAck
  const fixed = answers ? 13 : 11
  const buf = Buffer.alloc(fixed + Buffer.byteLength(text))
  const type = kind === FrameKind.GoAway ? Type.GoAway : answersOrAsks(kind)
  buf.set([MAGIC, type, answers ? 1 : 0])
  buf.writeUInt32BE(id, 3)
  if (answers) buf.writeUInt16BE(status, 7)
  buf.writeUInt32BE(buf.length - fixed, fixed - 4)
  buf.write(text, fixed)
  return buf
}

/** The words of a frame's payload. */
export function xWords({ buf, start, end }: Frame): string[] {
  return buf.toString('utf8', start + fixedBytes(buf, start), end).split(' ')
}

function answersOrAsks(kind: FrameKind): number {
  return kind === FrameKind.Heartbeat || kind === FrameKind.HeartbeatAck
    ? Type.Heartbeat
    : Type.Message
}

function opening(buf: Buffer, start: number, end: number): Match {
  const bounds = [MAGIC, Type.GoAway, 1]
  for (const [i, bound] of bounds.entries()) {
    if (start + i >= end) return Match.NeedMore
    const byte = buf[start + i]!
    if (i === 0 ? byte !== bound : byte > bound) return Match.No
  }
  return buf[start + 1] === Type.GoAway && buf[start + 2] === 1 ? Match.No : Match.Yes
}

function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match !== Match.Yes) return match === Match.No ? Measure.Invalid : Measure.NeedMore
  const fixed = fixedBytes(buf, start)
  return end - start < fixed ? Measure.NeedMore : fixed + buf.readUInt32BE(start + fixed - 4)
}

function kindAt(buf: Buffer, start: number): FrameKind {
  const response = buf[start + 2] === 1
  if (buf[start + 1] === Type.GoAway) return FrameKind.GoAway
  if (buf[start + 1] === Type.Message) return response ? FrameKind.Response : FrameKind.Request
  return response ? FrameKind.HeartbeatAck : FrameKind.Heartbeat
}

function asked(frame: Frame): Frame | null {
  return frame.kind === FrameKind.Request ? frame : null
}

function idAt(buf: Buffer, start: number): number {
  return buf.readUInt32BE(start + 3)
}

function fixedBytes(buf: Buffer, start: number): number {
  return buf[start + 2] === 1 ? 13 : 11
}
