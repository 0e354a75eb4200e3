import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS } from '@tulle/model'
import {
  Chain,
  Connection,
  type Far,
  type Frame,
  type Intake,
  type IntakeSettings,
  type Layer,
  type ListenerSeries,
  listenerFamily,
  Outcome,
  type Protocol,
  type ServerSession,
  Stream,
  sharedBuffer,
} from '@tulle/proxy'
import type { FuzzTarget } from './fuzz-run.ts'
import { HandClock } from './hand-clock.ts'
import type { Dice } from './mutate.ts'

const settings: IntakeSettings = {
  idleTimeoutMs: 60_000,
  streamIdleTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  headerTimeoutMs: 60_000,
  drainTimeoutMs: 5000,
  maxHeaderBytes: 4096,
  maxHeaders: 32,
  maxFrameBytes: 1024 * 1024,
  acceptHttp10: true,
  defaultHostForHttp10: '',
  serverName: null,
  goAway: true,
  http2: HTTP2_DEFAULTS,
}

/**
 * Feeds a protocol's server session bytes that may be anything, in cuts that may be any, as a client would that then
 * closes. Requests it finds are answered at once, when they are whole, or never. In the end every stream has to be over;
 * `check` looks at all that was written.
 */
export function serverTarget(
  protocol: Protocol,
  samples: readonly Buffer[],
  check: (out: Buffer) => void = () => {},
): FuzzTarget {
  const clock = new HandClock()
  const turn = new Turn(clock)
  const wheel = new Wheel(clock)
  const stats = new Metrics().series(listenerFamily, 'fuzz', protocol.name)
  return {
    name: `${protocol.name} server`,
    samples,
    feed(bytes: Buffer, dice: Dice): number {
      protocol.match(bytes)
      const intake = new CountingIntake(turn, wheel, stats, new Moody(dice))
      const socket = new Wire()
      const connection = new Connection(socket as unknown as Socket, turn, stats)
      const session = protocol.server(connection, intake)
      connection.owner = session
      session.start()
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + dice.below(dice.below(2) === 0 ? 8 : 400)
        connection.onRead(bytes.copy(sharedBuffer, 0, at, end), sharedBuffer)
        if (dice.below(4) === 0) turn.end()
        at = end
      }
      if (dice.below(2) === 0) socket.emit('end')
      turn.end()
      socket.emit('close')
      turn.end()
      assert.equal(intake.ends, intake.opened, 'every request that was opened has ended')
      assert.equal(intake.closes, 1, 'the session said once that it is closed')
      assert.equal(wheel.size, 0, 'no timer is left behind')
      check(socket.out)
      return intake.opened
    },
  }
}

/** As much of an intake as a session needs, with the books open. */
export class CountingIntake implements Intake {
  readonly hop = 'fuzz'
  readonly settings: IntakeSettings = settings
  readonly stats: ListenerSeries
  readonly draining = false
  readonly turn: Turn
  readonly wheel: Wheel
  readonly chain: Chain
  opened = 0
  ends = 0
  closes = 0

  constructor(turn: Turn, wheel: Wheel, stats: ListenerSeries, far: Far) {
    this.turn = turn
    this.wheel = wheel
    this.stats = stats
    this.chain = new Chain(new Near(), [], far)
  }

  open(session: ServerSession, request: Frame): Stream {
    this.opened++
    return new Stream(session, this.chain, request, this.turn.now)
  }
  ended(): void {
    this.ends++
  }
  closed(): void {
    this.closes++
  }
}

/** Sends answers to the client. */
class Near implements Layer {
  onRequest(): void {}
  onRequestData(): boolean {
    return true
  }
  onRequestTrailers(): void {}

  onResponse(stream: Stream, frame: Frame): boolean {
    stream.responseBegun = true
    const flowing = stream.down.respond(stream, frame)
    if (frame.last) stream.end()
    return flowing
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const flowing = stream.down.respondData(stream, chunk, last)
    if (last) stream.end()
    return flowing
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.down.respondTrailers(stream, frame)
    stream.end()
  }
}

/** A far end that answers at once, when the request is whole, or never, looks at requests as routes do, and may pause. */
class Moody implements Far {
  readonly #dice: Dice
  #paused: Stream | null = null

  constructor(dice: Dice) {
    this.#dice = dice
  }

  onRequest(stream: Stream, frame: Frame): void {
    const { protocol } = frame
    for (const value of [protocol.service(frame), protocol.method(frame), frame.header('x-fuzz')])
      assert.ok(value === undefined || typeof value === 'string')
    assert.ok(protocol.timeoutMs(frame) >= -1)
    assert.ok(frame.start <= frame.end && frame.end <= frame.buf.length, 'a window on its bytes')
    if (this.#dice.below(3) === 0) stream.answer(Outcome.NoRoute, 'no route here')
    else if (stream.oneway)
      stream.end() // Sent: nothing will come back, and no client takes it back.
    else if (frame.last) this.#whole(stream)
  }
  onRequestData(stream: Stream, _chunk: Buffer, last: boolean): boolean {
    this.#paused?.resumeRequest()
    this.#paused = null
    if (last) this.#whole(stream)
    if (last || this.#dice.below(8) !== 0) return true
    this.#paused = stream
    return false
  }
  onRequestTrailers(stream: Stream, frame: Frame): void {
    frame.header('x-fuzz')
    this.#whole(stream)
  }

  #whole(stream: Stream): void {
    if (this.#dice.below(8) !== 0) stream.answer(Outcome.Overflow, 'busy')
  }

  onResponse(): boolean {
    return true
  }
  onResponseData(): boolean {
    return true
  }
  onResponseTrailers(): void {}
  onConnection(): void {}
  onInterim(): void {}
  onReset(): void {}
  onAbandon(): void {}
  onDue(): void {}
  pauseResponse(): void {}
  resumeResponse(): void {}
}

/** A socket that keeps what is written. */
export class Wire extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  readonly localAddress = '127.0.0.1'
  readonly localPort = 2
  readonly writableLength = 0
  readonly writableNeedDrain = false

  readonly #written: Buffer[] = []

  get out(): Buffer {
    return Buffer.concat(this.#written)
  }

  write(bytes: Buffer): boolean {
    this.#written.push(Buffer.from(bytes))
    return true
  }
  end(): void {}
  destroy(): void {}
  destroySoon(): void {}
  resetAndDestroy(): void {}
  pause(): void {}
  resume(): void {}
  cork(): void {}
  uncork(): void {}
}
