import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { data, frame, greeting, headers, ping, settings, windowUpdate } from './harness-frames.ts'
import { FrameReader, type FrameSink } from './reader.ts'
import { ErrorCode, FrameType, PREFACE } from './wire.ts'

/** Writes down what it is told; pieces of data are put together as a taker would. */
class Log implements FrameSink {
  readonly frames: string[] = []
  /** Of each stream: bytes, padding, and whether it ended. */
  readonly data = new Map<number, { text: string; overhead: number; ends: number }>()
  readonly broken: ErrorCode[] = []

  onFrame(type: number, flags: number, id: number, buf: Buffer, start: number, end: number): void {
    this.frames.push(`${type} ${flags} ${id} ${buf.toString('hex', start, end)}`)
  }
  onData(id: number, chunk: Buffer, overhead: number, end: boolean): void {
    const one = this.data.get(id) ?? { text: '', overhead: 0, ends: 0 }
    one.text += chunk.toString('latin1')
    one.overhead += overhead
    if (end) one.ends++
    this.data.set(id, one)
  }
  onBroken(code: ErrorCode): void {
    this.broken.push(code)
  }
}

function logOf(bytes: Buffer, cuts: readonly number[], preface = false): Log {
  const log = new Log()
  const reader = new FrameReader(log, preface)
  let from = 0
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    reader.push(Buffer.from(bytes.subarray(from, cut)))
    from = cut
  }
  expect(reader.partial).toBe(false)
  return log
}

const frames = fc.oneof(
  fc
    .tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.nat(255),
      fc.nat(9),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([type, flags, id, payload]) => frame(type, flags, id, Buffer.from(payload))),
  fc
    .tuple(fc.nat(9), fc.string({ maxLength: 80 }), fc.boolean(), fc.integer({ min: -1, max: 30 }))
    .map(([id, text, end, pad]) => data(id, text, end, pad)),
)

describe('a reader of frames', () => {
  it('gives the same for the same bytes, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frames, { maxLength: 12 }),
        fc.boolean(),
        fc.array(fc.nat(1000), { maxLength: 40 }),
        (list, preface, cuts) => {
          const bytes = Buffer.concat(preface ? [PREFACE, ...list] : list)
          const whole = logOf(bytes, [], preface)
          const inBounds = cuts.filter((cut) => cut < bytes.length)
          const cut = logOf(bytes, inBounds, preface)
          const single = logOf(bytes, Array.from(bytes.keys()), preface)
          for (const other of [cut, single]) {
            expect(other.frames).toEqual(whole.frames)
            expect(other.data).toEqual(whole.data)
          }
          expect(whole.broken).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('hands data on as it comes, with its end behind the last byte', () => {
    const log = new Log()
    const reader = new FrameReader(log, false)
    const bytes = data(1, 'hello', true)
    reader.push(bytes.subarray(0, 12))
    expect(log.data.get(1)).toEqual({ text: 'hel', overhead: 0, ends: 0 })
    expect(reader.inData).toBe(true)
    reader.push(bytes.subarray(12))
    expect(log.data.get(1)).toEqual({ text: 'hello', overhead: 0, ends: 1 })
    expect(reader.inData).toBe(false)
  })

  it('counts padding once, with its length byte, and ends before it has come', () => {
    const log = new Log()
    const reader = new FrameReader(log, false)
    const bytes = data(1, 'abc', true, 200)
    reader.push(bytes.subarray(0, 14))
    expect(log.data.get(1)).toEqual({ text: 'abc', overhead: 201, ends: 1 })
    reader.push(bytes.subarray(14))
    reader.push(ping())
    expect(log.frames).toHaveLength(1)
  })

  it('tells a frame of nothing but padding as a piece of nothing', () => {
    const { data: all } = logOf(Buffer.concat([data(1, '', false, 9), data(3, '', true)]), [])
    expect(all.get(1)).toEqual({ text: '', overhead: 10, ends: 0 })
    expect(all.get(3)).toEqual({ text: '', overhead: 0, ends: 1 })
  })

  it('leaves the highest bit of an id away', () => {
    const bytes = windowUpdate(5, 1)
    bytes[5]! |= 0x80
    expect(logOf(bytes, []).frames[0]).toMatch(/^8 0 5 /)
  })

  const broken: readonly (readonly [string, ErrorCode, Buffer, boolean])[] = [
    [
      'a frame above 16 KB',
      ErrorCode.FrameSizeError,
      frame(FrameType.Headers, 4, 1, Buffer.alloc(16_385)),
      false,
    ],
    ['DATA above 16 KB', ErrorCode.FrameSizeError, data(1, Buffer.alloc(16_385)), false],
    [
      'an unknown frame above 16 KB',
      ErrorCode.FrameSizeError,
      frame(77, 0, 0, Buffer.alloc(20_000)),
      false,
    ],
    [
      'padding as long as its frame',
      ErrorCode.ProtocolError,
      frame(FrameType.Data, 8, 1, Buffer.of(3, 1, 1)),
      false,
    ],
    ['padded DATA of nothing', ErrorCode.ProtocolError, frame(FrameType.Data, 8, 1), false],
    ['no preface', ErrorCode.ProtocolError, Buffer.from('GET /a/long/path HTTP/1.1\r\n\r\n'), true],
    [
      'a short request of HTTP/1',
      ErrorCode.ProtocolError,
      Buffer.from('GET / HTTP/1.0\r\n\r\n'),
      true,
    ],
    [
      'a preface with a mistake',
      ErrorCode.ProtocolError,
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r!'),
      true,
    ],
  ]
  it.each(broken)('breaks at %s, and reads nothing after it', (_name, code, bytes, preface) => {
    for (const step of [bytes.length, 1]) {
      const log = new Log()
      const reader = new FrameReader(log, preface)
      const all = Buffer.concat([bytes, ping(), settings()])
      for (let at = 0; at < all.length; at += step) reader.push(all.subarray(at, at + step))
      expect(log.broken).toEqual([code])
      expect(log.frames).toEqual([])
    }
  })

  it('holds one frame at most', () => {
    const log = new Log()
    const reader = new FrameReader(log, true)
    const bytes = Buffer.concat([greeting(), headers(1, Buffer.alloc(16_384))])
    reader.push(bytes.subarray(0, bytes.length - 1))
    expect(reader.partial).toBe(true)
    reader.push(bytes.subarray(bytes.length - 1))
    expect(reader.partial).toBe(false)
    expect(log.frames).toHaveLength(2)
  })

  it('reads no more once it is stopped, even from the same bytes', () => {
    const log = new Log()
    const reader: FrameReader = new FrameReader(
      {
        onFrame: (type, flags, id, buf, start, end) => {
          log.onFrame(type, flags, id, buf, start, end)
          reader.stop()
        },
        onData: () => {},
        onBroken: () => {},
      },
      false,
    )
    reader.push(Buffer.concat([ping(), ping(), ping()]))
    reader.push(ping())
    expect(log.frames).toHaveLength(1)
  })
})
