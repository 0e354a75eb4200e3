import { cluster, type RawHost, Stage, type TestProxy, webListener } from '@tulle/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  answer,
  data,
  greeting,
  headers,
  type Pair,
  request,
  requestFields,
} from '../protocol/http2/harness-frames.ts'
import { FrameHost, Peer } from '../protocol/http2/harness-peer.ts'
import { ErrorCode } from '../protocol/http2/wire.ts'

/** Messages of HTTP/2 that would be two of HTTP/1, or another one than was checked. */

const EVIL = 'GET /evil HTTP/1.1\r\nhost: a\r\n\r\n'
const POST = { method: 'POST', end: false } as const
const BASE = requestFields('/x')
/** The same fields with one of the pseudo headers as given. */
const pseudo = (name: string, value: string): readonly Pair[] =>
  BASE.map((pair): Pair => (pair[0] === name ? [name, value] : pair))
const plus = (...fields: readonly Pair[]): readonly Pair[] => [...BASE, ...fields]

const REFUSED: readonly (readonly [string, readonly Pair[]])[] = [
  ['CR LF in a value', plus(['x', `a\r\n\r\n${EVIL}`])],
  ['LF in a value', plus(['x', 'a\nevil: 1'])],
  ['CR in a value', plus(['x', 'a\rb'])],
  ['NUL in a value', plus(['x', 'a\0b'])],
  ['a vertical tab in a value', plus(['x', 'a\x0bb'])],
  ['a space before a value', plus(['x', ' a'])],
  ['CR LF in a name', plus(['x: 1\r\nevil', '1'])],
  ['a colon in a name', plus(['evil: 1', 'x'])],
  ['a space in a name', plus(['transfer-encoding ', 'chunked'])],
  ['NUL in a name', plus(['x\0', '1'])],
  ['a capital in a name', plus(['Transfer-Encoding', 'chunked'])],
  ['a letter beyond ASCII in a name', plus(['x\xe9', '1'])],
  ['an empty name', plus(['', '1'])],
  ['transfer-encoding', plus(['transfer-encoding', 'chunked'])],
  ['connection', plus(['connection', 'content-length'])],
  ['upgrade', plus(['upgrade', 'websocket'])],
  ['keep-alive', plus(['keep-alive', 'timeout=1'])],
  ['te with more than trailers', plus(['te', 'chunked'])],
  ['two lengths', plus(['content-length', '0'], ['content-length', '5'])],
  ['two equal lengths', plus(['content-length', '0'], ['content-length', '0'])],
  ['a list of lengths', plus(['content-length', '0,0'])],
  ['a signed length', plus(['content-length', '+0'])],
  ['a length with a line end', plus(['content-length', '0\r\nevil: 1'])],
  ['a length without data', plus(['content-length', '9'])],
  ['a request in :method', pseudo(':method', 'GET /evil HTTP/1.1\r\nhost: a\r\n\r\nGET')],
  ['a space in :method', pseudo(':method', 'GET /evil')],
  ['an empty :method', pseudo(':method', '')],
  ['a space in :path', pseudo(':path', '/ HTTP/1.1')],
  ['CR LF in :path', pseudo(':path', `/ HTTP/1.1\r\nhost: a\r\n\r\n${EVIL}`)],
  ['a tab in :path', pseudo(':path', '/\tx')],
  ['NUL in :path', pseudo(':path', '/\0')],
  ['a fragment in :path', pseudo(':path', '/a#b')],
  ['a byte beyond ASCII in :path', pseudo(':path', '/\xe9')],
  ['no slash in :path', pseudo(':path', 'evil')],
  ['an absolute :path', pseudo(':path', 'http://evil/')],
  ['an empty :path', pseudo(':path', '')],
  ['CR LF in :authority', pseudo(':authority', `a\r\n\r\n${EVIL}`)],
  ['user information in :authority', pseudo(':authority', 'shop@evil')],
  ['a path in :authority', pseudo(':authority', 'shop/evil')],
  ['a space in :authority', pseudo(':authority', 'shop evil')],
  ['two hosts in :authority', pseudo(':authority', 'shop,evil')],
  ['a port that is none', pseudo(':authority', 'shop:8x')],
  ['an empty :authority', pseudo(':authority', '')],
  ['a Host that is another', plus(['host', 'evil'])],
  ['two Hosts', [...BASE.filter(([name]) => name !== ':authority'), ['host', 'a'], ['host', 'b']]],
  ['CR LF in Host', [...BASE.filter(([name]) => name !== ':authority'), ['host', 'a\r\nb: c']]],
  ['a URL in :scheme', pseudo(':scheme', 'http://evil/?x=')],
  ['CR LF in :scheme', pseudo(':scheme', 'http\r\nevil: 1')],
  [':path twice', [...BASE, [':path', '/evil']]],
  ['a pseudo header behind others', [...BASE.slice(0, 3), ['x', '1'], [':path', '/evil']]],
  ['an unknown pseudo header', [[':evil', '1'], ...BASE]],
  ['CR LF in a cookie', plus(['cookie', 'a=1\r\nevil: 1'])],
  ['CR LF in :protocol', [[':protocol', 'websocket\r\nevil: 1'], ...pseudo(':method', 'CONNECT')]],
]

