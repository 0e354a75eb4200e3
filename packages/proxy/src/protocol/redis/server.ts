import type { Flushable } from '@tulle/core'
import type { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import type { Intake } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { Ask, type Command, Handling, Lane } from './command.ts'
import { findCommand, UNKNOWN } from './commands.ts'
import { encodeCommand } from './inline.ts'
import { argumentsOf } from './names.ts'
import { Order } from './order.ts'
import { PatientServer } from './patient-server.ts'
import { error, simple } from './reply.ts'
import { Got, RequestReader } from './request-reader.ts'
import { type Decision, decide, type Persona } from './special.ts'
import { statusOf } from './status.ts'

const NOTHING: Buffer = Buffer.alloc(0)
/**
 * Commands of one client without an answer: more are read when some have theirs. A long pipeline alone is to stay below
 * what a cluster lets be under way (`max_requests`, 1024 by default).
 */
const MOST_OPEN = 128
/** What browsers that were tricked into speaking to Redis begin with; servers close on it, and so do we. */
const NOT_REDIS: readonly string[] = ['POST', 'HOST:']

/**
 * A client's connection: commands, answered in their order wherever they went. A command that what follows depends on
 * makes the connection a tunnel to a connection of the client's own, once all before it are answered.
 *
 * ```
 *   serving ──▶ tunnel                              bytes go both ways unread, until both sides end
 *      │  ▲
 *      ▼  │ answered
 *   waiting: a command's turn comes when all before it are answered; or HELLO decides what those after it speak
 * ```
 */
export class RedisServer extends PatientServer implements Flushable {
  readonly #protocol: Protocol
  readonly #reader: RequestReader
  readonly #order: Order
  readonly #persona: Persona = { lane: Lane.Resp2, name: '' }
  /** The command that was read last waits for those before it. */
  #held = false
  /** HELLO, while it is not known whether the host speaks that version. */
  #hello: Stream | null = null
  #wanted: Lane = Lane.Resp2
  #tunnel: Stream | null = null
  #reading = false
  #later = false
  #halfClosed = false

  constructor(protocol: Protocol, connection: Connection, intake: Intake) {
    super(connection, intake)
    this.#protocol = protocol
    this.#reader = new RequestReader(intake.settings.maxFrameBytes)
    this.#order = new Order((buf, start, end) => this.write(buf, start, end))
  }

  get inFlight(): number {
    return this.#order.size + (this.#tunnel === null ? 0 : 1)
  }

  protected override get owes(): boolean {
    return this.#order.size > 0
  }

  protected override get tunnelled(): boolean {
    return this.#tunnel !== null
  }

  override passes(): boolean {
    return this.#tunnel !== null
  }

  onData(chunk: Buffer): void {
    if (this.#tunnel !== null) return this.#passOn(this.#tunnel, chunk)
    if (this.ending) return
    this.noteActive()
    this.#reader.add(chunk)
    this.#read()
  }

  /** Goes on with commands that had to wait. */
  flush(): void {
    this.#later = false
    this.#read()
  }

  onEnd(): void {
    this.#halfClosed = true
    const tunnel = this.#tunnel
    if (tunnel === null) this.#read()
    else if (!tunnel.ended) tunnel.chain.entry.onRequestData(tunnel, NOTHING, true)
  }

  onDrain(): void {
    this.slowReader = false
    this.settlePause()
    this.#tunnel?.resumeResponse()
  }

  onClose(failure: Error | null): void {
    this.intake.wheel.clear(this)
    this.ending = true
    this.#reader.input.clear()
    this.#abandon(failure === null ? 'the client closed' : `the client: ${failure.message}`)
    this.intake.closed(this)
  }

  respond(stream: Stream, frame: Frame): boolean {
    if (stream === this.#tunnel) return this.#openTunnel(stream, frame)
    const answer = this.#withoutEdits(stream, frame)
    stream.responseBytes = answer.end - answer.start
    if (stream === this.#hello) {
      this.#hello = null
      if (statusOf(answer) < 400) this.#persona.lane = this.#wanted
    }
    const { size } = this.#order
    this.#order.answer(stream, answer)
    if (size >= MOST_OPEN || this.#held || this.paused || this.#halfClosed) this.#readLater()
    this.closeWhenDone()
    return true
  }

  respondData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream !== this.#tunnel) return true
    const flowing = chunk.length === 0 || this.connection.write(chunk)
    if (last) this.connection.end()
    return flowing
  }
  respondTrailers(): void {}
  respondInterim(): void {}

  /** Only a tunnel can be cut short: what else is answered is answered whole. */
  abort(stream: Stream): void {
    if (stream === this.#tunnel) this.connection.close()
  }

  /** Commands come whole: only the connection can be paused, by each host that is full of what this client sends. */
  pauseRequest(stream: Stream | null): void {
    if (stream === null || stream === this.#tunnel) this.hostFull(stream !== null)
  }

  resumeRequest(stream: Stream | null): void {
    if (stream === null || stream === this.#tunnel) this.hostDrained(stream !== null)
  }

  // ── commands ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #read(): void {
    if (this.#reading) return
    this.#reading = true
    while (this.mayRead && this.#next()) {}
    this.#reading = false
    if (this.#tunnel !== null || this.ending) return
    if (this.mayRead) {
      if (this.#halfClosed) this.finish()
      else this.settlePause()
    } else this.pause()
  }

  protected override get mayRead(): boolean {
    if (this.ending || this.#tunnel !== null || this.#hello !== null) return false
    return this.#held ? this.#order.size === 0 : this.#order.size < MOST_OPEN
  }

  /** False: what comes next is not whole. */
  #next(): boolean {
    const got = this.#held ? Got.Message : this.#reader.next()
    if (got === Got.More) return false
    this.#held = false
    if (got === Got.Message) this.#command()
    else if (got === Got.Bad) this.#refuse(this.#reader.fault)
    else this.#tooLarge(this.#reader.bytes)
    return true
  }

  #command(): void {
    const { buf, start, end, nameStart, nameEnd } = this.#reader
    const command = findCommand(buf, nameStart, nameEnd)
    if (command.handling === Handling.Share) this.#share(command, this.#persona.lane)
    else if (command.handling === Handling.Own) this.#own(command)
    else this.#special(command, decide(command, argumentsOf(buf, start, end), this.#persona))
  }

  #share(command: Command, lane: Lane): Stream {
    const { buf, start, end } = this.#reader
    const ask = command.asks[lane === Lane.Resp3 ? 1 : 0]
    const frame = new Frame(this.#protocol, FrameKind.Request, 0, buf, start, end, true, ask)
    const stream = this.intake.open(this, frame)
    stream.requestBytes = end - start
    this.#order.enter(stream)
    stream.chain.entry.onRequest(stream, frame)
    return stream
  }

  #special(command: Command, decision: Decision): void {
    switch (decision.kind) {
      case 'share':
        this.#share(command, this.#persona.lane)
        return
      case 'own':
        return this.#own(command)
      case 'say':
        return this.#order.enter(decision.bytes)
      case 'quit':
        this.#order.enter(simple('OK'))
        return this.finish()
      case 'reset':
        if (this.#mustWait()) return
        this.#persona.lane = Lane.Resp2
        this.#persona.name = ''
        return this.#order.enter(simple('RESET'))
      case 'hello':
        if (!this.#mustWait()) this.#greet(command, decision.lane)
    }
  }

  /** What follows goes over connections of that version, if the host says that it speaks it. */
  #greet(command: Command, lane: Lane): void {
    this.#wanted = lane
    const stream = this.#share(command, lane)
    if (stream.near === null && !stream.ended) this.#hello = stream
    else if (stream.status > 0 && stream.status < 400) this.#persona.lane = lane
  }

  /** Whether the command stands back until all before it are answered. */
  #mustWait(): boolean {
    this.#held = this.#order.size > 0
    return this.#held
  }

  #tooLarge(bytes: number): void {
    this.intake.stats.rq_too_large++
    const limit = this.intake.settings.maxFrameBytes
    const head = new Frame(this.#protocol, FrameKind.Request, 0, NOTHING, 0, 0, true, UNREAD)
    const stream = this.intake.open(this, head)
    this.#order.enter(stream)
    const sentence = `a command of ${bytes} bytes is above max_frame_bytes (${limit})`
    stream.answer(Outcome.TooLarge, sentence)
    this.finish()
  }

  /** What comes is not Redis: says so in its place, and closes. */
  #refuse(fault: string): void {
    this.intake.stats.cx_protocol_error++
    this.#order.enter(error(400, `Protocol error: ${fault}`))
    this.finish()
  }

  /** Answers have no place for headers. An error goes as it is: it is worth more than they are. */
  #withoutEdits(stream: Stream, frame: Frame): Frame {
    if (frame.edits === null) return frame
    frame.edits = null
    if (statusOf(frame) >= 400) return frame
    const said = `${this.intake.hop}: proxy: headers cannot be added to an answer of redis`
    stream.explain(Outcome.UpstreamProtocol, said)
    return this.#protocol.reply(stream.request, Outcome.UpstreamProtocol, said, 502).frame
  }

  protected override forget(): void {
    this.#held = false
    this.#reader.input.clear()
  }

  // ── a connection of the client's own ───────────────────────────────────────────────────────────────────────────────

  #own(command: Command): void {
    const { buf, nameStart, nameEnd } = this.#reader
    if (command === UNKNOWN && isNotRedis(buf, nameStart, nameEnd)) {
      this.intake.stats.cx_protocol_error++
      this.finish()
    } else if (!this.#mustWait()) this.#begin(command)
  }

  /** The request begins with what brings a new connection to where the client is; of that it sees no answers. */
  #begin(command: Command): void {
    const { buf, start, end, input } = this.#reader
    const { lane, name } = this.#persona
    const before: Buffer[] = []
    if (lane === Lane.Resp3) before.push(HELLO_3)
    if (name !== '') before.push(encodeCommand([CLIENT, SETNAME, Buffer.from(name, 'latin1')]))
    const bytes = Buffer.concat([...before, buf.subarray(start, end)])
    const ask = new Ask(command, Lane.Own, bytes.length - (end - start), before.length)
    const { length } = bytes
    const frame = new Frame(this.#protocol, FrameKind.Request, 0, bytes, 0, length, false, ask)
    const rest = input.rest()
    const stream = this.intake.open(this, frame)
    stream.tunnel = true
    stream.requestBytes = end - start
    this.bound = true
    this.#tunnel = stream
    this.intake.wheel.clear(this)
    this.settlePause()
    stream.chain.entry.onRequest(stream, frame)
    if (rest.length > 0) this.#passOn(stream, rest)
    if (this.#halfClosed && !stream.ended) stream.chain.entry.onRequestData(stream, NOTHING, true)
  }

  #passOn(stream: Stream, chunk: Buffer): void {
    if (stream.ended || this.ending) return
    stream.requestBytes += chunk.length
    if (stream.chain.entry.onRequestData(stream, chunk, false)) return
    if (stream === this.#tunnel && !stream.ended) this.pauseRequest(stream)
  }

  /**
   * The host is there: what it sends follows. An answer that is whole says that none will be: nothing behind the command
   * may go elsewhere then, so the connection ends with it.
   */
  #openTunnel(stream: Stream, frame: Frame): boolean {
    if (!frame.last) return true
    stream.requestDone = true
    stream.requestDoneAt = this.intake.turn.now
    this.#tunnel = null
    this.write(frame.buf, frame.start, frame.end)
    this.finish()
    return true
  }

  #readLater(): void {
    if (this.#later || this.#reading) return
    this.#later = true
    this.intake.turn.later(this)
  }

  #abandon(sentence: string): void {
    const tunnel = this.#tunnel
    this.#tunnel = null
    tunnel?.abandon(sentence)
    for (const stream of this.#order.clear()) stream.abandon(sentence)
  }
}

const CLIENT: Buffer = Buffer.from('CLIENT')
const SETNAME: Buffer = Buffer.from('SETNAME')
const HELLO_3: Buffer = encodeCommand([Buffer.from('HELLO'), Buffer.from('3')])
/** Of a command whose bytes are not read. */
const UNREAD: Ask = UNKNOWN.asks[0]

function isNotRedis(buf: Buffer, start: number, end: number): boolean {
  return NOT_REDIS.includes(buf.toString('latin1', start, Math.min(end, start + 8)).toUpperCase())
}
