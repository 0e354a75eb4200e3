import { describe, expect, it } from 'vitest'
import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { Match } from '../../protocol.ts'
import { Ask, Handling, Lane } from './command.ts'
import { findCommand } from './commands.ts'
import { encodeCommand, splitInline } from './inline.ts'
import { redis } from './redis.ts'

/** A request for the command in a line, as a session makes it. */
function request(line: string, preamble: Buffer = Buffer.alloc(0)): Frame {
  const words = splitInline(Buffer.from(line), 0, Buffer.byteLength(line))!
  const bytes = Buffer.concat([preamble, encodeCommand(words)])
  const command = findCommand(words[0]!, 0, words[0]!.length)
  const ask = new Ask(command, Lane.Resp2, preamble.length, 0)
  return new Frame(redis, FrameKind.Request, 0, bytes, 0, bytes.length, true, ask)
}

function answer(text: string): Frame {
  const bytes = Buffer.from(text)
  return new Frame(redis, FrameKind.Response, 0, bytes, 0, bytes.length, true, null)
}

describe('a command', () => {
  it.each<[string, string, string | undefined, string | undefined]>([
    ['get user:7:name', 'user', 'GET', 'user:7:name'],
    ['GeT counter', 'counter', 'GET', 'counter'],
    ['GET com.shop.Stock/count?a=b:c', 'com.shop.Stock', 'GET', 'com.shop.Stock/count?a=b:c'],
    ['GET ""', '', 'GET', ''],
    ['GET', '', 'GET', undefined],
    ['PING', '', 'PING', undefined],
    ['MGET a:1 b:2', 'a', 'MGET', 'a:1'],
    ['config set maxmemory 1', '', 'CONFIG SET', undefined],
    ['CONFIG', '', 'CONFIG', undefined],
    ['OBJECT ENCODING a:1', 'a', 'OBJECT ENCODING', 'a:1'],
    ['MEMORY DOCTOR', '', 'MEMORY DOCTOR', undefined],
    ['EVAL "return 1" 0 a:1', '', 'EVAL', undefined],
    ['EVAL "return 1" 1 a:1', 'a', 'EVAL', 'a:1'],
    ['XREAD COUNT 2 STREAMS s:1 t:1 0 0', 's', 'XREAD', 's:1'],
    ['XREAD STREAMS', '', 'XREAD', undefined],
    ['SUBSCRIBE news:1', 'news', 'SUBSCRIBE', 'news:1'],
    ['json.get doc:1 $', 'doc', 'JSON.GET', 'doc:1'],
    ['frobnicate x:1', 'x', 'FROBNICATE', 'x:1'],
  ])('%j is for service %j, method %j, key %j', (line, service, method, key) => {
    for (const preamble of [Buffer.alloc(0), encodeCommand([Buffer.from('HELLO')])]) {
      const frame = request(line, preamble)
      expect([redis.service(frame), redis.method(frame), frame.header('key')]).toEqual([
        service,
        method,
        key,
      ])
    }
  })

  it('with a long key has it cut in logs, and no service where it has no prefix', () => {
    const frame = request(`GET ${'k'.repeat(5000)}`)
    expect(redis.service(frame)).toBe('')
    expect(frame.header('key')).toBe('k'.repeat(1024))
    expect(redis.service(request(`GET a:${'k'.repeat(5000)}`))).toBe('a')
    expect(redis.method(request('x'.repeat(65)))).toBeUndefined()
  })

  it.each<[string, boolean]>([
    ['GET a', true],
    ['XREAD STREAMS a 0', true],
    ['SET a b', false],
    ['INCR a', false],
    ['EVAL x 0', false],
    ['FROBNICATE', false],
  ])('%j may be sent twice: %s', (line, twice) => {
    expect(redis.idempotent(request(line))).toBe(twice)
  })

  it.each<[string, Handling]>([
    ['set', Handling.Share],
    ['FT.SEARCH', Handling.Share],
    ['restore-asking', Handling.Share],
    ['MULTI', Handling.Own],
    ['blpop', Handling.Own],
    ['FROB', Handling.Own],
    ['.', Handling.Own],
    ['client', Handling.Special],
  ])('%s is handled as %s', (name, handling) => {
    expect(findCommand(Buffer.from(`..${name}.a`), 2, 2 + name.length).handling).toBe(handling)
  })
})

