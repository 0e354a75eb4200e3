import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_DEPTH, ReplyReader } from './reply-reader.ts'
import { Got } from './request-reader.ts'

const LIMIT = 100_000

function read(chunks: readonly Buffer[], limit = LIMIT): { values: string[]; end: string } {
  const reader = new ReplyReader(limit)
  const values: string[] = []
  for (const chunk of chunks) {
    reader.add(chunk)
    for (;;) {
      const got = reader.next()
      if (got === Got.More) break
      if (got === Got.Bad) return { values, end: reader.fault }
      if (got === Got.TooLarge) return { values, end: `too large: ${reader.bytes}` }
      values.push(reader.buf.toString('latin1', reader.start, reader.end))
    }
  }
  return { values, end: '' }
}

function bytewise(text: string): Buffer[] {
  return [...Buffer.from(text, 'latin1')].map((byte) => Buffer.from([byte]))
}

const line = fc.string({ unit: fc.constantFrom(...'abc 012-:$*'), maxLength: 20 })
const bulk = fc.tuple(fc.constantFrom('$', '=', '!'), fc.string({ unit: 'binary', maxLength: 60 }))

/** Any value of RESP2 or RESP3, as its text in Latin-1. */
const { value } = fc.letrec<{ value: string; aggregate: string; list: string[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.constantFrom(...'+-:,(_#'), line).map(([type, text]) => `${type}${text}\r\n`),
    bulk.map(([type, text]) => {
      const bytes = Buffer.from(text).toString('latin1')
      return `${type}${bytes.length}\r\n${bytes}\r\n`
    }),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '*0\r\n', '%0\r\n'),
    tie('aggregate'),
  ),
  list: fc.array(tie('value'), { maxLength: 6 }),
  aggregate: fc
    .tuple(fc.constantFrom(...'*~>%|'), tie('list'), tie('value'))
    .map(([type, list, behind]) => {
      const items = type === '%' || type === '|' ? list.concat(list) : list
      const attribute = type === '|' ? behind : ''
      return `${type}${list.length}\r\n${items.join('')}${attribute}`
    }),
}))

describe('answers', () => {
  it.each<[string, string[], string]>([
    ['+OK\r\n', ['+OK\r\n'], ''],
    ['-ERR no\r\n:1\r\n', ['-ERR no\r\n', ':1\r\n'], ''],
    ['$-1\r\n*-1\r\n_\r\n', ['$-1\r\n', '*-1\r\n', '_\r\n'], ''],
    ['*2\r\n:1\r\n*1\r\n$2\r\nhi\r\n', ['*2\r\n:1\r\n*1\r\n$2\r\nhi\r\n'], ''],
    ['*0\r\n+a\r\n', ['*0\r\n', '+a\r\n'], ''],
    ['|1\r\n+ttl\r\n:5\r\n+OK\r\n+b\r\n', ['|1\r\n+ttl\r\n:5\r\n+OK\r\n', '+b\r\n'], ''],
    ['*1\r\n|0\r\n:7\r\n', ['*1\r\n|0\r\n:7\r\n'], ''],
    ['>1\r\n%1\r\n#t\r\n,1.5\r\n', ['>1\r\n%1\r\n#t\r\n,1.5\r\n'], ''],
    ['@5\r\n', [], 'a value of unknown type, byte 64'],
    ['*?\r\n', [], 'an aggregate without a count'],
    ['%-1\r\n', [], 'an aggregate without a count'],
    ['$?\r\n', [], 'a bulk string without a length'],
    ['!-1\r\n', [], 'a bulk string without a length'],
    ['$-2\r\n', [], 'a bulk string without a length'],
    ['$2\r\nhi!!', [], 'a bulk string without its end'],
    ['+a\rb\r\n', [], 'a line that is cut in two'],
    ['+a\nb\r\n', [], 'a line that is cut in two'],
    ['$99999\r\n', [], 'too large: 100009'],
    ['*40000\r\n', [], 'too large: 120008'],
    ['%30000\r\n', [], 'too large: 180008'],
    ['*999999999999\r\n', [], 'too large: 3000000000012'],
    ['*9999999999999\r\n', [], 'an aggregate without a count'],
  ])('%j are read as %j', (text, values, end) => {
    expect(read([Buffer.from(text, 'latin1')])).toEqual({ values, end })
    expect(read(bytewise(text))).toEqual({ values, end })
  })

  it('come out whole however their bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), fc.array(fc.nat(500)), (values, cuts) => {
        const bytes = Buffer.from(values.join(''), 'latin1')
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
        edges.sort((a, b) => a - b)
        const chunks = edges.slice(1).map((edge, i) => Buffer.from(bytes.subarray(edges[i], edge)))
        expect(read(chunks.filter(({ length }) => length > 0))).toEqual({ values, end: '' })
      }),
    )
  })

  it('may be nested so deep, and no deeper', () => {
    const deep = (levels: number): Buffer => Buffer.from(`${'*1\r\n'.repeat(levels)}:1\r\n`)
    expect(read([deep(MAX_DEPTH)]).values.length).toBe(1)
    expect(read([deep(MAX_DEPTH + 1)]).end).toBe(`values nested deeper than ${MAX_DEPTH}`)
    expect(read([Buffer.from('*1\r\n'.repeat(20_000))]).end).toContain('deeper')
  })

  it('are refused when what they hold adds up to more than the limit', () => {
    const item = `$90\r\n${'x'.repeat(90)}\r\n`
    expect(read([Buffer.from(`*20\r\n${item.repeat(20)}`)], 1000).end).toMatch(
      /^too large: 1\d{3}$/,
    )
    expect(read([Buffer.from(`+${'x'.repeat(2000)}`)], 1000).end).toBe('too large: 2001')
    expect(read([Buffer.from(`+${'x'.repeat(2000)}\r\n`)], 1000).end).toBe('too large: 2003')
  })
})
