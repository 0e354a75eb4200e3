import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCommand } from './inline.ts'
import { argumentsOf } from './names.ts'
import { Got, RequestReader } from './request-reader.ts'

const LIMIT = 100_000

/** All commands that come out of chunks, and what ended the reading. */
function read(chunks: readonly Buffer[], limit = LIMIT): { words: string[][]; end: string } {
  const reader = new RequestReader(limit)
  const words: string[][] = []
  for (const chunk of chunks) {
    reader.add(chunk)
    for (;;) {
      const got = reader.next()
      if (got === Got.More) break
      if (got === Got.Bad) return { words, end: reader.fault }
      if (got === Got.TooLarge) return { words, end: `too large: ${reader.bytes}` }
      const { buf, start, end, nameStart, nameEnd } = reader
      const args = argumentsOf(buf, start, end).map((one) => one.toString('latin1'))
      expect(args.length).toBe(reader.count)
      expect(buf.toString('latin1', nameStart, nameEnd)).toBe(args[0])
      words.push(args)
    }
  }
  return { words, end: '' }
}

function bytewise(text: string): Buffer[] {
  return [...Buffer.from(text, 'latin1')].map((byte) => Buffer.from([byte]))
}

describe('commands', () => {
  it.each<[string, string[][], string]>([
    ['*1\r\n$4\r\nPING\r\n', [['PING']], ''],
    ['*2\r\n$3\r\nGET\r\n$0\r\n\r\n', [['GET', '']], ''],
    ['*2\r\n$3\r\nGET\r\n$4\r\n\r\n$1\r\n', [['GET', '\r\n$1']], ''],
    ['*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nping\r\nQUIT\r\n', [['PING'], ['ping'], ['QUIT']], ''],
    ['*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n', [['PING']], ''],
    ['\r\n\n  \r\nPING\n', [['PING']], ''],
    ['set "a \\"b\\"\\n\\x41\\q" \'c\\\'d\\n\'\r\n', [['set', 'a "b"\nAq', "c'd\\n"]], ''],
    ['a"b c"\r\n', [['ab c']], ''],
    ['get "open\r\n', [], 'unbalanced quotes in request'],
    ['get "a"b\r\n', [], 'unbalanced quotes in request'],
    ['*x\r\n', [], 'invalid multibulk length'],
    ['*\r\n', [], 'invalid multibulk length'],
    ['*-2\r\n', [], 'invalid multibulk length'],
    ['*1048577\r\n', [], 'invalid multibulk length'],
    ['*99999999999999999999\r\n', [], 'invalid multibulk length'],
    ['*1\r\n:4\r\n', [], "expected '$', got ':'"],
    ['*1\r\n$-1\r\n', [], 'invalid bulk length'],
    ['*1\r\n$4x\r\n', [], 'invalid bulk length'],
    ['*1\r\n$4\r\nPINGxx', [], 'a bulk string without its end'],
    ['*1\r\n$99999\r\n', [], 'too large: 100013'],
    ['*20000\r\n', [], 'too large: 120008'],
  ])('%j are read as %j', (text, words, end) => {
    expect(read([Buffer.from(text, 'latin1')])).toEqual({ words, end })
    expect(read(bytewise(text))).toEqual({ words, end })
  })

  it('come out whole however their bytes are cut', () => {
    const command = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), fc.array(fc.nat(3000)), (commands, cuts) => {
        const bytes = Buffer.concat(commands.map((words) => encodeCommand(words)))
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
        edges.sort((a, b) => a - b)
        const chunks = edges.slice(1).map((edge, i) => Buffer.from(bytes.subarray(edges[i], edge)))
        const words = commands.map((one) => one.map((word) => Buffer.from(word).toString('latin1')))
        expect(read(chunks.filter(({ length }) => length > 0))).toEqual({ words, end: '' })
      }),
    )
  })

  it('are refused as lines above 64 KiB before their end has come', () => {
    const line = Buffer.alloc(70_000, 'a')
    expect(read([line]).end).toBe('too big inline request')
    expect(read([line], 1000).end).toBe('too big inline request')
    expect(read([line.subarray(0, 2000)], 1000).end).toBe('too large: 2000')
  })

  it('that are read keep their bytes when more come', () => {
    const reader = new RequestReader(LIMIT)
    const set = encodeCommand([Buffer.from('SET'), Buffer.alloc(500, 'a'), Buffer.alloc(500, 'b')])
    const bytes = Buffer.concat([set, set, set])
    const held: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 100) {
      reader.add(Buffer.from(bytes.subarray(at, at + 100)))
      while (reader.next() === Got.Message) held.push(reader.buf.subarray(reader.start, reader.end))
    }
    expect(held).toEqual([set, set, set])
  })
})
