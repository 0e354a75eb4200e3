import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { HpackDecoder } from './decoder.ts'
import { HpackEncoder } from './encoder.ts'
import { type Field, field, Indexing } from './field.ts'
import {
  fieldsOf,
  indexed,
  integer,
  Literal,
  literal,
  type Pair,
  sizeUpdate,
  tableOf,
} from './harness.ts'

const out = Buffer.alloc(65_536)
let encoder: HpackEncoder

beforeEach(() => {
  encoder = new HpackEncoder()
})

describe('HpackEncoder', () => {
  it('writes static pairs as one byte', () => {
    expect(write(field(':method', 'GET'))).toEqual(indexed(2))
    expect(pair('www-authenticate', '')).toEqual(indexed(61))
    expect(pair(':status', '404')).toEqual(indexed(13))
  })

  it('writes a value that is new each time as a literal beside the index of its name', () => {
    for (let i = 0; i < 100; i++) {
      expect(pair(':path', `/${i}`)).toEqual(literal(Literal.Plain, 4, `/${i}`))
    }
  })

  it('lets a value enter the table with its second time', () => {
    const path = field(':path', '/often', Indexing.Without)
    expect(write(path)).toEqual(literal(Literal.Plain, 4, '/often'))
    expect(write(path)).toEqual(literal(Literal.Entering, 4, '/often'))
    expect(write(path)).toEqual(indexed(62))
    expect(pair(':path', '/often')).toEqual(indexed(62))
    expect(write(field(':path', '/often'))).toEqual(indexed(62))
  })

  it('lets a name of its own enter the table with its second time, for values that change', () => {
    const request = (id: number): Buffer => pair('x-request-id', `id-${id}`)
    expect(request(1)).toEqual(literal(Literal.Plain, 'x-request-id', 'id-1'))
    expect(request(2)).toEqual(literal(Literal.Entering, 'x-request-id', 'id-2'))
    for (let i = 3; i < 100; i++) expect(request(i)).toEqual(literal(Literal.Plain, 62, `id-${i}`))
  })

  it('finds each of several values of a name', () => {
    const values = ['one', 'two', 'three']
    for (let i = 0; i < 2; i++) for (const value of values) pair('x-color', value)
    expect(values.map((value) => pair('x-color', value))).toEqual([63, 64, 62].map(indexed))
  })

  it('lets nothing enter that would drive out half of the table', () => {
    const cookie = 'c'.repeat(2048)
    for (let i = 0; i < 3; i++) expect(pair('cookie', cookie)[0]).toBe(0x0f)
  })

  it('finds an entry again that was driven out and came back', () => {
    const path = field(':path', '/often')
    write(path)
    write(path)
    for (let i = 0; i < 100; i++) for (let twice = 0; twice < 2; twice++) pair('x-other', `${i}`)
    expect(write(path)[0]! & 0x80).toBe(0)
    write(path)
    expect(write(path)).toEqual(indexed(62))
  })

  it('writes indices and lengths beyond a byte', () => {
    for (let i = 0; i < 2; i++) pair('a', '')
    for (let i = 0; i < 80; i++) for (let twice = 0; twice < 2; twice++) pair('b', `${i}`)
    expect(pair('a', '')).toEqual(integer(0x80, 0x7f, 142))
    const long = 'x'.repeat(3000)
    expect(pair('cookie', long)).toEqual(literal(Literal.Plain, 32, long))
  })

  it('writes characters as bytes, short and long', () => {
    for (const value of ['\xff\x80', '\xe9'.repeat(50)]) {
      expect(pair('via', value)).toEqual(literal(Literal.Plain, 60, value))
    }
  })

  it('finds names and values after a thousand others came and went', () => {
    for (let i = 0; i < 1000; i++) {
      for (let twice = 0; twice < 2; twice++) pair(`x-${i}`, 'value')
      expect(pair(`x-${i}`, 'value')).toEqual(indexed(62))
    }
    expect(pair('x-999', 'other')).toEqual(literal(Literal.Plain, 62, 'other'))
    expect(pair('x-0', 'other')[0]! & 0x80).toBe(0)
  })

  it('never needs more than it says', () => {
    const text = fc.integer({ min: 0, max: 5000 })
    fc.assert(
      fc.property(text, text, fc.constantFrom(0, 1, 2), (name, value, index) => {
        const made = field('n'.repeat(name), 'v'.repeat(value), index as Indexing)
        for (let i = 0; i < 3; i++)
          expect(write(made).length).toBeLessThanOrEqual(encoder.most(made))
      }),
      { numRuns: 50 },
    )
  })
})

describe('HpackEncoder and secrets', () => {
  it('writes what must not be indexed as such, however often it comes', () => {
    const token = field('authorization', 'Bearer x', Indexing.Never)
    for (let i = 0; i < 3; i++) {
      expect(write(token)).toEqual(literal(Literal.Never, 23, 'Bearer x'))
      expect(pair('x-key', 'k', true)).toEqual(literal(Literal.Never, 'x-key', 'k'))
    }
  })

  it('writes them so where a table has the same pair', () => {
    const secret = field('x-key', 'k', Indexing.Never)
    for (let i = 0; i < 3; i++) pair('x-key', 'k')
    expect(write(secret)).toEqual(literal(Literal.Never, 62, 'k'))
    expect(pair('accept-encoding', 'gzip, deflate', true)[0]).toBe(0x1f)
  })

  it('passes on what was read as secret', () => {
    const decoder = newDecoder()
    const block = literal(Literal.Never, 'x-key', 'k', true)
    const [read] = fieldsOf(decoder, block)
    expect(write(read!)).toEqual(literal(Literal.Never, 'x-key', 'k'))
  })
})

