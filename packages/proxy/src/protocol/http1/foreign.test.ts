import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { carried, type FakeFields, foreign } from './fake-head.ts'
import { Host, MiniProxy, RawClient, until } from './harness.ts'

/** Sessions whose messages go through another version of HTTP on their way from one to the other. */

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Trio {
  readonly host: Host
  readonly proxy: MiniProxy
  readonly client: RawClient
}

async function trio(onData: (socket: Socket, text: string, host: Host) => void): Promise<Trio> {
  const host = await new Host(onData).start()
  const proxy = await new MiniProxy().start(host.port)
  proxy.between = carried
  const client = new RawClient(proxy.port)
  closers.push(() => {
    client.socket.destroy()
    proxy.stop()
    host.stop()
  })
  return { host, proxy, client }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'

/** Answers when all of a request has come. */
function whenWhole(
  end: string,
  answer: string,
): (socket: Socket, text: string, host: Host) => void {
  return (socket, _text, host) => {
    if (host.got.endsWith(end)) socket.write(answer)
  }
}

describe('a message that another version carried', () => {
  it('comes out as it went in, request after request on one connection', async () => {
    const { host, proxy, client } = await trio((socket) => socket.write(OK))
    client.write('GET /a?b HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n')
    expect(await client.tail('ok')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    client.write(GET)
    await client.until((got) => got.split('ok').length === 3)
    expect(host.got).toBe(
      'GET /a?b HTTP/1.1\r\nhost: a\r\nx-a: 1\r\ncookie: a=1; b=2\r\n\r\n' +
        'GET /a?b HTTP/1.1\r\nhost: a\r\n\r\n',
    )
    expect(proxy.dials).toBe(1)
  })

  it('carries the changes made on its way', async () => {
    const { host, proxy, client } = await trio((socket) => socket.write(OK))
    proxy.onEach = (_stream, frame) => {
      frame.set(':path', '/new')
      frame.set(':authority', 'b')
      frame.set('x-a', '1')
      return false
    }
    proxy.onAnswer = (frame) => frame.set('x-b', '2')
    client.write(GET)
    expect(await client.tail('ok')).toContain('\r\nx-b: 2\r\n\r\nok')
    expect(host.got).toBe('GET /new HTTP/1.1\r\nhost: b\r\nx-a: 1\r\n\r\n')
  })

  it('has bodies in chunks where nobody told a length, and trailers behind them', async () => {
    const { host, client } = await trio(
      whenWhole(
        'x-end: 1\r\n\r\n',
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nGrpc-Status: 0\r\n\r\n',
      ),
    )
    client.write(`${POST}TE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n`)
    client.write('2\r\nhi\r\n0\r\nX-End: 1\r\nContent-Length: 9\r\n\r\n')
    expect(await client.tail('0\r\ngrpc-status: 0\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ngrpc-status: 0\r\n\r\n',
    )
    expect(host.got).toBe(
      'POST / HTTP/1.1\r\nhost: a\r\nte: trailers\r\ntransfer-encoding: chunked\r\n\r\n' +
        '2\r\nhi\r\n0\r\nx-end: 1\r\n\r\n',
    )
  })

  it('ends with the connection for a client of HTTP/1.0', async () => {
    const chunks =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n'
    const { client } = await trio((socket) => socket.write(chunks))
    client.write('GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n')
    expect(await client.all()).toBe('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok')
  })

  it('has no body for HEAD, and keeps its length', async () => {
    const { client } = await trio((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
    )
    client.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.tail('\r\n\r\n')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n')
  })

  it('keeps its expectation; the host says when to go on', async () => {
    const { host, client } = await trio((socket, text) => {
      socket.write(text.includes('expect') ? 'HTTP/1.1 100 Continue\r\n\r\n' : OK)
    })
    client.write(`${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`)
    expect(await client.tail('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.write('hi')
    await client.tail('ok')
    expect(host.got).toBe(
      'POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nhi',
    )
  })

  it('opens websockets: asked for with a key of this hop, accepted with the one of the client', async () => {
    const { host, proxy, client } = await trio((socket, text) => {
      socket.write(
        text.startsWith('GET')
          ? 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
              'Sec-WebSocket-Accept: of this hop\r\nSec-WebSocket-Protocol: chat\r\n\r\n'
          : text.toUpperCase(),
      )
    })
    client.write(
      'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    expect(await client.tail('\r\n\r\n')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nsec-websocket-protocol: chat\r\nupgrade: websocket\r\n' +
        'sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nconnection: upgrade\r\n\r\n',
    )
    expect(host.got).toMatch(
      /^GET \/chat HTTP\/1.1\r\nhost: a\r\nsec-websocket-version: 13\r\nupgrade: websocket\r\nsec-websocket-key: [\w+/]{22}==\r\nconnection: upgrade\r\n\r\n$/,
    )
    client.write('hello')
    await client.tail('HELLO')
    expect(proxy.streams[0]!.status).toBe(101)
    host.ends = false
    client.end()
    await until(() => proxy.streams[0]!.requestDone)
    host.sockets[0]!.end('bye')
    expect(await client.all()).toMatch(/bye$/)
    expect(proxy.streams[0]!.outcome).toBe(Outcome.Ok)
  })

  it('opens tunnels of CONNECT', async () => {
    const { host, client } = await trio((socket, text) => {
      socket.write(text.startsWith('CONNECT') ? 'HTTP/1.1 200 OK\r\n\r\n' : text.toUpperCase())
    })
    client.write('CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n')
    expect(await client.tail('\r\n\r\n')).toBe('HTTP/1.1 200 OK\r\n\r\n')
    client.write('query')
    await client.tail('QUERY')
    expect(host.got).toBe('CONNECT db:5432 HTTP/1.1\r\nhost: db:5432\r\n\r\nquery')
  })
})

describe('a message that does not go into HTTP/1', () => {
  const EVIL: FakeFields = { fields: [['x', 'a\r\n\r\nGET /evil HTTP/1.1']] }

  it('is answered where it is a request; the host gets nothing and the connection serves on', async () => {
    const { host, proxy, client } = await trio((socket) => socket.write(OK))
    await client.write(GET).tail('ok')
    proxy.between = (frame) =>
      frame.kind === FrameKind.Request ? foreign(frame.kind, { method: 'GET', ...EVIL }) : frame
    host.got = ''
    client.write(GET)
    const answer = await client.tail('section 5.5)\n')
    expect(answer).toContain('HTTP/1.1 400 Bad Request')
    expect(answer).toContain('mini: downstream: the request does not go into HTTP/1.1: a header ')
    expect(proxy.resets).toHaveLength(1)
    proxy.between = (frame) => frame
    client.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.tail('\r\n\r\nok')
    expect(host.got).toBe('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(proxy.dials).toBe(1)
  })

  it('breaks off where it is the trailers of a request', async () => {
    const { host, proxy, client } = await trio(() => {})
    proxy.between = (frame) =>
      frame.kind === FrameKind.Trailers ? foreign(frame.kind, EVIL) : carried(frame)
    client.write(`${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: 1\r\n\r\n`)
    expect(await client.tail('in its trailers\n')).toMatch(/^HTTP\/1.1 400 /)
    await until(() => host.got.endsWith('<end>') || host.sockets[0]!.destroyed)
    expect(host.got).not.toContain('evil')
    expect(host.got).not.toContain('\r\n0\r\n')
  })

  it('becomes a 502 where it is an answer, and what follows of it goes nowhere', async () => {
    const { proxy, client } = await trio((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret'),
    )
    proxy.between = (frame) =>
      frame.kind === FrameKind.Response
        ? foreign(frame.kind, { status: 200, ...EVIL }, false)
        : frame
    client.write(GET)
    const answer = await client.tail('section 5.5)\n')
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
    expect(answer).toContain('mini: upstream: the answer of the host does not go into HTTP/1.1: ')
    expect(answer).not.toContain('secret')
    const [stream] = proxy.streams
    expect(stream).toMatchObject({ ended: true, status: 502, outcome: Outcome.UpstreamProtocol })
    // The client's connection serves on.
    proxy.between = (frame) => frame
    client.write(GET)
    await client.tail('\r\n\r\nsecret')
  })

  it('cuts the answer short where it is its trailers', async () => {
    const { proxy, client } = await trio((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n',
      ),
    )
    proxy.between = (frame) =>
      frame.kind === FrameKind.Trailers ? foreign(frame.kind, EVIL) : carried(frame)
    client.write(GET)
    await until(() => client.closed)
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    expect(client.got).not.toContain('evil')
    expect(proxy.streams[0]).toMatchObject({ ended: true, outcome: Outcome.UpstreamProtocol })
  })

  it('is left out where it is an interim answer', async () => {
    const { proxy, client } = await trio((socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`),
    )
    proxy.between = (frame) =>
      frame.kind === FrameKind.Interim ? foreign(frame.kind, { status: 101 }) : carried(frame)
    expect(await client.write(GET).tail('ok')).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    )
  })
})

describe('a call of gRPC over HTTP/1', () => {
  const CALL = `${POST}Content-Type: application/grpc\r\nContent-Length: 0\r\n`

  it('is answered in its own way when there is no answer to pass on', async () => {
    const { client } = await trio((socket) => socket.destroy())
    client.write(`${CALL}\r\n`)
    const answer = await client.until((got) => got.includes('content-length: 0\r\n\r\n'))
    expect(answer).toMatch(
      /^HTTP\/1.1 200 OK\r\ndate: [^\r]+\r\ncontent-type: application\/grpc\r\ngrpc-status: 14\r\ngrpc-message: mini: upstream: 127[^\r%]+\r\n/,
    )
  })

  it('says how long it waits, and the next hop is told what is left', async () => {
    const { host, proxy, client } = await trio((socket) => socket.write(OK))
    proxy.onEach = (_stream, frame) => {
      expect(frame.protocol.timeoutMs(frame)).toBe(1500)
      frame.protocol.shorten!(frame, 1200.7)
      return false
    }
    await client.write(`${CALL}Grpc-Timeout: 1500m\r\n\r\n`).tail('ok')
    expect(host.got).toContain('\r\ngrpc-timeout: 1200m\r\n')
    expect(host.got).not.toContain('1500m')
  })

  it.each([
    ['is no call of gRPC', `${POST}Content-Length: 0\r\nGrpc-Timeout: 5S\r\n\r\n`],
    ['is malformed', `${CALL}Grpc-Timeout: soon\r\n\r\n`],
    ['is not there', `${CALL}\r\n`],
  ])('waits as long as the route says where its time %s', async (_name, request) => {
    const { host, proxy, client } = await trio((socket) => socket.write(OK))
    const times: number[] = []
    proxy.onEach = (_stream, frame) => {
      times.push(frame.protocol.timeoutMs(frame))
      frame.protocol.shorten!(frame, 1)
      expect(frame.edits).toBe(null)
      return false
    }
    await client.write(request).tail('ok')
    expect(times).toEqual([0])
    expect(host.got).not.toContain('1m')
  })
})
