import { describe, expect, it } from 'vitest'
import { block, type Pair } from './harness-frames.ts'
import type { Http2Head } from './head.ts'
import { HeadBuilder, type HeadLimits, What } from './head-builder.ts'
import { HpackDecoder } from './hpack/decoder.ts'
import { indexed } from './hpack/harness.ts'

const NO_LIMITS: HeadLimits = { maxHeaderBytes: 0, maxHeaders: 0 }

interface Built {
  readonly head: Http2Head
  readonly fault: string
  readonly tooLarge: boolean
}

function build(
  what: What,
  fields: readonly Pair[] | Buffer,
  limits: HeadLimits = NO_LIMITS,
): Built {
  const builder = new HeadBuilder(limits)
  builder.begin(what)
  const bytes = block(fields)
  const fault = new HpackDecoder({ tableBytes: 4096 }).decode(bytes, 0, bytes.length, builder)
  expect(fault).toBe(0)
  const head = builder.finish()
  return { head, fault: builder.fault, tooLarge: builder.tooLarge }
}

const M: Pair = [':method', 'GET']
const S: Pair = [':scheme', 'http']
const A: Pair = [':authority', 'shop']
const P: Pair = [':path', '/']
const GOOD: readonly Pair[] = [M, S, A, P]

/** RFC 9113 §8.2, §8.3, and what would not be HTTP/1.1 either. */
const BAD_REQUESTS: readonly (readonly [string, readonly Pair[], RegExp])[] = [
  // Pseudo headers
  ['no :method', [S, A, P], /without :method/],
  ['no :scheme', [M, A, P], /without :method, :scheme/],
  ['no :path', [M, S, A], /or :path/],
  ['an empty :path', [M, S, A, [':path', '']], /:path/],
  ['nothing at all', [], /without/],
  [':method twice', [M, M, S, A, P], /:method twice/],
  [':path twice', [...GOOD, P], /:path twice/],
  [':authority twice', [M, S, A, A, P], /:authority twice/],
  [':scheme twice', [M, S, S, A, P], /:scheme twice/],
  ['a pseudo header behind others', [M, S, A, ['x', '1'], P], /behind other fields/],
  ['an unknown pseudo header', [...GOOD, [':shop', '1']], /:shop/],
  ['a pseudo header with a capital', [[':Method', 'GET'], S, A, P], /holds what no field may/],
  ['a lone colon', [...GOOD, [':', '1']], /holds what no field may/],
  [':status', [...GOOD, [':status', '200']], /:status is not for this kind/],
  // Values that become a request line
  ['a space in :method', [[':method', 'GET / HTTP/1.1'], S, A, P], /:method/],
  ['a :method that is no token', [[':method', 'G(T'], S, A, P], /:method is not a token/],
  ['an empty :method', [[':method', ''], S, A, P], /:method is not a token/],
  ['a space in :path', [M, S, A, [':path', '/ HTTP/1.1']], /:path/],
  ['a tab in :path', [M, S, A, [':path', '/\t']], /:path/],
  ['CR LF in :path', [M, S, A, [':path', '/\r\nx: 1']], /:path/],
  ['a fragment in :path', [M, S, A, [':path', '/#a']], /:path is not/],
  ['bytes beyond ASCII in :path', [M, S, A, [':path', '/\xe9']], /:path/],
  ['a :path without a slash', [M, S, A, [':path', 'x']], /:path is not/],
  ['an absolute :path', [M, S, A, [':path', 'http://a/']], /:path is not/],
  ['an asterisk for GET', [M, S, A, [':path', '*']], /:path is not/],
  ['an empty :scheme', [M, [':scheme', ''], A, P], /:scheme/],
  ['a URL for a :scheme', [M, [':scheme', 'http://evil/?'], A, P], /:scheme/],
  ['a :scheme that begins with a digit', [M, [':scheme', '1http'], A, P], /:scheme/],
  // Authority
  ['no :authority and no Host', [M, S, P], /:authority is no host/],
  ['an empty :authority', [M, S, [':authority', ''], P], /:authority is no host/],
  ['user information', [M, S, [':authority', 'u@shop'], P], /:authority is no host/],
  ['a path in :authority', [M, S, [':authority', 'shop/x'], P], /:authority is no host/],
  ['a query in :authority', [M, S, [':authority', 'shop?x'], P], /:authority is no host/],
  ['a list of authorities', [M, S, [':authority', 'a,b'], P], /:authority is no host/],
  ['a space in :authority', [M, S, [':authority', 'a b'], P], /:authority/],
  ['CR LF in :authority', [M, S, [':authority', 'a\r\nx: 1'], P], /:authority/],
  ['a port of letters', [M, S, [':authority', 'a:b'], P], /:authority is no host/],
  ['a Host that is another', [...GOOD, ['host', 'other']], /host and :authority differ/],
  ['two Hosts', [M, S, P, ['host', 'a'], ['host', 'b']], /host and :authority differ/],
  ['a Host that is no host', [M, S, P, ['host', 'a b']], /:authority is no host/],
  // Names and values
  ['a capital in a name', [...GOOD, ['X-a', '1']], /holds what no field may/],
  ['an empty name', [...GOOD, ['', '1']], /holds what no field may/],
  ['a space in a name', [...GOOD, ['x a', '1']], /holds what no field may/],
  ['a colon in a name', [...GOOD, ['x:a', '1']], /holds what no field may/],
  ['CR LF in a name', [...GOOD, ['x\r\ny', '1']], /holds what no field may/],
  ['NUL in a name', [...GOOD, ['x\0', '1']], /holds what no field may/],
  ['CR in a value', [...GOOD, ['x', 'a\rb']], /holds what no field may/],
  ['LF in a value', [...GOOD, ['x', 'a\nb']], /holds what no field may/],
  ['NUL in a value', [...GOOD, ['x', 'a\0b']], /holds what no field may/],
  ['DEL in a value', [...GOOD, ['x', 'a\x7fb']], /holds what no field may/],
  ['a space before a value', [...GOOD, ['x', ' a']], /holds what no field may/],
  ['a tab behind a value', [...GOOD, ['x', 'a\t']], /holds what no field may/],
  // Of HTTP/1 connections
  ['connection', [...GOOD, ['connection', 'x']], /HTTP\/1 connections/],
  ['transfer-encoding', [...GOOD, ['transfer-encoding', 'chunked']], /HTTP\/1 connections/],
  ['keep-alive', [...GOOD, ['keep-alive', 'timeout=5']], /HTTP\/1 connections/],
  ['proxy-connection', [...GOOD, ['proxy-connection', 'x']], /HTTP\/1 connections/],
  ['upgrade', [...GOOD, ['upgrade', 'websocket']], /HTTP\/1 connections/],
  ['te with more than trailers', [...GOOD, ['te', 'trailers, deflate']], /te says/],
  // Content-Length
  ['two lengths', [...GOOD, ['content-length', '1'], ['content-length', '2']], /content-length/],
  ['two equal lengths', [...GOOD, ['content-length', '1'], ['content-length', '1']], /content-le/],
  ['a list of lengths', [...GOOD, ['content-length', '1, 1']], /content-length/],
  ['a signed length', [...GOOD, ['content-length', '+1']], /content-length/],
  ['a length of letters', [...GOOD, ['content-length', '1a']], /content-length/],
  ['an empty length', [...GOOD, ['content-length', '']], /content-length/],
  ['a length beyond counting', [...GOOD, ['content-length', '9'.repeat(16)]], /content-length/],
  // CONNECT
  ['CONNECT with :path', [[':method', 'CONNECT'], A, P], /CONNECT with/],
  ['CONNECT with :scheme', [[':method', 'CONNECT'], S, A], /CONNECT with/],
  ['CONNECT without :authority', [[':method', 'CONNECT']], /CONNECT without/],
  [
    'CONNECT to a user',
    [
      [':method', 'CONNECT'],
      [':authority', 'u@a:1'],
    ],
    /:authority/,
  ],
  [':protocol of a GET', [...GOOD, [':protocol', 'websocket']], /:protocol without CONNECT/],
  [
    'an extended CONNECT without :path',
    [[':method', 'CONNECT'], [':protocol', 'websocket'], S, A],
    /without :method, :scheme or :path/,
  ],
]

