import assert from 'node:assert/strict'
import {
  type Frame,
  FrameDecoder,
  type FramedCodec,
  FrameKind,
  Measure,
  Outcome,
} from '@tulle/proxy'
import type { FuzzTarget } from './fuzz-run.ts'
import type { Dice } from './mutate.ts'

const LIMIT = 1024 * 1024
const outcomes = Object.values(Outcome)

/** Feeds a codec bytes that may be anything: twice, in one piece and cut at random, which must give the same frames. */
export function codecTarget(codec: FramedCodec, samples: readonly Buffer[]): FuzzTarget {
  return {
    name: codec.name,
    samples,
    feed(bytes: Buffer, dice: Dice): number {
      codec.match(bytes)
      codec.readHead(bytes, 0, bytes.length)
      const found = scan(codec, bytes)
      const tally = new Tally(codec)
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + dice.below(64)
        tally.push(Buffer.from(bytes.subarray(at, end)))
        at = end
      }
      assert.equal(
        tally.ids.join(),
        found.map((frame) => frame.id).join(),
        'cuts change the frames',
      )
      for (const frame of found) handle(codec, frame, dice)
      return found.length
    },
  }
}

/** All frames from the front on, until the bytes end or begin none. */
function scan(codec: FramedCodec, bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let start = 0; start < bytes.length; ) {
    const length = codec.measure(bytes, start, bytes.length)
    assert.ok(Number.isSafeInteger(length) && length >= Measure.Invalid, `measure gave ${length}`)
    if (length <= 0 || length > LIMIT || length > bytes.length - start) break
    const frame = codec.read(bytes, start, start + length)
    if (frame === null) break
    assert.deepEqual([frame.start, frame.end], [start, start + length], 'a window of its own')
    assert.equal(codec.idOf(frame), frame.id, 'the id in the bytes')
    frames.push(frame)
    start += length
  }
  return frames
}

/** Does with a frame what a proxy does with it. */
function handle(codec: FramedCodec, frame: Frame, dice: Dice): void {
  const id = 1 + dice.below(codec.maxId)
  switch (frame.kind) {
    case FrameKind.Request:
    case FrameKind.Oneway: {
      text(codec.service?.(frame))
      text(codec.method?.(frame))
      assert.ok(codec.timeoutMs(frame) >= -1, 'a time-out is -1 or more')
      const outcome = dice.pick(outcomes)
      const reply = codec.reply(frame, outcome, 'fuzzed', outcome.status)
      assert.equal(reply.id, frame.id, 'the answer goes to who asked')
      wellFormed(codec, reply)
      const beat = codec.heartbeat(id, codec.poolKey(frame))
      if (beat !== null) wellFormed(codec, beat)
      break
    }
    case FrameKind.Response:
      assert.ok(codec.status(frame) >= 200 && codec.status(frame) <= 599, 'a status of HTTP')
      break
    case FrameKind.Heartbeat:
      wellFormed(codec, codec.heartbeatAck(frame))
      break
    default:
  }
  text(codec.header?.(frame, 'service'))
  codec.readdress(frame, id)
  assert.equal(codec.idOf(frame), id, 'the new id')
  wellFormed(codec, frame)
  if (frame.kind !== FrameKind.Request && frame.kind !== FrameKind.Response) return
  frame.set('x-fuzz', 'yes')
  if (!(codec.encode?.(frame) ?? false)) return
  wellFormed(codec, frame)
  assert.equal(codec.header!(frame, 'x-fuzz'), 'yes', 'what was set is there')
}

function text(value: string | undefined): void {
  assert.ok(value === undefined || typeof value === 'string')
}

/** A peer can read it. */
function wellFormed(codec: FramedCodec, { buf, start, end }: Frame): void {
  assert.equal(codec.measure(buf, start, end), end - start, 'the length says where it ends')
  assert.ok(codec.read(buf, start, end) !== null, 'what was written can be read')
}

/** Ids of the frames that come out of the decoder. */
class Tally {
  readonly ids: number[] = []
  readonly #decoder: FrameDecoder

  constructor(codec: FramedCodec) {
    this.#decoder = new FrameDecoder(codec, this, LIMIT)
  }

  push(chunk: Buffer): void {
    this.#decoder.push(chunk)
  }
  onFrame(frame: Frame): void {
    this.ids.push(frame.id)
  }
  onInvalid(): void {}
  onTooLarge(): void {}
}
