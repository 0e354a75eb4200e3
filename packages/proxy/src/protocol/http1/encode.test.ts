import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { Match } from '../../protocol.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import {
  answerFraming,
  Framing,
  requestFraming,
  writeAnswer,
  writeChunk,
  writeRequest,
  writeTrailers,
} from './encode.ts'
import type { Http1Head } from './head.ts'
import { http1 } from './http1.ts'

const LIMITS = { maxHeaderBytes: 0, maxHeaders: 0 }

/** A connection that only remembers the windows it was given. */
class Paper extends Connection {
  readonly windows: string[] = []
  constructor() {
    const socket = { on: () => socket } as unknown as Socket
    super(socket, null!, null!)
  }
  override write(buf: Buffer, start = 0, end: number = buf.length): boolean {
    this.windows.push(buf.toString('latin1', start, end))
    return true
  }
  get text(): string {
    return this.windows.join('')
  }
}

function frameOf(what: What, text: string, last = true): Frame {
  const reader = new HeadReader(what, LIMITS)
  const cursor = new Cursor()
  cursor.add(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'))
  expect(reader.read(cursor)).toBe(Got.Head)
  const { head } = reader
  const kind = what === What.Request ? FrameKind.Request : FrameKind.Response
  return new Frame(http1, kind, 0, head.buf, head.start, head.end, last, head)
}

const request = (text: string, last = true): Frame => frameOf(What.Request, text, last)
const response = (text: string, last = true): Frame => frameOf(What.Response, text, last)

function sent(frame: Frame): string {
  const paper = new Paper()
  writeRequest(paper, frame, requestFraming(frame, frame.view as Http1Head))
  return paper.text.replaceAll('\r\n', '\n')
}

function answered(ask: Frame, frame: Frame, own = 0, server: string | null = null): string {
  const paper = new Paper()
  const to = ask.view as Http1Head
  const framing = answerFraming(to, frame, frame.view as Http1Head)
  writeAnswer(paper, to, frame, framing, own, server)
  return paper.text.replaceAll('\r\n', '\n')
}

const GET = request('GET / HTTP/1.1\nHost: a\n\n')
const GET10 = request('GET / HTTP/1.0\n\n')
const HEAD = request('HEAD / HTTP/1.1\nHost: a\n\n')

describe('heads of requests', () => {
  it('go out in the window they came in when nothing changes', () => {
    const paper = new Paper()
    const text = 'GET /a?b HTTP/1.1\r\nhOST: a\r\nX:   odd  \r\nte-st: 1\r\n\r\n'
    const frame = request(text.replaceAll('\r\n', '\n'))
    writeRequest(paper, frame, Framing.None)
    expect(paper.windows).toEqual([text])
  })

  const cases: readonly (readonly [string, string, string])[] = [
    [
      'lose what is for one hop',
      'GET / HTTP/1.1\nHost: a\nConnection: keep-alive, X-Secret\nKeep-Alive: 5\nx-secret: 1\nA: 1\n' +
        'Proxy-Connection: x\nTE: gzip\nUpgrade: h2c\n\n',
      'GET / HTTP/1.1\nHost: a\nA: 1\n\n',
    ],
    [
      'keep headers that the Connection header must not name',
      'GET / HTTP/1.1\nHost: a\nConnection: host, content-length\nContent-Length: 0\n\n',
      'GET / HTTP/1.1\nHost: a\nContent-Length: 0\n\n',
    ],
    [
      'keep the wish for trailers',
      'GET / HTTP/1.1\nHost: a\nTE: trailers, gzip\nConnection: TE\n\n',
      'GET / HTTP/1.1\nHost: a\nte: trailers\n\n',
    ],
    [
      'keep an expectation',
      'GET / HTTP/1.1\nHost: a\nExpect: 100-continue\n\n',
      'GET / HTTP/1.1\nHost: a\nExpect: 100-continue\n\n',
    ],
    [
      'turn a target in absolute form into path and host',
      'GET HTTP://b:81/p?q HTTP/1.1\nA: 1\nHost: a\n\n',
      'GET /p?q HTTP/1.1\nhost: b:81\nA: 1\n\n',
    ],
    [
      'give an absolute target without a path one',
      'GET http://b?q HTTP/1.1\nHost: a\n\n',
      'GET /?q HTTP/1.1\nhost: b\n\n',
    ],
    [
      'turn OPTIONS of a whole server into an asterisk',
      'OPTIONS http://b HTTP/1.1\nHost: a\n\n',
      'OPTIONS * HTTP/1.1\nhost: b\n\n',
    ],
    ['leave an asterisk', 'OPTIONS * HTTP/1.1\nHost: a\n\n', 'OPTIONS * HTTP/1.1\nHost: a\n\n'],
    [
      'speak HTTP/1.1 for a client of HTTP/1.0',
      'GET /x HTTP/1.0\nHost: a\nConnection: keep-alive\n\n',
      'GET /x HTTP/1.1\nhost: a\n\n',
    ],
  ]
  it.each(cases)('%s', (_name, came, goes) => {
    expect(sent(request(came))).toBe(goes)
  })

  it('keep an upgrade, with the one word of Connection that belongs to it', () => {
    const came =
      'GET / HTTP/1.1\nHost: a\nConnection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: k\n\n'
    expect(sent(request(came, false))).toBe(
      'GET / HTTP/1.1\nHost: a\nUpgrade: websocket\nSec-WebSocket-Key: k\nconnection: upgrade\n\n',
    )
    const edited = request(came, false)
    edited.remove('upgrade')
    edited.last = true
    expect(sent(edited)).toBe('GET / HTTP/1.1\nHost: a\nSec-WebSocket-Key: k\n\n')
    expect(http1.upgrade(edited)).toBe(null)
  })

  it('carry edits: lines replaced, appended and removed, the rest in its order', () => {
    const frame = request('GET /a HTTP/1.1\nHost: h\nX-A: 1\nB: 2\nx-a: 3\nC: 4\n\n')
    frame.set('x-a', 'new')
    frame.append('b', '5')
    frame.remove('c')
    frame.set('d', '1')
    frame.append('d', '2')
    frame.set('e', 'gone')
    frame.remove('e')
    expect(sent(frame)).toBe('GET /a HTTP/1.1\nHost: h\nB: 2\nx-a: new\nb: 5\nd: 1\nd: 2\n\n')
    expect(frame.header('x-a')).toBe('new')
  })

  it('carry edits of method, path and authority in the request line and in Host', () => {
    const frame = request('GET /a HTTP/1.1\nX: 1\nHost: h\n\n')
    frame.set(':path', '/new path/\u00e9\r\nX: y')
    frame.set(':authority', 'other:80')
    frame.set(':method', 'POST')
    expect(sent(frame)).toBe(
      'POST /new%20path/%C3%A9%0D%0AX:%20y HTTP/1.1\nhost: other:80\nX: 1\n\n',
    )
  })

  it('let no edit end a line or touch the framing', () => {
    const frame = request('POST / HTTP/1.1\nHost: h\nContent-Length: 3\n\n', false)
    frame.set('x', 'a\r\nInjected: 1\0\u010d')
    frame.set('bad name', '1')
    frame.set('transfer-encoding', 'chunked')
    frame.set('connection', 'close')
    frame.set('content-length', '3, 4')
    expect(sent(frame)).toBe(
      'POST / HTTP/1.1\nHost: h\nx: aInjected: 1?\ntransfer-encoding: chunked\n\n',
    )
  })

  it('are chunked when an edit takes the length away, and have a length when the body is gone', () => {
    const open = request('POST / HTTP/1.1\nHost: h\nContent-Length: 3\n\n', false)
    open.remove('content-length')
    expect(sent(open)).toBe('POST / HTTP/1.1\nHost: h\ntransfer-encoding: chunked\n\n')
    const gone = request('POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n', true)
    expect(sent(gone)).toBe('POST / HTTP/1.1\nHost: h\ncontent-length: 0\n\n')
  })

  it('parse again to the edits they were written with', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).map((one) => `x-${one}`)
    const edit = fc.record({
      name,
      value: fc.option(fc.stringMatching(/^[!-~]{1,9}$/)),
      append: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        const frame = request('GET / HTTP/1.1\nHost: a\nx-a: 1\nx-b: 2\n\n')
        for (const one of edits) {
          if (one.value === null) frame.remove(one.name)
          else if (one.append) frame.append(one.name, one.value)
          else frame.set(one.name, one.value)
        }
        const again = request(sent(frame))
        for (const one of edits) {
          expect(again.header(one.name)).toBe(frame.header(one.name))
        }
      }),
    )
  })
})