describe('the head of a request', () => {
  it.each(BAD_REQUESTS)('with %s is malformed', (_name, fields, what) => {
    expect(build(What.Request, fields).fault).toMatch(what)
  })

  it('tells what routes ask for', () => {
    const { head, fault } = build(What.Request, [
      ...GOOD,
      ['content-length', '7'],
      ['content-type', 'application/grpc+proto'],
      ['te', 'trailers'],
      ['expect', '100-Continue'],
      ['cookie', 'a=1'],
      ['x', '1'],
      ['cookie', 'b=2'],
      ['x', '2'],
    ])
    expect(fault).toBe('')
    expect(head).toMatchObject({
      method: 'GET',
      scheme: 'http',
      authority: 'shop',
      path: '/',
      length: 7,
      grpc: true,
      takesTrailers: true,
      expectsContinue: true,
      upgrade: null,
      pseudo: 4,
    })
    expect([
      head.header('cookie'),
      head.header('x'),
      head.header('host'),
      head.header('y'),
    ]).toEqual(['a=1; b=2', '1, 2', 'shop', undefined])
    const seen: Pair[] = []
    head.each((name, value) => seen.push([name, value]))
    expect(seen.map(([name]) => name)).toEqual([
      'content-length',
      'content-type',
      'expect',
      'cookie',
      'x',
      'cookie',
      'x',
    ])
  })

  const accepted: readonly (readonly [string, readonly Pair[], object])[] = [
    ['an asterisk for OPTIONS', [[':method', 'OPTIONS'], S, A, [':path', '*']], { path: '*' }],
    ['Host alone', [M, S, P, ['host', 'shop:80']], { authority: 'shop:80' }],
    ['Host like :authority', [...GOOD, ['host', 'shop']], { authority: 'shop' }],
    ['an address of IPv6', [M, S, [':authority', '[::1]:80'], P], { authority: '[::1]:80' }],
    ['bytes beyond ASCII in a value', [...GOOD, ['x', '\xe9']], {}],
    ['a tab inside a value', [...GOOD, ['x', 'a\tb']], {}],
    ['an empty value', [...GOOD, ['x', '']], {}],
    ['another scheme', [M, [':scheme', 'coap+tcp'], A, P], { scheme: 'coap+tcp' }],
    ['a method nobody knows', [[':method', 'BREW'], S, A, P], { method: 'BREW' }],
    [
      'CONNECT',
      [
        [':method', 'CONNECT'],
        [':authority', 'db:5432'],
      ],
      { upgrade: 'connect', path: undefined, authority: 'db:5432' },
    ],
    [
      'an extended CONNECT, which stands for an upgrade',
      [[':method', 'CONNECT'], [':protocol', 'WebSocket'], S, A, P],
      { upgrade: 'websocket', method: 'GET', path: '/' },
    ],
  ]
  it.each(accepted)('may have %s', (_name, fields, has) => {
    const { head, fault } = build(What.Request, fields)
    expect(fault).toBe('')
    expect(head).toMatchObject(has)
  })

  it('is judged by its own rules, not by the head before it', () => {
    const builder = new HeadBuilder(NO_LIMITS)
    const decoder = new HpackDecoder({ tableBytes: 4096 })
    const decode = (fields: readonly Pair[]): string => {
      builder.begin(What.Request)
      const bytes = block(fields)
      decoder.decode(bytes, 0, bytes.length, builder)
      builder.finish()
      return builder.fault
    }
    expect(decode([M])).not.toBe('')
    expect(decode(GOOD)).toBe('')
    expect(decode([S, A, P])).not.toBe('')
  })
})

