import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BodyReader, Part } from './body.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import type { Http1Head } from './head.ts'

const LIMITS = { maxHeaderBytes: 8192, maxHeaders: 100 }

/** Reads a stream of requests, given in these pieces, into a text that says what was found. */
function read(pieces: readonly string[], what: What = What.Request, limits = LIMITS): string[] {
  const heads = new HeadReader(what, limits)
  const body = new BodyReader(limits)
  const cursor = new Cursor()
  const found: string[] = []
  let data = ''
  let inBody = false
  const ends = (how: string): void => {
    found.push(`body ${data}${how}`)
    data = ''
    inBody = false
  }
  for (const piece of pieces) {
    cursor.add(Buffer.from(piece, 'latin1'))
    while (!cursor.empty) {
      if (!inBody) {
        const got = heads.read(cursor)
        if (got === Got.Bad) return [...found, `${heads.fault.status} ${heads.fault.sentence}`]
        if (got === Got.More) continue
        found.push(describeHead(heads.head))
        inBody = heads.head.chunked || heads.head.length > 0
        if (heads.head.chunked) body.beginChunked()
        else if (inBody) body.beginLength(heads.head.length)
        continue
      }
      const part = body.next(cursor)
      if (part === Part.Bad) return [...found, `body ${body.fault.sentence}`]
      if (part === Part.Data || part === Part.LastData) {
        data += body.buf.toString('latin1', body.from, body.to)
      }
      if (part === Part.LastData || part === Part.End) ends('')
      if (part === Part.Trailers) ends(` + ${describeHead(body.trailers)}`)
    }
  }
  return found
}

function describeHead(head: Http1Head): string {
  const lines: string[] = []
  for (let i = 0; i < head.lines.length; i += 4) {
    const name = head.buf.toString(
      'latin1',
      head.lines[i],
      head.lines[i]! + (head.lines[i + 3]! >> 4),
    )
    lines.push(`${name}=${head.value(i)}`)
  }
  let first = 'trailers'
  if (head.status !== 0) first = String(head.status)
  else if (head.method !== '') first = `${head.method} ${head.path} ${head.authority}`
  return `${first} [${lines.join('|')}]`
}

const STREAM = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\nPOST /x?y=1 HTTP/1.1\r\nHOST:  a:80 \t\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello',
  'PUT http://b.example:8080/p HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: Chunked\r\n\r\n',
  '3;name="v;a l";b\r\nabc\r\n00A\r\n0123456789\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /c HTTP/1.1\r\nHost: [::1]:80\r\ntransfer-encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n',
  'CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n',
].join('')
const FOUND = [
  'GET / a [Host=a]',
  'POST /x?y=1 a:80 [HOST=a:80|Content-Length=5|X-Empty=]',
  'body hello',
  'PUT /p b.example:8080 [host=a|Transfer-Encoding=Chunked]',
  'body abc0123456789 + trailers [X-Sum=1|X-Sum=2]',
  'OPTIONS * a [Host=a]',
  'POST /c [::1]:80 [Host=[::1]:80|transfer-encoding=chunked]',
  'body z',
  'CONNECT undefined db:5432 [Host=db:5432]',
]

describe('reading requests', () => {
  it('finds heads, bodies and trailers in one chunk', () => {
    expect(read([STREAM])).toEqual(FOUND)
  })

  it('finds the same byte by byte', () => {
    expect(read([...STREAM])).toEqual(FOUND)
  })

  it('finds the same however the bytes are cut', () => {
    const whole = read([STREAM])
    const cuts = fc.uniqueArray(fc.nat(STREAM.length), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (places) => {
        const at = [0, ...places.toSorted((a, b) => a - b), STREAM.length]
        const pieces = at.slice(1).map((end, i) => STREAM.slice(at[i], end))
        expect(read(pieces)).toEqual(whole)
      }),
      { numRuns: 300 },
    )
  })

  it('says nothing about a head that is cut short anywhere', () => {
    const head = 'POST /path HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n'
    for (let end = 0; end < head.length; end++) expect(read([head.slice(0, end)])).toEqual([])
  })

  it('ends a body in the place its length or its last chunk says, whatever chunks it has', () => {
    const text = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
    })
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(text, sizes, fc.nat(60), (data, chunkSizes, cut) => {
        let coded = ''
        let at = 0
        for (let i = 0; at < data.length; i++) {
          const chunk = data.slice(at, at + chunkSizes[i % chunkSizes.length]!)
          coded += `${chunk.length.toString(16)}\r\n${chunk}\r\n`
          at += chunk.length
        }
        const sent = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${coded}0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n`
        const found = read([sent.slice(0, cut), sent.slice(cut)])
        expect(found.slice(1)).toEqual([`body ${data}`, 'GET /2 a [Host=a]'])
      }),
    )
  })

  it('never takes random bytes for more than an error or the beginning of a head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const found = read([Buffer.from(bytes).toString('latin1')])
        for (const one of found) expect(one).toMatch(/^4\d\d |^505 /)
      }),
      { numRuns: 500 },
    )
  })

  it('reads bytes that trickle in without looking at them again and again', () => {
    const value = 'v'.repeat(200_000)
    const limits = { maxHeaderBytes: 0, maxHeaders: 0 }
    const head = `GET / HTTP/1.1\r\nHost: a\r\nX: ${value}\r\n\r\n`
    expect(read([...head], What.Request, limits)).toEqual([`GET / a [Host=a|X=${value}]`])
  })
})

describe('limits', () => {
  const limits = { maxHeaderBytes: 100, maxHeaders: 3 }
  const line = (length: number): string => `X: ${'v'.repeat(length)}\r\n`
  const first = 'GET / HTTP/1.1\r\nHost: a\r\n'
  const cases: readonly (readonly [string, string, string])[] = [
    ['a head of just the limit', `${first}${line(100 - first.length - 7)}\r\n`, 'GET'],
    ['a head of one byte more', `${first}${line(100 - first.length - 6)}\r\n`, '431'],
    ['a head without end', `${first}${line(200)}`, '431'],
    ['a request line without end', `GET /${'a'.repeat(200)}`, '414'],
    ['as many lines as allowed', `${first}A: 1\r\nB: 2\r\n\r\n`, 'GET'],
    ['one line more', `${first}A: 1\r\nB: 2\r\nC: 3\r\n\r\n`, '431'],
  ]
  it.each(cases)('%s', (_name, text, expected) => {
    expect(read([text], What.Request, limits)[0]).toMatch(new RegExp(`^${expected} `))
    expect(read([...text], What.Request, limits)[0]).toMatch(new RegExp(`^${expected} `))
  })
})

describe('reading answers', () => {
  const good: readonly (readonly [string, string])[] = [
    ['HTTP/1.1 200 OK\r\nA: b\r\n\r\n', '200 [A=b]'],
    ['HTTP/1.1 204\r\n\r\n', '204 []'],
    ['HTTP/1.0 404 Nicht da, \xfc!\r\n\r\n', '404 []'],
    ['HTTP/1.1 999 \r\n\r\n', '999 []'],
  ]
  it.each(good)('%j', (text, found) => {
    expect(read([text], What.Response)).toEqual([found])
    expect(read([...text], What.Response)).toEqual([found])
  })

  const bad = [
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\n\n',
    'HTTP/1.1 200 O\0K\r\n\r\n',
    'ICY 200 OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\n folded: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\nName : 1\r\n\r\n',
  ]
  it.each(bad)('refuses %j', (text) => {
    expect(read([text], What.Response)[0]).toMatch(/^[45]\d\d /)
    expect(read([...text], What.Response)[0]).toMatch(/^[45]\d\d /)
  })
})