const CLEAN: readonly (readonly [string, readonly Buffer[], RegExp])[] = [
  [
    'crumbs of a cookie: one Cookie',
    [headers(1, plus(['cookie', 'a=1'], ['x', '1'], ['cookie', 'b=2']), true)],
    /^GET \/x HTTP\/1.1\r\nhost: shop\r\n(?=.*cookie: a=1; b=2\r\n)(?!.*cookie.*cookie)/s,
  ],
  [
    'te: trailers',
    [headers(1, plus(['te', 'trailers']), true)],
    /^GET \/x HTTP\/1.1\r\nhost: shop\r\n(?!.*transfer-encoding).*\r\n\r\n$/s,
  ],
  [
    'a body of unknown length: chunks',
    [request(1, '/x', [], POST), data(1, EVIL, true)],
    new RegExp(`transfer-encoding: chunked\\r\\n\\r\\n1f\\r\\n${EVIL}\\r\\n0\\r\\n\\r\\n$`),
  ],
  [
    'a body that looks like the end of chunks',
    [request(1, '/x', [], POST), data(1, '0\r\n\r\n'), data(1, EVIL, true)],
    /5\r\n0\r\n\r\n\r\n1f\r\nGET \/evil.*\r\n0\r\n\r\n$/s,
  ],
  [
    'a body with its length',
    [request(1, '/x', [['content-length', '5']], POST), data(1, 'abc'), data(1, 'de', true, 9)],
    /content-length: 5\r\n(?!.*chunked).*\r\n\r\nabcde$/s,
  ],
  [
    'trailers: nothing that would frame the message',
    [
      request(1, '/x', [], POST),
      data(1, 'x'),
      headers(
        1,
        [
          ['content-length', '99'],
          ['host', 'evil'],
          ['x-sum', '1'],
        ],
        true,
      ),
    ],
    /\r\n\r\n1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n$/,
  ],
  [
    'bytes beyond ASCII in a value: as they are',
    [headers(1, plus(['x', '\xe9\xff']), true)],
    /\r\nx: \xe9\xff\r\n/,
  ],
  [
    'names that only look like those of HTTP/1',
    [headers(1, plus(['transfer_encoding', 'chunked'], ['content-length-x', '5']), true)],
    /^GET (?!.*\r\ntransfer-encoding)(?!.*\r\ncontent-length:).*\r\n\r\n$/s,
  ],
]