describe('heads of answers', () => {
  const cases: readonly (readonly [string, Frame, Frame, string])[] = [
    [
      'lose what is for one hop',
      GET,
      response('HTTP/1.1 200 OK\nConnection: close\nKeep-Alive: 5\nContent-Length: 0\n\n'),
      'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    ],
    [
      'say that a body without a length is chunked',
      GET,
      response('HTTP/1.1 200 OK\nA: 1\n\n', false),
      'HTTP/1.1 200 OK\nA: 1\ntransfer-encoding: chunked\n\n',
    ],
    [
      'are not chunked for HTTP/1.0',
      GET10,
      response('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nA: 1\n\n', false),
      'HTTP/1.1 200 OK\nA: 1\n\n',
    ],
    [
      'are of HTTP/1.1 whatever the host speaks',
      GET,
      response('HTTP/1.0 200 OK\nContent-Length: 0\n\n'),
      'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    ],
    [
      'keep the length for HEAD',
      HEAD,
      response('HTTP/1.1 200 OK\nContent-Length: 9\n\n'),
      'HTTP/1.1 200 OK\nContent-Length: 9\n\n',
    ],
    [
      'keep the length of what has not changed',
      GET,
      response('HTTP/1.1 304 Not Modified\nContent-Length: 9\n\n'),
      'HTTP/1.1 304 Not Modified\nContent-Length: 9\n\n',
    ],
    [
      'have no length where there is no content',
      GET,
      response('HTTP/1.1 204 No Content\nContent-Length: 9\nA: 1\n\n'),
      'HTTP/1.1 204 No Content\nA: 1\n\n',
    ],
    [
      'have a length when a body was taken away',
      GET,
      response('HTTP/1.1 200 OK\nContent-Length: 9\n\n'),
      'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
    ],
  ]
  it.each(cases)('%s', (_name, ask, frame, goes) => {
    expect(answered(ask, frame)).toBe(goes)
  })

  it('name this server in the place of the host', () => {
    const frame = response('HTTP/1.1 200 OK\nServer: x\nContent-Length: 0\n\n')
    expect(answered(GET, frame, 0, 'tulle')).toBe(
      'HTTP/1.1 200 OK\nContent-Length: 0\nserver: tulle\n\n',
    )
    const bare = response('HTTP/1.1 200 OK\nContent-Length: 0\n\n')
    expect(answered(GET, bare, 0, 'tulle')).toBe(
      'HTTP/1.1 200 OK\nContent-Length: 0\nserver: tulle\n\n',
    )
  })
})

describe('bodies', () => {
  it('go out in chunks, and no empty chunk ends them early', () => {
    const paper = new Paper()
    writeChunk(paper, Buffer.from('abc'), false)
    writeChunk(paper, Buffer.alloc(0), false)
    writeChunk(paper, Buffer.alloc(300, 'x'), true)
    expect(paper.text).toBe(`3\r\nabc\r\n12c\r\n${'x'.repeat(300)}\r\n0\r\n\r\n`)
  })

  it('end with trailers, less those that would change the message', () => {
    const trailers = frameOf(
      What.Trailers,
      'X-Sum: 1\nContent-Length: 5\nTransfer-Encoding: x\nhost: b\n\n',
    )
    const paper = new Paper()
    writeTrailers(paper, trailers)
    expect(paper.text).toBe('0\r\nX-Sum: 1\r\n\r\n')
  })
})

describe('answers of our own', () => {
  it('carry the sentence as plain text', () => {
    const { frame, body } = http1.reply(GET, Outcome.NoRoute, 'no route', 404)
    expect(http1.status(frame)).toBe(404)
    expect(frame.header('content-length')).toBe('9')
    expect(frame.header('content-type')).toBe('text/plain')
    expect(Date.parse(frame.header('date')!)).toBeGreaterThan(Date.parse('2020-01-01'))
    expect(body?.toString()).toBe('no route\n')
  })

  it('have no body for HEAD, nor where the status allows none', () => {
    expect(http1.reply(HEAD, Outcome.NoRoute, 'no route', 404).body).toBe(null)
    const bare = http1.reply(GET, Outcome.DirectResponse, 'x', 204)
    expect(bare.body).toBe(null)
    expect(bare.frame.header('content-length')).toBe(undefined)
  })

  it('leave a configured body as it is', () => {
    expect(http1.reply(GET, Outcome.DirectResponse, 'pong', 200).body?.toString()).toBe('pong')
    const empty = http1.reply(GET, Outcome.Redirect, '', 301)
    expect(empty.body).toBe(null)
    expect(empty.frame.header('content-length')).toBe('0')
  })
})

describe('what the protocol says of a frame', () => {
  it('are the pseudo headers and the headers, whatever their case', () => {
    const frame = request('POST https://b/p?q HTTP/1.1\nHost: a\nX-A: 1\nx-a:  2 \n\n')
    const names = [':method', ':path', ':authority', ':scheme', ':status', 'x-a', 'host', 'none']
    expect(names.map((name) => frame.header(name))).toEqual([
      'POST',
      '/p?q',
      'b',
      'https',
      undefined,
      '1, 2',
      'a',
      undefined,
    ])
    expect(http1.service(frame)).toBe('b')
    expect(response('HTTP/1.1 201 x\n\n').header(':status')).toBe('201')
  })

  const firsts: readonly (readonly [string, Match])[] = [
    ['GET / HT', Match.Yes],
    ['OPTIONS ', Match.Yes],
    ['OPT', Match.NeedMore],
    ['', Match.NeedMore],
    ['GETX', Match.No],
    ['get / HT', Match.No],
    ['PRI * HTTP/2.0', Match.No],
    ['\x16\x03\x01', Match.No],
  ]
  it.each(firsts)('recognises it by the first bytes %j', (text, match) => {
    expect(http1.match(Buffer.from(text, 'latin1'))).toBe(match)
  })

  it('is idempotent where sending twice does what sending once does', () => {
    expect(http1.idempotent(GET)).toBe(true)
    expect(http1.idempotent(request('POST / HTTP/1.1\nHost: a\n\n'))).toBe(false)
  })
})
