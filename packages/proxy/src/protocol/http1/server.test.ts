import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { IntakeSettings } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { Host, MiniProxy, RawClient, until } from './harness.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function hostOf(onData: (socket: Socket, text: string, host: Host) => void): Promise<Host> {
  const host = await new Host(onData).start()
  closers.push(() => host.stop())
  return host
}

async function proxyTo(host: Host, settings: Partial<IntakeSettings> = {}): Promise<MiniProxy> {
  const proxy = await new MiniProxy().start(host.port, settings)
  closers.push(() => proxy.stop())
  return proxy
}

function clientOf(proxy: MiniProxy, text = ''): RawClient {
  const client = new RawClient(proxy.port)
  closers.push(() => client.socket.destroy())
  return text === '' ? client : client.write(text)
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** Answers each request without a body. */
const answering = (): Promise<Host> =>
  hostOf((socket, text) => {
    for (let i = text.split('\r\n\r\n').length - 1; i > 0; i--) socket.write(OK)
  })

describe('a connection of a client', () => {
  it('serves one request after the other', async () => {
    const host = await answering()
    const proxy = await proxyTo(host)
    const client = clientOf(proxy)
    for (let i = 1; i <= 3; i++) {
      client.write(GET)
      await client.until((got) => got.split('ok').length - 1 === i)
    }
    expect(client.got).toBe(OK.repeat(3))
    expect(host.got).toBe(GET.repeat(3))
    expect(proxy.dials).toBe(1)
    expect(proxy.streams.every((stream) => stream.ended && stream.requestDone)).toBe(true)
  })

  it('answers a hundred pipelined requests in order', async () => {
    const host = await hostOf((socket, text) => {
      const path = /^GET (\S+)/.exec(text)![1]!
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`)
    })
    const proxy = await proxyTo(host)
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`)
    const client = clientOf(
      proxy,
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
    )
    const got = await client.tail('/99')
    expect(got.match(/\/\d+$|\/\d+(?=HTTP)/g)).toEqual(paths)
  })

  it('answers pipelined requests of a client that has ended', async () => {
    const host = await answering()
    const proxy = await proxyTo(host)
    expect(await clientOf(proxy, GET.repeat(3)).end().all()).toBe(
      OK.repeat(2) + OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
    )
  })

  it('answers pipelined requests that are answered here, at once and in order', async () => {
    const proxy = await proxyTo(await answering())
    proxy.onEach = (stream) => {
      stream.answer(Outcome.NoRoute, `no route for ${stream.request.header(':path')}`)
      return true
    }
    const paths = Array.from({ length: 50 }, (_, i) => `/${i}`)
    const client = clientOf(
      proxy,
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''),
    )
    const got = await client.tail('no route for /49\n')
    expect(got.match(/(?<=route for )\S+/g)).toEqual(paths)
  })

  it('holds what a client pipelines without end, no more than a few reads of it', async () => {
    const host = await hostOf(() => {})
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, GET)
    await until(() => host.got === GET)
    const many = Buffer.from(GET.repeat(1000))
    for (let i = 0; i < 400; i++) client.socket.write(many)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const [session] = [...proxy.sessions]
    expect(session!.connection.bytesIn).toBeLessThan(1024 * 1024)
    expect(client.socket.writableLength).toBeGreaterThan(1024 * 1024)
  })

  it('closes when the client asks for it, and says so', async () => {
    const proxy = await proxyTo(await answering())
    const got = await clientOf(
      proxy,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    ).all()
    expect(got).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nconnection: close\r\n\r\nok')
  })

  it('lets the stream go when the client goes', async () => {
    const host = await hostOf(() => {})
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, GET)
    await until(() => host.got === GET)
    client.socket.resetAndDestroy()
    await until(() => proxy.streams[0]!.ended && proxy.sessions.size === 0)
    expect(proxy.streams[0]!.outcome).toBe(Outcome.ClientGone)
    await until(() => host.got.endsWith('<end>'))
  })

  it('lets the stream go when the client ends in the middle of its body', async () => {
    const host = await hostOf(() => {})
    const proxy = await proxyTo(host)
    clientOf(proxy, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc').end()
    await until(() => proxy.streams[0]?.ended === true && proxy.sessions.size === 0)
    expect(proxy.streams[0]!.outcome).toBe(Outcome.ClientGone)
  })
})

