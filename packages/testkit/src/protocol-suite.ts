import assert from 'node:assert/strict'
import {
  type Frame,
  FrameDecoder,
  type FramedCodec,
  FrameKind,
  type HeaderCodec,
  Match,
  Measure,
  Outcome,
} from '@tulle/proxy'
import fc from 'fast-check'
import type { FrameSample } from './frame-sample.ts'

/** What registers tests: vitest's or node:test's `describe` and `it`. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: (name: string, body: () => void) => unknown
}

const LIMIT = 64 * 1024 * 1024
/** Bytes that surround a frame under test: a codec that looks outside its window reads these. */
const AROUND = Buffer.from('tulle: these bytes belong to nobody')
const SENTENCE = 'nobody here, said the test'

/**
 * Holds a codec to its contract by sample frames, at least one of each kind that the protocol has.
 *
 * ```ts
 * describeCodec({ describe, it }, boltCodec, samples)
 * ```
 */
export function describeCodec(
  { describe, it }: Runner,
  codec: FramedCodec,
  samples: readonly FrameSample[],
): void {
  for (const sample of samples) {
    describe(`${codec.name}, ${sample.name}`, () => {
      it('is read whole, also from the middle of other bytes', () => readsWhole(codec, sample))
      it('needs more at every cut, and is never invalid', () => needsMore(codec, sample))
      it('is recognised by every beginning', () => recognises(codec, sample))
      it('comes out of single bytes', () => byteByByte(codec, sample))
      it('comes out twice of two at once', () => twoAtOnce(codec, sample))
      it('takes another id, and its own again', () => readdresses(codec, sample))
      it('is refused above the limit, with its head if it wants an answer', () =>
        refusesOversized(codec, sample))
      if (sample.kind === FrameKind.Request) answers(it, codec, sample)
      const { encode } = codec
      if (encode !== undefined && hasHeaders(sample.kind))
        it('takes edits of its headers, or leaves the bytes alone', () =>
          edits(codec as HeaderCodec, sample))
    })
  }
  describe(`${codec.name}, as a stream`, () => {
    it('gives the same frames however the bytes are cut', () => randomCuts(codec, samples))
    it('survives random bytes', () => garbage(codec, samples))
  })
}

function hasHeaders(kind: FrameKind): boolean {
  return kind === FrameKind.Request || kind === FrameKind.Oneway || kind === FrameKind.Response
}

function answers(it: Runner['it'], codec: FramedCodec, sample: FrameSample): void {
  it('gets an answer under its own id for every outcome', () => {
    const request = whole(codec, sample)
    codec.readdress(request, codec.maxId)
    for (const outcome of Object.values(Outcome)) {
      const reply = answered(codec, codec.reply(request, outcome, SENTENCE, outcome.status))
      assert.equal(reply.kind, FrameKind.Response, outcome.name)
      assert.equal(reply.id, sample.id, outcome.name)
      assert.equal(codec.status(reply) >= 400, outcome.status >= 300, outcome.name)
    }
  })
  it('shares a connection with heartbeats and their acknowledgements', () => {
    const beat = codec.heartbeat(7, codec.poolKey(whole(codec, sample)))
    if (beat === null) return
    const heard = reread(codec, beat)
    assert.equal(heard.kind, FrameKind.Heartbeat)
    assert.equal(heard.id, 7)
    assert.equal(codec.poolKey(heard), codec.poolKey(whole(codec, sample)))
    const ack = reread(codec, codec.heartbeatAck(heard))
    assert.equal(ack.kind, FrameKind.HeartbeatAck)
    assert.equal(ack.id, 7)
  })
  it('may be followed by a go-away', () => {
    for (const last of [null, whole(codec, sample)]) {
      const away = codec.goAway(last)
      if (away !== null) assert.equal(reread(codec, away).kind, FrameKind.GoAway)
    }
  })
}

function readsWhole(codec: FramedCodec, sample: FrameSample): void {
  const buf = Buffer.concat([AROUND, sample.bytes, AROUND])
  const start = AROUND.length
  const end = start + sample.bytes.length
  for (const seen of [end, buf.length])
    assert.equal(codec.measure(buf, start, seen), sample.bytes.length)
  const frame = codec.read(buf, start, end)
  assert.ok(frame !== null, 'read gives the frame')
  assert.equal(frame.start, start)
  assert.equal(frame.end, end)
  assert.equal(frame.protocol.name, codec.name)
  meansWhatItShould(codec, sample, frame)
  assert.ok(buf.equals(Buffer.concat([AROUND, sample.bytes, AROUND])), 'reading changes nothing')
}

