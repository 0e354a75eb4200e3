import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Metrics, Turn, Wheel } from '@tulle/core'
import { HTTP2_DEFAULTS } from '@tulle/model'
import {
  type ClientOwner,
  type ClientSession,
  Connection,
  clusterFamily,
  type Far,
  type Frame,
  HpackDecoder,
  http2,
  listenerFamily,
  type Outcome,
  type Stream,
  sharedBuffer,
} from '@tulle/proxy'
import type { FuzzTarget } from './fuzz-run.ts'
import { CountingIntake, serverTarget, Wire } from './fuzz-session.ts'
import { HandClock } from './hand-clock.ts'
import { http2Answers, http2Frame, http2Greeting, http2Requests } from './http2-samples.ts'
import type { Dice } from './mutate.ts'

const HEAD_BYTES = 9
const PREFACE_BYTES = 24
const Type = { Headers: 1, Continuation: 9 } as const

/** A server session whose client sends a good greeting, and then anything. What it writes has to be good. */
export const http2ServerTarget: FuzzTarget = {
  ...server(),
  samples: http2Requests,
}

/** A client session with requests under way, whose host sends anything. */
export const http2ClientTarget: FuzzTarget = {
  name: 'h2 client',
  samples: http2Answers,
  feed: client(),
}

function server(): FuzzTarget {
  const target = serverTarget(http2, http2Requests, (out) => readFrames(out))
  return {
    ...target,
    feed: (bytes, dice) => target.feed(Buffer.concat([http2Greeting, shaped(bytes, dice)]), dice),
  }
}

function client(): FuzzTarget['feed'] {
  const clock = new HandClock()
  const turn = new Turn(clock)
  const wheel = new Wheel(clock)
  const metrics = new Metrics()
  const listener = metrics.series(listenerFamily, 'fuzz', 'h2')
  const stats = metrics.series(clusterFamily, 'fuzz')
  const asks = Buffer.concat([http2Greeting, http2Requests[1]!, ...pending()])
  return (bytes, dice) => {
    const wires = [new Wire(), new Wire()] as const
    const [near, far] = wires.map((wire) => new Connection(wire as unknown as Socket, turn, stats))
    const through = new Through(turn, wheel, stats, dice)
    const session = http2.client(far!, through)
    far!.owner = session
    const intake = new CountingIntake(turn, wheel, listener, through)
    const down = http2.server(near!, intake)
    near!.owner = down
    down.start()
    session.onConnect()
    near!.onRead(asks.copy(sharedBuffer), sharedBuffer)
    const said = shaped(bytes, dice)
    for (let at = 0; at < said.length; ) {
      const end = at + 1 + dice.below(dice.below(2) === 0 ? 8 : 400)
      far!.onRead(said.copy(sharedBuffer, 0, at, end), sharedBuffer)
      if (dice.below(4) === 0) turn.end()
      at = end
    }
    const answered = intake.ends
    assert.ok(session.inFlight >= 0 && session.inFlight <= intake.opened, 'what it carries')
    const order = dice.below(2) === 0 ? wires : wires.toReversed()
    for (const wire of order) {
      if (dice.below(2) === 0) wire.emit('end')
      turn.end()
      wire.emit('close')
      turn.end()
    }
    assert.equal(session.inFlight, 0, 'nothing is under way on a closed connection')
    assert.equal(through.closes, 1, 'the session said once that it is closed')
    assert.equal(intake.ends, intake.opened, 'every request has ended')
    assert.equal(wheel.size, 0, 'no timer is left behind')
    readFrames(wires[0].out)
    readFrames(wires[1].out.subarray(PREFACE_BYTES))
    return answered
  }
}

/** Requests that have not come whole: a body and tunnels, on streams 5, 7 and 9. */
function pending(): readonly Buffer[] {
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.of(0, name.length),
      Buffer.from(name),
      Buffer.of(value.length),
      Buffer.from(value),
    ])
  const common = [literal(':scheme', 'http'), literal(':authority', 'a'), literal(':path', '/')]
  const heads = [
    [literal(':method', 'PUT'), ...common],
    [literal(':method', 'CONNECT'), literal(':protocol', 'websocket'), ...common],
    [literal(':method', 'CONNECT'), literal(':authority', 'a:1')],
  ]
  return heads.map((fields, i) => http2Frame(Type.Headers, 4, 5 + 2 * i, Buffer.concat(fields)))
}

