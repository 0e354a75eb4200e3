import { describe, expect, it } from 'vitest'
import { Frame, FrameKind } from '../../frame.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import type { Http1Head } from './head.ts'
import { http1 } from './http1.ts'

function read(what: What, text: string): Http1Head {
  const reader = new HeadReader(what, { maxHeaderBytes: 0, maxHeaders: 0 })
  const cursor = new Cursor()
  cursor.add(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'))
  expect(reader.read(cursor)).toBe(Got.Head)
  return reader.head
}

const ask = (lines: string): Http1Head => read(What.Request, `GET / HTTP/1.1\nHost: a\n${lines}\n`)

function fieldsOf(head: Http1Head): string[] {
  const fields: string[] = []
  head.each((name, value, sensitive) => fields.push(`${name}=${value}${sensitive ? ' !' : ''}`))
  return fields
}

describe('the fields of a head', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'have small letters and come in their order',
      'X-B: 1\nx-a:  2 \nACCEPT: \nX-b: 3, 4\n',
      ['x-b=1', 'x-a=2', 'accept=', 'x-b=3, 4'],
    ],
    [
      'are none of one hop',
      'Connection: close\nKeep-Alive: 5\nProxy-Connection: x\nTE: trailers\nUpgrade: foo\n' +
        'HTTP2-Settings: AA\nTransfer-Encoding: chunked\nX: 1\n',
      ['x=1'],
    ],
    [
      'are none that the Connection header names, but those it must not',
      'Connection: X-Secret, content-length\nX-SECRET: 1\nContent-Length: 5\nx: 2\n',
      ['content-length=5', 'x=2'],
    ],
    [
      'go on where they matter to both ends',
      'Expect: 100-continue\nTrailer: x\nVia: b\nSec-WebSocket-Key: k\n',
      ['expect=100-continue', 'trailer=x', 'via=b', 'sec-websocket-key=k'],
    ],
    [
      'are sensitive where somebody could guess them from a table',
      'Authorization: Bearer x\nProxy-Authorization: x\nCookie: a=1\nX: 1\n' +
        'Cookie: a=0123456789012345678\n',
      [
        'authorization=Bearer x !',
        'proxy-authorization=x !',
        'cookie=a=1 !',
        'x=1',
        'cookie=a=0123456789012345678',
      ],
    ],
  ]
  it.each(cases)('%s', (_name, lines, fields) => {
    expect(fieldsOf(ask(lines))).toEqual(fields)
  })

  it('of an answer are those of both ends as well', () => {
    const head = read(What.Response, 'HTTP/1.1 200 OK\nServer: s\nSet-Cookie: a\nUpgrade: h2\n\n')
    expect(fieldsOf(head)).toEqual(['server=s', 'set-cookie=a !'])
  })

  it('of trailers say nothing about the message they end', () => {
    const lines = 'X-Sum: 1\nContent-Length: 5\nTransfer-Encoding: chunked\nHost: b\nServer: s\n\n'
    const head = read(What.Trailers, lines)
    expect(head.trailing).toBe(true)
    expect(fieldsOf(head)).toEqual(['x-sum=1'])
  })

  it('have the right name where others take the same place in a table', () => {
    const names: string[] = []
    for (let i = 0; i < 5000; i++) names.push(`x-${i.toString(36)}`)
    const head = ask(names.map((name) => `${name.toUpperCase()}: 1\n`).join(''))
    expect(fieldsOf(head)).toEqual(names.map((name) => `${name}=1`))
  })

  it('have names of any length, and of characters that are no letters', () => {
    const long = 'x'.repeat(300)
    expect(fieldsOf(ask(`${long.toUpperCase()}: 1\nX_@: 1\n`.replace('@', '^')))).toEqual([
      `${long}=1`,
      'x_^=1',
    ])
  })
})

describe('what a head says of its message', () => {
  it.each([
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['Application/gRPC; charset=x', true],
    ['application/grpc-web', false],
    ['application/grpc-web+proto', false],
    ['application/json', false],
    ['', false],
  ])('is a call of gRPC by its type: %j %s', (type, grpc) => {
    expect(ask(`Content-Type: ${type}\n`).grpc).toBe(grpc)
  })

  it.each([
    ['Connection: Upgrade\nUpgrade: WebSocket\n', 'websocket'],
    ['Upgrade: websocket\n', null],
    ['Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AA\n', null],
    ['Connection: upgrade\nUpgrade: H2C\n', null],
    ['Connection: upgrade\nUpgrade: websocket\nContent-Length: 5\n', null],
    ['Connection: upgrade\n', null],
  ])('is whether it asks for another protocol: %j %s', (lines, upgrade) => {
    expect(ask(lines).upgrade).toBe(upgrade)
  })

  it.each([
    ['TE: trailers\n', true],
    ['TE: gzip, Trailers\n', true],
    ['TE: gzip\n', false],
    ['', false],
  ])('is whether it takes trailers: %j %s', (lines, takes) => {
    expect(ask(lines).takesTrailers).toBe(takes)
  })

  it('joins its cookies as cookies are joined', () => {
    expect(ask('Cookie: a=1\nX: 1\nCookie: b=2\nX: 2\n').header('cookie')).toBe('a=1; b=2')
  })

  it('is its version, where the name of the protocol does not tell', () => {
    const version = (head: Http1Head): string | undefined =>
      new Frame(http1, FrameKind.Request, 0, head.buf, 0, head.end, true, head).header(':version')
    expect(version(read(What.Request, 'GET / HTTP/1.0\n\n'))).toBe('HTTP/1.0')
    expect(version(ask(''))).toBe(undefined)
  })
})