function meansWhatItShould(codec: FramedCodec, sample: FrameSample, frame: Frame): void {
  assert.equal(frame.kind, sample.kind)
  assert.equal(frame.id, sample.id)
  assert.equal(codec.idOf(frame), sample.id)
  assert.equal(frame.last, true)
  assert.equal(frame.edits, null)
  if (sample.kind === FrameKind.Request || sample.kind === FrameKind.Oneway) {
    assert.equal(codec.service?.(frame), sample.service)
    assert.equal(codec.method?.(frame), sample.method)
    assert.equal(codec.timeoutMs(frame), sample.timeoutMs ?? 0)
  }
  if (sample.kind === FrameKind.Response) assert.equal(codec.status(frame), sample.status ?? 200)
  for (const [name, value] of Object.entries(sample.headers ?? {}))
    assert.equal(codec.header?.(frame, name), value, name)
  assert.equal(codec.header?.(frame, 'no-such-header'), undefined)
}

/** A length that is told before the frame is whole is the frame's, or the least it can be and more than is there. */
function needsMore(codec: FramedCodec, { bytes }: FrameSample): void {
  let least = 0
  for (let end = 0; end < bytes.length; end++) {
    const length = codec.measure(bytes, 0, end)
    assert.ok(length >= least && length <= bytes.length, `${end} bytes`)
    assert.ok(length === Measure.NeedMore || length > end, `${end} bytes`)
    least = length
    // The same cut, with the rest of the frame lying behind it or not.
    const alone = Buffer.from(bytes.subarray(0, end))
    assert.equal(codec.measure(alone, 0, end), length, `${end} bytes alone`)
  }
}

function recognises(codec: FramedCodec, { bytes }: FrameSample): void {
  let certain = false
  for (let end = 0; end <= bytes.length; end++) {
    const match = codec.match(bytes.subarray(0, end))
    assert.notEqual(match, Match.No, `${end} bytes`)
    assert.ok(!certain || match === Match.Yes, `${end} bytes: a yes stays a yes`)
    certain = match === Match.Yes
  }
  assert.ok(certain, 'the whole frame is recognised')
}

function byteByByte(codec: FramedCodec, sample: FrameSample): void {
  const seen = new Seen(codec)
  for (let i = 0; i < sample.bytes.length; i++) {
    assert.equal(seen.frames.length, 0, `${i} bytes`)
    seen.push(Buffer.from(sample.bytes.subarray(i, i + 1)))
  }
  assert.equal(seen.frames.length, 1)
  meansWhatItShould(codec, sample, seen.frames[0]!)
}

function twoAtOnce(codec: FramedCodec, sample: FrameSample): void {
  const seen = new Seen(codec)
  seen.push(Buffer.concat([sample.bytes, sample.bytes]))
  assert.equal(seen.frames.length, 2)
  for (const frame of seen.frames) meansWhatItShould(codec, sample, frame)
}

function readdresses(codec: FramedCodec, sample: FrameSample): void {
  const id = fc.integer({ min: 1, max: codec.maxId })
  fc.assert(
    fc.property(id, id, (first, second) => {
      const frame = whole(codec, sample)
      for (const next of [first, second]) {
        codec.readdress(frame, next)
        assert.equal(codec.idOf(frame), next)
        assert.equal(reread(codec, frame).id, next)
        assert.equal(frame.id, sample.id, 'the frame remembers the id it came with')
      }
      codec.readdress(frame, sample.id)
      const own = whole(codec, sample)
      codec.readdress(own, sample.id)
      if (own.end - own.start === sample.bytes.length)
        assert.ok(bytesOf(own).equals(sample.bytes), 'its own id gives its own bytes')
      assert.ok(bytesOf(frame).equals(bytesOf(own)), 'which id it had in between leaves no trace')
      meansWhatItShould(codec, sample, reread(codec, own))
    }),
    { numRuns: 20 },
  )
}

/** From the first byte on at which the length is known, a request can be answered. */
function refusesOversized(codec: FramedCodec, sample: FrameSample): void {
  const { bytes } = sample
  for (let end = 0; end <= bytes.length; end++) {
    const head = codec.readHead(Buffer.from(bytes.subarray(0, end)), 0, end)
    if (sample.kind !== FrameKind.Request) {
      assert.equal(head, null, `${end} bytes`)
      continue
    }
    if (codec.measure(bytes, 0, end) > 0) assert.ok(head !== null, `${end} bytes`)
    if (head === null) continue
    const { TooLarge } = Outcome
    const reply = answered(codec, codec.reply(head, TooLarge, SENTENCE, TooLarge.status))
    assert.equal(reply.id, sample.id)
    for (const name of Object.keys(sample.headers ?? {})) codec.header?.(head, name)
  }
  const seen = new Seen(codec, bytes.length - 1)
  seen.push(bytes)
  assert.deepEqual([seen.frames.length, seen.tooLarge], [0, bytes.length])
}