describe('an answer', () => {
  it.each<[string, number]>([
    ['+OK\r\n', 200],
    ['*1\r\n-ERR inside\r\n', 200],
    ['-ERR unknown command\r\n', 400],
    ['-WRONGTYPE Operation\r\n', 400],
    ['-NOAUTH Authentication required.\r\n', 401],
    ['-NOPERM this user\r\n', 403],
    ['-NOSCRIPT No matching script.\r\n', 404],
    ['-MOVED 1 127.0.0.1:1\r\n', 307],
    ['-LOADING Redis is loading\r\n', 503],
    ["-READONLY You can't write\r\n", 503],
    ['-OWNWORD of a script\r\n', 400],
    ['-\r\n', 400],
    ['!21\r\nCLUSTERDOWN not today\r\n', 503],
  ])('%j is %i in the words of HTTP', (text, status) => {
    expect(redis.status(answer(text))).toBe(status)
  })

  it.each<[Outcome, number, string, number]>([
    [Outcome.NoRoute, 404, '-NOROUTE why\r\n', 404],
    [Outcome.UpstreamReset, 503, '-UNAVAILABLE why\r\n', 503],
    [Outcome.UpstreamProtocol, 502, '-BADGATEWAY why\r\n', 502],
    [Outcome.Timeout, 504, '-TIMEOUT why\r\n', 504],
    [Outcome.TooLarge, 413, '-ERR why\r\n', 400],
    [Outcome.FaultAbort, 500, '-FAILED why\r\n', 500],
    [Outcome.FaultAbort, 429, '-LIMIT why\r\n', 429],
    [Outcome.FaultAbort, 401, '-NOAUTH why\r\n', 401],
    [Outcome.FaultAbort, 403, '-NOPERM why\r\n', 403],
    [Outcome.DirectResponse, 200, '$3\r\nwhy\r\n', 200],
    [Outcome.DirectResponse, 503, '-UNAVAILABLE why\r\n', 503],
    [Outcome.Redirect, 301, '-ERR a redirect cannot be said in redis\r\n', 400],
  ])('of ours for %o with %i is %j', (outcome, status, text, told) => {
    const { frame, body } = redis.reply(request('GET a'), outcome, 'why', status)
    expect([frame.buf.toString(), body, redis.status(frame)]).toEqual([text, null, told])
  })

  it('of ours is one line, whatever the sentence is', () => {
    const { frame } = redis.reply(request('GET a'), Outcome.NoRoute, 'a\r\nb\nc', 404)
    expect(frame.buf.toString()).toBe('-NOROUTE a b c\r\n')
    expect(redis.refusal('full')!.toString()).toBe('-UNAVAILABLE full\r\n')
  })
})

describe('first bytes', () => {
  it.each<[string, Match]>([
    ['', Match.NeedMore],
    ['*', Match.NeedMore],
    ['*12', Match.NeedMore],
    ['*12\r', Match.NeedMore],
    ['*12\r\n', Match.NeedMore],
    ['*12\r\n$', Match.Yes],
    ['*1\r\n$4\r\nPING\r\n', Match.Yes],
    ['*1\r\n:', Match.No],
    ['*x', Match.No],
    ['*-1\r\n', Match.No],
    ['*12345678', Match.No],
    ['PING\r\n', Match.No],
    ['GET / HTTP/1.1\r\n', Match.No],
    ['+OK\r\n', Match.No],
  ])('%j: %i', (text, match) => {
    expect(redis.match(Buffer.from(text))).toBe(match)
  })
})

describe('a message alone', () => {
  it.each<[string, boolean]>([
    ['GET a', true],
    ['XREAD STREAMS a 0', true],
    ['HELLO', true],
    ['XREAD BLOCK 0 STREAMS a 0', false],
    ['HELLO 3', false],
    ['MULTI', false],
    ['SELECT 0', false],
    ['CLIENT SETNAME x', false],
    ['SCRIPT LOAD x', true],
    ['script kill', false],
    ['DEBUG SLEEP 0', false],
    ['FROB', false],
  ])('%j is a request that any connection can carry: %s', (line, is) => {
    expect(redis.parse!(request(line).buf) !== null).toBe(is)
  })

  it('is one command, or one answer where that is asked for, and nothing besides', () => {
    const parse = redis.parse!
    const get = request('GET a').buf
    expect(parse(Buffer.concat([get, get]))).toBeNull()
    expect(parse(get.subarray(0, -1))).toBeNull()
    expect(parse(get)!.kind).toBe(FrameKind.Request)
    expect(parse(get, true)!.kind).toBe(FrameKind.Response)
    expect(parse(Buffer.from('+OK\r\n'), true)!.kind).toBe(FrameKind.Response)
    expect(parse(Buffer.from('+OK\r\n+OK\r\n'), true)).toBeNull()
    expect(parse(Buffer.from('+OK'), true)).toBeNull()
  })
})