describe('HpackEncoder and the size of the table', () => {
  it('says nothing while it stays as it is', () => {
    encoder.setTableLimit(4096)
    encoder.setTableLimit(65_536)
    expect(begin()).toEqual(Buffer.alloc(0))
  })

  it('tells a new size once', () => {
    encoder.setTableLimit(100)
    expect(begin()).toEqual(sizeUpdate(100))
    expect(begin()).toEqual(Buffer.alloc(0))
  })

  it('tells the least size first if it was larger again since', () => {
    for (const bytes of [2000, 0, 65_536, 3000]) encoder.setTableLimit(bytes)
    expect(begin()).toEqual(Buffer.concat([sizeUpdate(0), sizeUpdate(3000)]))
  })

  it('tells one size if the last is the least', () => {
    for (const bytes of [0, 65_536, 0]) encoder.setTableLimit(bytes)
    expect(begin()).toEqual(sizeUpdate(0))
  })

  it('indexes nothing where there is no table', () => {
    encoder.setTableLimit(0)
    for (let i = 0; i < 3; i++) expect(pair('a', 'b')).toEqual(literal(Literal.Plain, 'a', 'b'))
  })

  it('forgets what a smaller table drops', () => {
    for (let i = 0; i < 3; i++) pair('a', 'b')
    encoder.setTableLimit(33)
    encoder.setTableLimit(4096)
    begin()
    expect(pair('a', 'b')).toEqual(literal(Literal.Entering, 'a', 'b'))
  })
})

describe('an encoder and a decoder', () => {
  const name = fc.oneof(
    fc.constantFrom(':method', ':path', ':status', 'cookie', 'x-a', 'x-b', 'x-c'),
    fc.string({ unit: fc.constantFrom('a', 'B', '\xff'), maxLength: 130 }),
  )
  const value = fc.oneof(
    fc.constantFrom('', '/', 'GET', '200', 'often', 'o'.repeat(300)),
    fc.string({
      unit: fc.nat(255).map((c) => String.fromCharCode(c)),
      maxLength: 150,
    }),
    fc.nat(2000).map((length) => 'v'.repeat(length)),
  )
  const one = fc.record({ name, value, sensitive: fc.boolean(), made: fc.boolean() })
  const limit = fc.oneof(fc.constantFrom(0, 32, 64, 4096, 65_536), fc.nat(5000))
  const block = fc.record({
    limits: fc.array(limit, { maxLength: 3 }),
    fields: fc.array(one, { maxLength: 12 }),
  })

  it('agree on every block, and on the sizes of the table, whatever is sent', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        encoder = new HpackEncoder()
        const decoder = newDecoder()
        for (const { limits, fields } of [...blocks, ...blocks]) {
          for (const bytes of limits) encoder.setTableLimit(bytes)
          const parts = [begin()]
          for (const { name, value, sensitive, made } of fields) {
            const index = sensitive ? Indexing.Never : Indexing.Incremental
            parts.push(made ? write(field(name, value, index)) : pair(name, value, sensitive))
          }
          const read = fieldsOf(decoder, Buffer.concat(parts))
          expect(read.map(({ name, value }): Pair => [name, value])).toEqual(
            fields.map(({ name, value }) => [name, value]),
          )
          read.forEach((each, i) => {
            expect(each.index === Indexing.Never).toBe(fields[i]!.sensitive)
          })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('pass fields on from hop to hop, and soon as one byte each', () => {
    const sent: Pair[] = [
      [':method', 'POST'],
      [':path', '/echo.Echo/Say'],
      [':authority', 'echo:8080'],
      ['content-type', 'application/grpc'],
      ['grpc-timeout', '1S'],
    ]
    const first = new HpackEncoder()
    const [before, behind] = [newDecoder(), newDecoder()]
    let length = 0
    for (let i = 0; i < 6; i++) {
      const end = sent.reduce((at, [n, v]) => first.encodePair(n, v, false, out, at), 0)
      const passed = fieldsOf(before, Buffer.from(out.subarray(0, end)))
      const block = Buffer.concat(passed.map(write))
      length = block.length
      expect(fieldsOf(behind, block).map(({ name, value }) => [name, value])).toEqual(sent)
    }
    expect(length).toBe(sent.length)
    expect(tableOf(behind).length).toBe(4)
  })
})

function write(field: Field): Buffer {
  return Buffer.from(out.subarray(0, encoder.encode(field, out, 0)))
}

function pair(name: string, value: string, sensitive = false): Buffer {
  return Buffer.from(out.subarray(0, encoder.encodePair(name, value, sensitive, out, 0)))
}

function begin(): Buffer {
  return Buffer.from(out.subarray(0, encoder.begin(out, 0)))
}

function newDecoder(): HpackDecoder {
  return new HpackDecoder({ tableBytes: 4096 })
}