/** The bytes as they are, or cut into frames that are whole and of few streams, whatever they say. */
function shaped(bytes: Buffer, dice: Dice): Buffer {
  if (dice.below(3) === 0) return bytes
  const frames: Buffer[] = []
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const most = Math.min(bytes.readUIntBE(at, 3), 600, bytes.length - at - HEAD_BYTES)
    const payload = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + most)
    frames.push(http2Frame(bytes[at + 3]! % 11, bytes[at + 4]!, bytes[at + 8]! % 12, payload))
    at += HEAD_BYTES + most
  }
  return Buffer.concat(frames)
}

/** Whole frames of a length that every peer takes, with blocks that can be decoded. */
function readFrames(out: Buffer): void {
  const decoder = new HpackDecoder({ tableBytes: 4096 })
  const block: Buffer[] = []
  for (let at = 0; at < out.length; ) {
    assert.ok(at + HEAD_BYTES <= out.length, 'half a head of a frame was written')
    const length = out.readUIntBE(at, 3)
    const end = at + HEAD_BYTES + length
    assert.ok(length <= 16_384 && end <= out.length, 'a frame of a good length')
    const type = out[at + 3]!
    assert.ok(block.length === 0 || type === Type.Continuation, 'a block is not interrupted')
    if (type === Type.Headers || type === Type.Continuation) {
      block.push(out.subarray(at + HEAD_BYTES, end))
      if ((out[at + 4]! & 4) !== 0) {
        const whole = Buffer.concat(block.splice(0))
        assert.equal(decoder.decode(whole, 0, whole.length, { onField: () => true }), 0, 'a block')
      }
    }
    at = end
  }
}

/** Carries requests of one connection to another, and answers back, with pauses. */
class Through implements Far, ClientOwner {
  readonly address = 'fuzz'
  readonly idleTimeoutMs = 60_000
  readonly maxFrameBytes = 0
  readonly onlyFor = null
  readonly maxHeaderBytes = 4096
  readonly http2: ClientOwner['http2'] = HTTP2_DEFAULTS
  readonly turn: Turn
  readonly wheel: Wheel
  readonly stats: ClientOwner['stats']
  closes = 0
  readonly #dice: Dice
  #paused: Stream | null = null
  #session!: ClientSession

  constructor(turn: Turn, wheel: Wheel, stats: ClientOwner['stats'], dice: Dice) {
    this.#dice = dice
    this.turn = turn
    this.wheel = wheel
    this.stats = stats
  }

  onReady(session: ClientSession): void {
    this.#session = session
  }
  onRoom(): void {}
  onClosed(): void {
    this.closes++
  }

  onRequest(stream: Stream, frame: Frame): void {
    stream.up = this.#session
    this.#session.send(stream, frame)
  }
  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const flowing = stream.up?.sendData(stream, chunk, last) ?? true
    if (last) stream.settle()
    return flowing
  }
  onRequestTrailers(stream: Stream, frame: Frame): void {
    stream.up?.sendTrailers(stream, frame)
  }
  onResponse(stream: Stream, frame: Frame): boolean {
    return stream.chain.exit.onResponse(stream, frame)
  }
  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    this.#paused?.resumeResponse()
    this.#paused = null
    const flowing = stream.chain.exit.onResponseData(stream, chunk, last)
    if (last || this.#dice.below(8) !== 0) return flowing
    this.#paused = stream
    return false
  }
  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.chain.exit.onResponseTrailers(stream, frame)
  }
  onInterim(stream: Stream, frame: Frame): void {
    stream.down.respondInterim(stream, frame)
  }
  onReset(stream: Stream, outcome: Outcome, sentence: string): void {
    stream.up = null
    stream.answer(outcome, sentence)
  }
  onAbandon(stream: Stream): void {
    const { up } = stream
    stream.up = null
    up?.cancel(stream)
  }
  onConnection(): void {}
  onDue(): void {}
  pauseResponse(stream: Stream): void {
    stream.up?.pauseResponse(stream)
  }
  resumeResponse(stream: Stream): void {
    stream.up?.resumeResponse(stream)
  }
}
