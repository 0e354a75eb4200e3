import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Host, MiniProxy, RawClient, until } from './harness.ts'

/** Requests that two readers could understand differently, or that are no HTTP: each is refused, and ends the connection. */
const REFUSED: readonly (readonly [string, number, string])[] = [
  // Lines
  ['bare LF after the request line', 400, 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['bare LF after a header', 400, 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
  ['bare LF as the empty line', 400, 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
  ['bare CR in a value', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
  ['bare CR before a header', 400, 'GET / HTTP/1.1\r\n\rHost: a\r\n\r\n'],
  ['CR CR LF', 400, 'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n'],
  ['an obsolete fold', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n'],
  ['a fold by a tab', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\t2\r\n\r\n'],
  ['white space before the first header', 400, 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
  // Names and values
  ['a space before the colon', 400, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['a tab before the colon', 400, 'GET / HTTP/1.1\r\nHost\t: a\r\n\r\n'],
  ['a space in a name', 400, 'GET / HTTP/1.1\r\nHost: a\r\nContent Length: 5\r\n\r\n'],
  ['no colon', 400, 'GET / HTTP/1.1\r\nHost: a\r\nGarbage\r\n\r\n'],
  ['no name', 400, 'GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n'],
  ['NUL in a name', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX\0: 1\r\n\r\n'],
  ['a letter beyond ASCII in a name', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX\xe9: 1\r\n\r\n'],
  ['NUL in a value', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
  ['a control character in a value', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\x0bb\r\n\r\n'],
  ['DEL in a value', 400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n'],
  // Host
  ['no Host', 400, 'GET / HTTP/1.1\r\nX: 1\r\n\r\n'],
  ['two Hosts', 400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['two equal Hosts', 400, 'GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n'],
  ['a list of Hosts', 400, 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  ['a Host with a path', 400, 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a Host with user information', 400, 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['a Host with a port of letters', 400, 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n'],
  ['an absolute target and no Host', 400, 'GET http://a/ HTTP/1.1\r\n\r\n'],
  // Content-Length
  [
    'two lengths',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
  ],
  [
    'two equal lengths',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx',
  ],
  ['a list of lengths', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx'],
  ['a signed length', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx'],
  ['a negative length', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx'],
  ['a hexadecimal length', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\nx'],
  ['an empty length', 400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nx'],
  [
    'a length with a space inside',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\nx',
  ],
  [
    'a length beyond counting',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\nx',
  ],
  // Transfer-Encoding
  [
    'length and chunked',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'chunked and length',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
  ],
  [
    'two codings',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n',
  ],
  [
    'chunked twice',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n',
  ],
  ['almost chunked', 400, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n'],
  ['chunked in quotes', 400, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "chunked"\r\n\r\n'],
  [
    'chunked with a control character',
    400,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n',
  ],
  ['an empty coding', 400, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n'],
  [
    'a compressed body',
    501,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
  ],
  ['identity', 501, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n'],
  [
    'chunked in HTTP/1.0',
    400,
    'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  // Request line
  ['two spaces', 400, 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a space in the target', 400, 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a tab in the target', 400, 'GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a tab for a space', 400, 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['NUL in the target', 400, 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['bytes beyond ASCII in the target', 400, 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a fragment', 400, 'GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target without a slash', 400, 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an asterisk for GET', 400, 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['another scheme', 400, 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['user information in the target', 400, 'GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['CONNECT without a port', 400, 'CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a method that is no token', 400, 'G@T / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no method', 400, ' / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no version', 400, 'GET /\r\n\r\n'],
  ['a space after the version', 400, 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n'],
  ['a version in small letters', 400, 'GET / http/1.1\r\nHost: a\r\n\r\n'],
  ['a version with more digits', 400, 'GET / HTTP/1.10\r\nHost: a\r\n\r\n'],
  ['HTTP/1.2', 505, 'GET / HTTP/1.2\r\nHost: a\r\n\r\n'],
  ['HTTP/2.0', 505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/0.9', 505, 'GET / HTTP/0.9\r\n\r\n'],
  // Sizes
  ['a large head', 431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`],
  ['many headers', 431, `GET / HTTP/1.1\r\nHost: a\r\n${'X: 1\r\n'.repeat(101)}\r\n`],
  ['a long target', 414, `GET /${'x'.repeat(9000)}`],
  ['many empty lines', 400, `${'\r\n'.repeat(9)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`],
  // Other protocols
  ['TLS', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['zeros', 400, '\0\0\0\0'],
]

/** What stands where a chunked body should: the request is answered with 400 after its head went on. */
const BAD_BODIES: readonly (readonly [string, string])[] = [
  ['a sign before a chunk size', '+3\r\nabc\r\n0\r\n\r\n'],
  ['a negative chunk size', '-3\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['an empty chunk size', '\r\nabc\r\n0\r\n\r\n'],
  ['an extension without a size', ';a\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size that overflows', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
  ['a chunk size beyond counting', 'ffffffffffffffff\r\nabc\r\n0\r\n\r\n'],
  ['junk after a chunk size', '3 \r\nabc\r\n0\r\n\r\n'],
  ['letters after a chunk size', '3xyz\r\nabc\r\n0\r\n\r\n'],
  ['a space before a chunk size', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['bare LF after a chunk size', '3\nabc\r\n0\r\n\r\n'],
  ['bare CR after a chunk size', '3\rXabc\r\n0\r\n\r\n'],
  ['bare LF in a chunk extension', '3;a\nabc\r\n0\r\n\r\n'],
  ['NUL in a chunk extension', '3;a\0\r\nabc\r\n0\r\n\r\n'],
  ['an extension without end', `3;${'a'.repeat(300)}`],
  ['data longer than its chunk', '3\r\nabcd\r\n0\r\n\r\n'],
  ['data shorter than its chunk', '5\r\nabc\r\n0\r\n\r\n'],
  ['bare LF after the data', '3\r\nabc\n0\r\n\r\n'],
  ['bare LF as the end of the trailers', '3\r\nabc\r\n0\r\n\n'],
  ['a folded trailer', '0\r\nX: 1\r\n 2\r\n\r\n'],
  ['a trailer with a space before the colon', '0\r\nX : 1\r\n\r\n'],
]

/** Unusual, and no danger. */
const ACCEPTED: readonly (readonly [string, string])[] = [
  ['an empty line before the request', '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['white space around a value', 'GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n'],
  ['an empty value', 'GET / HTTP/1.1\r\nHost:\r\nX:\r\n\r\n'],
  ['a method nobody knows', 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['bytes beyond ASCII in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\r\n\r\n'],
  [
    'chunked in capitals',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n',
  ],
  [
    'leading zeros of a chunk size',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0003\r\nabc\r\n00\r\n\r\n',
  ],
]

describe('a request that could be read in two ways', () => {
  let host: Host
  let proxy: MiniProxy

  beforeAll(async () => {
    host = await new Host((socket, text) => {
      if (text.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    }).start()
    proxy = await new MiniProxy().start(host.port)
  })
  afterAll(() => {
    proxy.stop()
    host.stop()
  })

  it.each(REFUSED)('%s is refused', async (_name, status, text) => {
    const errors = proxy.stats.cx_protocol_error
    host.got = ''
    const got = await new RawClient(proxy.port).write(text).all()
    expect(got.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(got).toContain('connection: close\r\n')
    expect(got).toMatch(/mini: downstream: [a-z]/)
    expect(got.match(/^HTTP\/1.1 /gm)).toHaveLength(1)
    expect(proxy.stats.cx_protocol_error).toBe(errors + 1)
    expect(host.got).toBe('')
  })

  it.each(REFUSED)('%s is refused when it comes byte by byte', async (_name, status, text) => {
    const before = new Set(proxy.sessions)
    const client = new RawClient(proxy.port)
    await until(() => [...proxy.sessions].some((one) => !before.has(one)))
    const session = [...proxy.sessions].find((one) => !before.has(one))!
    // As if each byte had come in a packet of its own.
    for (const char of text) session.onData(Buffer.from(char, 'latin1'))
    expect((await client.all()).split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it.each(BAD_BODIES)('%s is refused', async (_name, body) => {
    const mute = await new Host(() => {}).start()
    const lone = await new MiniProxy().start(mute.port)
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    const got = await new RawClient(lone.port).write(head + body).all()
    expect(got).toMatch(/^HTTP\/1.1 400 /)
    expect(got).toContain('connection: close\r\n')
    expect(lone.stats.cx_protocol_error).toBe(1)
    expect(mute.got).not.toContain('0\r\n\r\n')
    lone.stop()
    mute.stop()
  })

  it.each(ACCEPTED)('%s is no reason to refuse', async (_name, text) => {
    const client = new RawClient(proxy.port).write(text)
    expect(await client.tail('ok')).toMatch(/^HTTP\/1.1 200 OK/)
    client.socket.destroy()
  })

  it('stops before what was smuggled behind it', async () => {
    host.got = ''
    const inner = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n'
    const text = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`
    const got = await new RawClient(proxy.port).write(text).all()
    expect(got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400'])
    expect(host.got).not.toContain('/admin')
  })

  it('does not disturb requests before it on the connection', async () => {
    const text = 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost : a\r\n\r\n'
    const got = await new RawClient(proxy.port).write(text).all()
    expect(got.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  })
})
