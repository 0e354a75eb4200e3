import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import type { ClientOwner, ClientSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import type { Ask } from './command.ts'
import { ReplyReader, Resp } from './reply-reader.ts'
import { Got } from './request-reader.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * A connection to a host that one client has to itself: after the answers to what we said of the client, bytes pass as
 * they come. It is never used again, as nobody knows what the client has left it in.
 */
export class Tunnel {
  readonly #protocol: Protocol
  readonly #session: ClientSession
  readonly #owner: ClientOwner
  readonly #stream: Stream
  /** Reads the answers to the preamble; null behind them. */
  #preamble: ReplyReader | null = null
  #skip: number
  #begun = false
  #ended = false

  constructor(protocol: Protocol, session: ClientSession, stream: Stream, ask: Ask) {
    this.#protocol = protocol
    this.#session = session
    this.#owner = session.owner
    this.#stream = stream
    this.#skip = ask.skip
    if (ask.skip > 0) this.#preamble = new ReplyReader(session.owner.maxFrameBytes)
  }

  /** Whether bytes are passed on as they are. */
  get passes(): boolean {
    return this.#preamble === null
  }

  data(chunk: Buffer, last: boolean): boolean {
    const { connection } = this.#session
    const flowing = chunk.length === 0 || connection.write(chunk)
    if (last) connection.end()
    return flowing
  }

  onData(chunk: Buffer): void {
    const bytes = this.#preamble === null ? chunk : this.#behindPreamble(this.#preamble, chunk)
    if (bytes.length > 0) this.#passOn(bytes)
  }

  onEnd(): void {
    const stream = this.#stream
    if (!this.#begun) this.#fail('closed the connection')
    else if (stream.ended) this.#session.connection.end()
    else {
      this.#ended = true
      stream.chain.far.onResponseData(stream, NOTHING, true)
    }
  }

  onDrain(): void {
    this.#stream.resumeRequest()
  }

  onClose(error: Error | null): void {
    // What the client still sends is read for nobody, so that its end is seen.
    if (this.#ended) this.#stream.resumeRequest()
    else
      this.#fail(
        error === null ? 'closed the connection' : `broke the connection: ${error.message}`,
      )
  }

  /** What the host sends first begins the answer, and says how the command went that made the connection its own. */
  #passOn(chunk: Buffer): void {
    const stream = this.#stream
    if (stream.ended) return
    const { far } = stream.chain
    if (!this.#begun) {
      this.#begun = true
      const { length } = chunk
      far.onResponse(
        stream,
        new Frame(this.#protocol, FrameKind.Response, 0, chunk, 0, length, false, null),
      )
      // It may have been thrown away, to be asked for again elsewhere.
      if (stream.ended || stream.up !== this.#session) return
    }
    if (!far.onResponseData(stream, chunk, false)) this.#session.connection.pause()
  }

  /** What is left of the chunk when the answers to the preamble are taken off. */
  #behindPreamble(reader: ReplyReader, chunk: Buffer): Buffer {
    reader.add(chunk)
    while (this.#skip > 0) {
      const got = reader.next()
      if (got === Got.More) return NOTHING
      if (got !== Got.Message) {
        this.#owner.stats.cx_protocol_error++
        this.#fail(`broke the protocol: ${got === Got.Bad ? reader.fault : 'an answer too large'}`)
        this.#session.connection.destroy()
        return NOTHING
      }
      if (reader.buf[reader.start] !== Resp.Push) this.#skip--
    }
    this.#preamble = null
    return reader.input.rest()
  }

  #fail(what: string): void {
    const stream = this.#stream
    if (stream.ended || stream.up !== this.#session) return
    const sentence = `${this.#owner.address} ${what}`
    stream.chain.far.onReset(stream, Outcome.UpstreamReset, sentence, false)
  }
}