function edits(codec: HeaderCodec, sample: FrameSample): void {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), (name, value) => {
      const frame = whole(codec, sample)
      frame.set(`x-a-${name}`, value)
      frame.append('x-more', 'one')
      frame.append('x-more', 'two')
      if (!codec.encode(frame)) {
        assert.ok(bytesOf(frame).equals(sample.bytes), 'bytes that cannot be changed stay')
        return
      }
      assert.equal(frame.edits, null)
      const edited = reread(codec, frame)
      meansWhatItShould(codec, sample, edited)
      assert.equal(codec.header?.(edited, `x-a-${name}`), value)
      assert.equal(codec.header?.(edited, 'x-more'), 'one, two')
      edited.remove(`x-a-${name}`)
      edited.remove('x-more')
      assert.ok(codec.encode(edited))
      assert.ok(bytesOf(edited).equals(sample.bytes), 'what was added can be taken away')
    }),
    { numRuns: 30 },
  )
}

function randomCuts(codec: FramedCodec, samples: readonly FrameSample[]): void {
  const sequence = fc.array(fc.constantFrom(...samples), { minLength: 1, maxLength: 12 })
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(sequence, sizes, (sent, cuts) => {
      const bytes = Buffer.concat(sent.map((sample) => sample.bytes))
      const seen = new Seen(codec)
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + cuts[i % cuts.length]!
        seen.push(Buffer.from(bytes.subarray(at, end)))
        at = end
      }
      assert.equal(seen.frames.length, sent.length)
      for (let i = 0; i < sent.length; i++) meansWhatItShould(codec, sent[i]!, seen.frames[i]!)
    }),
  )
}

/** Random bytes behind random beginnings of real frames: lengths are whole numbers, nothing throws. */
function garbage(codec: FramedCodec, samples: readonly FrameSample[]): void {
  const beginning = fc
    .tuple(fc.constantFrom(...samples), fc.nat(48))
    .map(([sample, length]) => sample.bytes.subarray(0, length))
  fc.assert(
    fc.property(beginning, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
      const bytes = Buffer.concat([head, tail])
      const length = codec.measure(bytes, 0, bytes.length)
      assert.ok(Number.isSafeInteger(length) && length >= Measure.Invalid, `length ${length}`)
      codec.match(bytes)
      codec.readHead(bytes, 0, bytes.length)
      if (length <= 0 || length > bytes.length) return
      const frame = codec.read(bytes, 0, length)
      if (frame === null) return
      codec.service?.(frame)
      codec.method?.(frame)
      codec.header?.(frame, 'x')
      frame.set('x', 'y')
      codec.encode?.(frame)
    }),
    { numRuns: 500 },
  )
}

/** What came out of a decoder. */
class Seen {
  readonly frames: Frame[] = []
  tooLarge = 0
  readonly #decoder: FrameDecoder

  constructor(codec: FramedCodec, limit = LIMIT) {
    this.#decoder = new FrameDecoder(codec, this, limit)
  }

  push(chunk: Buffer): void {
    this.#decoder.push(chunk)
  }
  onFrame(frame: Frame): void {
    this.frames.push(frame)
  }
  onInvalid(what: string): void {
    assert.fail(what)
  }
  onTooLarge(_head: Frame | null, bytes: number): void {
    this.tooLarge = bytes
  }
}

/** The sample read from bytes of its own, which the test may change. */
function whole(codec: FramedCodec, sample: FrameSample): Frame {
  const frame = codec.read(Buffer.from(sample.bytes), 0, sample.bytes.length)
  assert.ok(frame !== null, `${sample.name} can be read`)
  return frame
}

/** The same bytes read by the codec again, as the peer would. */
function reread(codec: FramedCodec, { buf, start, end }: Frame): Frame {
  assert.equal(codec.measure(buf, start, end), end - start)
  const frame = codec.read(Buffer.from(buf.subarray(start, end)), 0, end - start)
  assert.ok(frame !== null, 'what the codec wrote it can read')
  return frame
}

/** The same for an answer, which the peer knows to come from a host. */
function answered(codec: FramedCodec, frame: Frame): Frame {
  const read = reread(codec, frame)
  return codec.asAnswer?.(read) ?? read
}

function bytesOf(frame: Frame): Buffer {
  return frame.buf.subarray(frame.start, frame.end)
}