describe('bodies', () => {
  it('pass up and down by length, however they are cut', async () => {
    const host = await hostOf((socket, _text, { got }) => {
      const [, length, body] = /Length: (\d+)\r\n\r\n(.*)$/s.exec(got) ?? []
      if (body === undefined || body.length < Number(length)) return
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`, 'latin1')
    })
    const proxy = await proxyTo(host)
    const body = Array.from({ length: 500 }, (_, i) => i).join()
    const message = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(message.length), { maxLength: 4 }), async (cuts) => {
        host.got = ''
        const client = clientOf(proxy)
        let from = 0
        for (const cut of cuts.toSorted((a, b) => a - b)) {
          client.write(message.slice(from, cut))
          from = cut
          await new Promise((resolve) => setImmediate(resolve))
        }
        client.write(message.slice(from))
        expect(await client.tail(body)).toContain(`\r\n\r\n${body}`)
        client.socket.destroy()
      }),
      { numRuns: 20 },
    )
  })

  it('pass in chunks with their trailers, extensions left behind', async () => {
    const host = await hostOf((socket, text) => {
      if (!text.endsWith('X-Sum: 9\r\n\r\n')) return
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n' +
          '4;ext="1"\r\nwiki\r\n0\r\nX-T: 1\r\n\r\n',
      )
    })
    const proxy = await proxyTo(host)
    const client = clientOf(
      proxy,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 9\r\n\r\n',
    )
    expect(await client.tail('X-T: 1\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n4\r\nwiki\r\n0\r\nX-T: 1\r\n\r\n',
    )
    expect(host.got).toBe(
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 9\r\n\r\n',
    )
    client.write(GET)
    await until(() => host.got.endsWith(GET))
    expect(proxy.streams[0]!.requestBytes).toBe(5)
    expect(proxy.streams[0]!.responseBytes).toBe(4)
  })

  it('that end with the connection are chunked for the client, which stays', async () => {
    const host = await hostOf((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nto the end'))
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, GET)
    const whole =
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nto the end\r\n0\r\n\r\n'
    expect(await client.tail('0\r\n\r\n')).toBe(whole)
    client.write(GET)
    await client.until((got) => got === whole + whole)
    expect(proxy.dials).toBe(2)
  })

  it('have no data for HEAD, 204 and 304', async () => {
    const host = await hostOf((socket, text) => {
      if (text.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n')
      else if (text.includes('/204')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      else socket.write('HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n')
    })
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, `HEAD / HTTP/1.1\r\nHost: a\r\n\r\n`)
    client.write(`GET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(await client.tail('7\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n' +
        'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n',
    )
    expect(proxy.dials).toBe(1)
  })

  it('wait while the client does not read, and come whole when it does', async () => {
    const size = 32 * 1024 * 1024
    const host = await hostOf((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      socket.write(Buffer.alloc(size, 'x'))
    })
    const proxy = await proxyTo(host)
    const client = clientOf(proxy)
    client.socket.pause()
    let bytes = 0
    client.socket.removeAllListeners('data')
    client.socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    client.socket.pause()
    client.write(GET)
    await until(() => host.got === GET)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const [session] = [...proxy.sessions]
    expect(session!.connection.pendingBytes).toBeLessThan(1024 * 1024)
    expect(proxy.streams[0]!.responseBytes).toBeLessThan(size / 2)
    client.socket.resume()
    await until(() => bytes > size)
    expect(proxy.streams[0]!.responseBytes).toBe(size)
  })

  it('wait while the host does not read', async () => {
    const size = 32 * 1024 * 1024
    const host = await hostOf((socket, _text, { got }) => {
      if (got.length < 1000) socket.pause()
    })
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    await until(() => host.got.endsWith('\r\n\r\n'))
    client.socket.write(Buffer.alloc(size, 'x'))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(proxy.streams[0]!.requestBytes).toBeLessThan(size / 2)
    expect(proxy.streams[0]!.up!.connection.pendingBytes).toBeLessThan(1024 * 1024)
    host.sockets[0]!.resume()
    await until(() => proxy.streams[0]!.requestDone)
    expect(proxy.streams[0]!.requestBytes).toBe(size)
  })
})

describe('an expectation', () => {
  const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n'

  it('is put to the host, whose 100 passes back', async () => {
    const host = await hostOf((socket, text) => {
      socket.write(text.endsWith('abc') ? OK : 'HTTP/1.1 100 Continue\r\n\r\n')
    })
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, POST)
    expect(await client.tail('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.write('abc')
    expect(await client.tail('ok')).toBe(`HTTP/1.1 100 Continue\r\n\r\n${OK}`)
    expect(host.got).toBe(`${POST}abc`)
    client.write(GET)
    await until(() => host.got.endsWith(GET))
    expect(proxy.dials).toBe(1)
  })

  it('may be refused by the host: the body never comes, and the connection ends', async () => {
    const host = await hostOf((socket) =>
      socket.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n'),
    )
    const proxy = await proxyTo(host)
    expect(await clientOf(proxy, POST).all()).toBe(
      'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nconnection: close\r\n\r\n',
    )
    await until(() => host.got === `${POST}<end>`)
  })

  it('passes other interim answers too, but not to HTTP/1.0', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    const host = await hostOf((socket) => socket.write(hint + OK))
    const proxy = await proxyTo(host)
    expect(await clientOf(proxy, GET).tail('ok')).toBe(hint + OK)
    expect(await clientOf(proxy, 'GET / HTTP/1.0\r\n\r\n').all()).not.toContain('103')
  })
})

describe('a request that is answered before it has come', () => {
  const answerAtOnce = (stream: Stream): boolean => {
    stream.answer(Outcome.NoRoute, 'no route')
    return true
  }

  it('keeps the connection when little is left of it', async () => {
    const proxy = await proxyTo(await answering())
    proxy.onEach = answerAtOnce
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n'
    const client = clientOf(proxy, `${post}01234`)
    await client.tail('no route\n')
    client.write(`56789${GET}`)
    await client.until((got) => got.split('no route').length === 3)
    expect(client.got).not.toContain('connection: close')
  })

  it('reads on to the end of chunks and trailers for nobody', async () => {
    const proxy = await proxyTo(await answering())
    proxy.onEach = answerAtOnce
    const client = clientOf(
      proxy,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    await client.tail('no route\n')
    client.write(`3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n${GET}`)
    await client.until((got) => got.split('no route').length === 3)
    expect(proxy.streams[0]!.requestBytes).toBe(0)
  })

  it('closes the connection when much is left', async () => {
    const proxy = await proxyTo(await answering())
    proxy.onEach = answerAtOnce
    const client = clientOf(
      proxy,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n',
    )
    expect(await client.all()).toContain('connection: close')
  })

  it('closes the connection when chunks do not end', async () => {
    const proxy = await proxyTo(await answering())
    proxy.onEach = answerAtOnce
    const client = clientOf(
      proxy,
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    await client.tail('no route\n')
    client.write(`20000\r\n${'x'.repeat(0x20000)}`)
    await client.all()
    expect(client.ended).toBe(true)
  })
})

describe('HTTP/1.0', () => {
  it('is told to upgrade where it is not accepted', async () => {
    const host = await answering()
    const proxy = await proxyTo(host, { acceptHttp10: false })
    const got = await clientOf(proxy, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n').all()
    expect(got).toMatch(/^HTTP\/1.1 426 /)
    expect(got).toContain('connection: close')
    expect(proxy.streams[0]!.outcome).toBe(Outcome.Version)
    expect(host.got).toBe('')
  })

  it('is answered and closed, a chunked answer without its chunks', async () => {
    const host = await hostOf((socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      ),
    )
    const proxy = await proxyTo(host, { defaultHostForHttp10: 'old.example' })
    expect(await clientOf(proxy, 'GET / HTTP/1.0\r\n\r\n').all()).toBe(
      'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcde',
    )
    expect(host.got).toBe('GET / HTTP/1.1\r\nhost: old.example\r\n\r\n')
    expect(proxy.streams[0]!.request.header(':authority')).toBe('old.example')
  })

  it('stays when it asks for it and the answer has a length', async () => {
    const proxy = await proxyTo(await answering())
    const ask = 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n'
    const client = clientOf(proxy, ask)
    const kept = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nconnection: keep-alive\r\n\r\nok'
    expect(await client.tail('ok')).toBe(kept)
    client.write(ask)
    await client.until((got) => got === kept + kept)
  })
})

describe('tunnels', () => {
  const UPGRADE =
    'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const SWITCH =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
  /** Opens at the head, then sends back what comes. */
  const echo = (opening: string): Promise<Host> =>
    hostOf((socket, text) => {
      socket.write(text.includes(' HTTP/1.1\r\n') ? opening : text.toUpperCase())
    })

  it('open by an upgrade and carry bytes both ways, each direction to its own end', async () => {
    const host = await echo(SWITCH)
    const proxy = await proxyTo(host)
    let asked: string | null = ''
    proxy.onEach = (_stream, frame: Frame) => {
      asked = frame.protocol.upgrade(frame)
      return false
    }
    const client = clientOf(proxy, UPGRADE)
    expect(await client.tail('\r\n\r\n')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    )
    expect(asked).toBe('websocket')
    client.write('hello GET / HTTP/1.1?')
    expect(await client.tail('HELLO GET / HTTP/1.1?')).toContain('HELLO')
    host.ends = false
    client.end()
    await until(() => host.got.endsWith('<end>'))
    host.sockets[0]!.end('last words')
    expect(await client.all()).toContain('last words')
    await until(() => proxy.sessions.size === 0)
    expect(proxy.streams[0]!.ended).toBe(true)
    expect(proxy.streams[0]!.outcome).toBe(Outcome.Ok)
  })

  it('are none for h2c, which clients try by default: the request goes on in HTTP/1.1', async () => {
    const host = await answering()
    const proxy = await proxyTo(host)
    let asked: string | null = ''
    proxy.onEach = (_stream, frame: Frame) => {
      asked = frame.protocol.upgrade(frame)
      return false
    }
    const client = clientOf(
      proxy,
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: H2C\r\nHTTP2-Settings: AAEA\r\n\r\n',
    )
    expect(await client.tail('ok')).toMatch(/^HTTP\/1.1 200 /)
    expect(asked).toBe(null)
    expect(host.got).toBe('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  })

  it('open by CONNECT', async () => {
    const host = await echo('HTTP/1.1 200 Connected\r\nContent-Length: 9\r\n\r\nhi')
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, 'CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n')
    expect(await client.tail('hi')).toBe('HTTP/1.1 200 Connected\r\n\r\nhi')
    client.write('query')
    await client.tail('QUERY')
    expect(host.got).toBe('CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\nquery')
  })

  it('take what the client sent before they were open', async () => {
    const host = await echo(SWITCH)
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, `${UPGRADE}early`)
    await client.tail('EARLY')
    expect(host.got.endsWith('\r\n\r\nearly')).toBe(true)
  })

  it('carry on to the client when the host has ended its side', async () => {
    const host = await hostOf((socket, text) => {
      if (text.includes(' HTTP/1.1\r\n')) socket.end(`${SWITCH}bye`)
    })
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, UPGRADE)
    await client.until(() => client.ended)
    expect(client.got.endsWith('bye')).toBe(true)
    client.write('and more').end()
    await until(() => host.got.endsWith('and more<end>'))
    await until(() => proxy.streams[0]!.ended && proxy.sessions.size === 0)
  })

  it('that the host refuses leave the connection as it was', async () => {
    const host = await hostOf((socket, text) =>
      socket.write(text.includes('Upgrade') ? 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' : OK),
    )
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, UPGRADE + GET)
    expect(await client.tail('ok')).toBe(`HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n${OK}`)
    expect(proxy.streams[0]!.requestDone).toBe(true)
    expect(proxy.dials).toBe(1)
  })

  it('end for the client when the host breaks', async () => {
    const host = await echo(SWITCH)
    const proxy = await proxyTo(host)
    const client = clientOf(proxy, UPGRADE)
    await client.tail('\r\n\r\n')
    host.sockets[0]!.resetAndDestroy()
    await until(() => client.closed)
    expect(proxy.streams[0]!.ended).toBe(true)
  })
})

describe('times and draining', () => {
  it('closes a connection without requests', async () => {
    const proxy = await proxyTo(await answering(), { idleTimeoutMs: 30 })
    const client = clientOf(proxy)
    expect(await client.all()).toBe('')
    expect(proxy.stats.cx_idle_timeout).toBe(1)
  })

  it('closes a connection that had requests before', async () => {
    const proxy = await proxyTo(await answering(), { idleTimeoutMs: 40 })
    expect(await clientOf(proxy, GET).all()).toBe(OK)
    expect(proxy.stats.cx_idle_timeout).toBe(1)
  })

  it('answers a head that does not end in time', async () => {
    const proxy = await proxyTo(await answering(), { headerTimeoutMs: 40, idleTimeoutMs: 60_000 })
    const client = clientOf(proxy, GET)
    await client.tail('ok')
    client.write('GET / HTTP/1.1\r\nHo')
    const got = await client.all()
    expect(got.slice(OK.length)).toMatch(/^HTTP\/1.1 408 .*within 40 ms/s)
  })

  it('answers a body that does not end in time', async () => {
    const proxy = await proxyTo(await hostOf(() => {}), { requestTimeoutMs: 40 })
    const client = clientOf(proxy, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab')
    expect(await client.all()).toMatch(/^HTTP\/1.1 408 .*connection: close.*within 40 ms/s)
    expect(proxy.streams[0]!.outcome).toBe(Outcome.RequestTimeout)
  })

  it('does not count the time of the answer against the request', async () => {
    const host = await hostOf((socket) => setTimeout(() => socket.write(OK), 120))
    const proxy = await proxyTo(host, {
      requestTimeoutMs: 30,
      headerTimeoutMs: 30,
      idleTimeoutMs: 30,
    })
    expect(await clientOf(proxy, GET).all()).toBe(OK)
  })

  it('closes idle connections at once when it drains, others after their answer', async () => {
    let answer = (): void => {}
    const host = await hostOf((socket) => {
      answer = () => socket.write(OK)
    })
    const proxy = await proxyTo(host)
    const idle = clientOf(proxy, GET)
    await until(() => host.got === GET)
    answer()
    await until(() => idle.got === OK)
    const busy = clientOf(proxy, GET)
    await until(() => host.got === GET + GET && proxy.sessions.size === 2)
    proxy.draining = true
    for (const session of proxy.sessions) session.drain()
    expect(await idle.all()).toBe(OK)
    answer()
    expect(await busy.all()).toContain('connection: close\r\n\r\nok')
  })

  it('answers a client that had just connected when it drained', async () => {
    const proxy = await proxyTo(await answering())
    const fresh = clientOf(proxy)
    await until(() => proxy.sessions.size === 1)
    proxy.draining = true
    for (const session of proxy.sessions) session.drain()
    fresh.write(GET)
    expect(await fresh.all()).toContain('connection: close\r\n\r\nok')
  })

  it('lets a client read its last answer though it goes on sending', async () => {
    const proxy = await proxyTo(await answering())
    const client = clientOf(proxy, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n')
    for (let i = 0; i < 20; i++) client.write('x'.repeat(60_000))
    expect(await client.all()).toMatch(/^HTTP\/1.1 400 /)
    expect(client.error).toBe(null)
  })
})