describe('limits', () => {
  it('count bytes as RFC 9113 has them: names, values, and 32 for each field', () => {
    const size = GOOD.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0)
    const at = (maxHeaderBytes: number): boolean =>
      build(What.Request, GOOD, { maxHeaderBytes, maxHeaders: 0 }).tooLarge
    expect([at(size), at(size - 1)]).toEqual([false, true])
  })

  it('count fields without pseudo headers', () => {
    const fields = (count: number): readonly Pair[] => [
      ...GOOD,
      ...Array.from({ length: count }, (_, i): Pair => [`x-${i}`, '1']),
    ]
    const limits = { maxHeaderBytes: 0, maxHeaders: 3 }
    expect(build(What.Request, fields(3), limits).tooLarge).toBe(false)
    expect(build(What.Request, fields(4), limits).tooLarge).toBe(true)
  })

  it('take the crumbs of one Cookie for one field', () => {
    const crumbs = Array.from({ length: 150 }, (_, i): Pair => ['cookie', `c${i}=1`])
    const limits = { maxHeaderBytes: 60_000, maxHeaders: 100 }
    expect(build(What.Request, [...GOOD, ...crumbs], limits).tooLarge).toBe(false)
  })

  it('bound what is kept of a block of thousands of references', () => {
    const bomb = Buffer.concat([block(GOOD), Buffer.alloc(16_000, indexed(15))])
    const limits = { maxHeaderBytes: 8192, maxHeaders: 0 }
    const { head, tooLarge } = build(What.Request, bomb, limits)
    expect(tooLarge).toBe(true)
    expect(head.fields.length).toBeLessThan(200)
  })
})

describe('the head of an answer', () => {
  it('needs a status of three digits, and nothing of requests', () => {
    const bad: readonly (readonly Pair[])[] = [
      [],
      [['x', '1']],
      [[':status', '20']],
      [[':status', '099']],
      [[':status', '2000']],
      [[':status', '2e2']],
      [[':status', '+20']],
      [[':status', '0x9']],
      [
        [':status', '200'],
        [':status', '200'],
      ],
      [[':status', '200'], P],
      [
        ['x', '1'],
        [':status', '200'],
      ],
      [
        [':status', '200'],
        ['connection', 'close'],
      ],
    ]
    for (const fields of bad) expect(build(What.Response, fields).fault, `${fields}`).not.toBe('')
  })

  it('tells its status and its length', () => {
    const fields: readonly Pair[] = [
      [':status', '204'],
      ['content-length', '0'],
      ['host', 'x'],
    ]
    const { head, fault } = build(What.Response, fields)
    expect(fault).toBe('')
    expect(head).toMatchObject({ status: 204, length: 0, authority: '' })
  })
})

describe('trailers', () => {
  it('have no pseudo headers', () => {
    expect(build(What.Trailers, [['grpc-status', '0']]).fault).toBe('')
    for (const pair of [...GOOD, [':status', '200']] as readonly Pair[])
      expect(build(What.Trailers, [pair]).fault).toMatch(/in trailers/)
  })
})