describe('a request of HTTP/2 for a host of HTTP/1', () => {
  const stage = new Stage()
  let host: RawHost
  let proxy: TestProxy

  beforeAll(async () => {
    host = await stage.rawHost((peer) => {
      peer.socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1')
        if (/\r\n\r\n/.test(text)) peer.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    })
    proxy = await stage.proxy(
      [webListener('a', {}, { upgrade_configs: [{ upgrade_type: 'websocket' }] })],
      [cluster('a', [host.port])],
    )
  })
  afterAll(() => stage.clear())

  const got = (): string => host.peers.map(({ text }) => text).join('')
  const connect = (): Peer => {
    for (const peer of host.peers) peer.forget()
    const client = Peer.connect(proxy.port('web')).write(greeting())
    stage.later(() => client.socket.destroy())
    return client
  }

  it.each(REFUSED)('with %s is refused, and nothing of it goes on', async (_name, fields) => {
    const client = connect()
    await client.write(headers(1, fields, true)).whole(1)
    if (client.over(1)) expect(client.head(1)[':status']).toBe('400')
    else expect(client.resetOf(1)).toBe(ErrorCode.ProtocolError)
    await client.write(request(3, '/canary')).whole(3)
    expect(client.head(3)[':status']).toBe('200')
    expect(got()).toMatch(/^GET \/canary HTTP\/1.1\r\nhost: shop\r\n/)
    expect(got().match(/\r\n\r\n/g)).toHaveLength(1)
    expect(got()).not.toMatch(/evil/i)
    client.socket.destroy()
  })

  it.each(CLEAN)('with %s', async (_name, frames, wanted) => {
    const client = connect()
    await client.write(...frames).whole(1)
    await client.settled()
    expect(client.head(1)[':status']).toBe('200')
    expect(got()).toMatch(wanted)
    client.socket.destroy()
  })

  it.each([
    ['less than its length', [data(1, 'abc', true)]],
    ['less than its length, and trailers', [data(1, 'abc'), headers(1, [['x', '1']], true)]],
    ['more than its length', [data(1, `hello${EVIL}`)]],
    ['bad trailers', [data(1, 'hel'), headers(1, [['x', 'a\r\nevil: 1']], true)]],
  ])(
    'with %s: the host cannot take it for whole, nor what follows for its rest',
    async (_n, frames) => {
      const client = connect()
      await client.write(request(1, '/x', [['content-length', '5']], POST), ...frames).whole(1)
      await client.write(request(3, '/canary')).whole(3)
      for (const { text } of host.peers) {
        expect(text).not.toMatch(/evil/)
        // On a connection whose request was cut short nothing follows.
        if (text.includes('POST')) expect(text).not.toContain('canary')
        if (text.includes('POST')) expect(text.split('\r\n\r\n')[1]!.length).toBeLessThan(5)
      }
      client.socket.destroy()
    },
  )
})

describe('an answer of HTTP/2 for a client of HTTP/1', () => {
  const stage = new Stage()
  let proxy: TestProxy
  let said: (id: number) => readonly Buffer[] = () => []

  beforeAll(async () => {
    const host = new FrameHost((peer, id) => peer.write(...said(id)))
    stage.later(() => host.stop())
    const { port } = await host.start()
    proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [port], { http2_protocol_options: {} })],
    )
  })
  afterAll(() => stage.clear())

  const ask = async (end: RegExp): Promise<string> => {
    const client = await stage.rawClient(proxy.port('web'))
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.until(({ text, ended, socket }) => end.test(text) || ended || socket.destroyed)
    client.destroy()
    return client.text
  }

  const BAD: readonly (readonly [string, readonly Pair[]])[] = [
    ['CR LF in a value', [['x', 'a\r\n\r\nHTTP/1.1 200 OK']]],
    ['CR LF in a name', [['x: 1\r\nevil', '1']]],
    ['transfer-encoding', [['transfer-encoding', 'chunked']]],
    [
      'two lengths',
      [
        ['content-length', '1'],
        ['content-length', '2'],
      ],
    ],
    ['a status that is none', [[':status', '2e2']]],
    ['a status with a reason', [[':status', '200 evil\r\nx: y']]],
  ]
  it.each(BAD)('with %s is 502', async (_name, fields) => {
    const first = fields[0]![0] === ':status'
    said = (id) => [headers(id, first ? fields : [[':status', '200'], ...fields], true)]
    const text = await ask(/\r\n\r\n.*\n$/)
    expect(text).toMatch(/^HTTP\/1.1 502 /)
    expect(text).not.toMatch(/^evil|^x: a/m)
  })

  it('with trailers that would frame it has none of those', async () => {
    said = (id) => [
      answer(id, 200, [], false),
      data(id, 'ok'),
      headers(
        id,
        [
          ['content-length', '99'],
          ['x-sum', '1'],
        ],
        true,
      ),
    ]
    expect(await ask(/x-sum: 1\r\n\r\n$/)).toMatch(/\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n$/)
  })
})
