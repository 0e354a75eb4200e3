import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Host, MiniProxy, RawClient, until } from './harness.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function pair(
  onData: (socket: Socket, text: string, host: Host) => void,
): Promise<{ host: Host; proxy: MiniProxy; client: RawClient }> {
  const host = await new Host(onData).start()
  const proxy = await new MiniProxy().start(host.port)
  const client = new RawClient(proxy.port)
  closers.push(() => {
    client.socket.destroy()
    proxy.stop()
    host.stop()
  })
  return { host, proxy, client }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('a host that answers badly', () => {
  const heads: readonly (readonly [string, string])[] = [
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2', '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['length and chunks', `${CHUNKED.slice(0, -2)}Content-Length: 2\r\n\r\nok`],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok'],
    ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}`],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a flood of interim answers', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(65) + OK],
  ]
  it.each(heads)('%s: the client gets 502', async (_name, answer) => {
    const { proxy, client } = await pair((socket) => socket.write(answer, 'latin1'))
    const got = await client.write(GET).until((text) => / 502 .*\n$/s.test(text))
    expect(got).toMatch(/HTTP\/1.1 502 Bad Gateway\r\n/)
    expect(got).toContain(`mini: upstream: ${proxy.address} `)
    expect(proxy.resets).toHaveLength(1)
    expect(proxy.resets[0]).toMatch(/^upstream_protocol: /)
    expect(proxy.stats.cx_protocol_error).toBe(1)
    // The client's own connection goes on.
    expect(proxy.sessions.size).toBe(1)
  })

  const bodies: readonly (readonly [string, string])[] = [
    ['a bad chunk size', `${CHUNKED}2\r\nok\r\nxx\r\n`],
    ['a chunk longer than its size', `${CHUNKED}2\r\nokay\r\n0\r\n\r\n`],
  ]
  it.each(bodies)('%s: the client sees the answer cut short', async (_name, answer) => {
    const { proxy, client } = await pair((socket) => socket.write(answer))
    client.write(GET)
    await until(() => client.closed)
    expect(client.got).not.toContain('0\r\n\r\n')
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    expect(proxy.resets[0]).toMatch(/^upstream_protocol: /)
  })

  it('closes before it answers: the client gets 503', async () => {
    const { proxy, client } = await pair((socket) => socket.end())
    expect(await client.write(GET).tail('answered\n')).toMatch(/^HTTP\/1.1 503 /)
    expect(proxy.resets).toEqual([
      `upstream_reset: ${proxy.address} closed the connection before it answered`,
    ])
    expect(proxy.streams[0]!.answeredAt).toBe(0)
  })

  it('resets: the client gets 503', async () => {
    const { proxy, client } = await pair((socket) => socket.resetAndDestroy())
    expect(await client.write(GET).tail('answered\n')).toMatch(/^HTTP\/1.1 503 /)
    expect(proxy.resets[0]).toContain('ECONNRESET')
  })

  it.each([['in its head', 'HTTP/1.1 200 OK\r\nConte']])(
    'closes %s: the client gets 503',
    async (_name, answer) => {
      const { proxy, client } = await pair((socket) => socket.end(answer))
      expect(await client.write(GET).tail('answer\n')).toMatch(/^HTTP\/1.1 503 /)
      expect(proxy.streams[0]!.answeredAt).toBeGreaterThan(0)
    },
  )

  it.each([
    ['a body by length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    ['a chunk', `${CHUNKED}9\r\nok`],
    ['chunks without the last', `${CHUNKED}2\r\nok\r\n`],
    ['trailers', `${CHUNKED}2\r\nok\r\n0\r\nA: 1`],
  ])('closes within %s: the client sees the answer cut short', async (_name, answer) => {
    const { proxy, client } = await pair((socket) => socket.end(answer))
    client.write(GET)
    await until(() => client.closed)
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    expect(proxy.resets[0]).toMatch(/^upstream_reset: .* in the middle of its answer/)
    expect(proxy.streams[0]!.ended).toBe(true)
  })

  it('answers twice: the second answer goes to nobody', async () => {
    const { host, proxy, client } = await pair((socket) =>
      socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
    )
    await client.write(GET).tail('ok')
    client.write(GET)
    await client.until((got) => got.split('ok').length === 3)
    expect(client.got).toBe(OK + OK)
    expect(proxy.dials).toBe(2)
    await until(() => host.got.includes('<end>'))
  })

  it('speaks between requests: the connection is not used again', async () => {
    const { host, proxy, client } = await pair((socket) => socket.write(OK))
    await client.write(GET).tail('ok')
    host.sockets[0]!.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')
    await until(() => host.got.endsWith('<end>'))
    client.write(GET)
    await client.until((got) => got === OK + OK)
    expect(proxy.dials).toBe(2)
    expect(proxy.resets).toEqual([])
  })
})

describe('a connection to a host', () => {
  it('is used again, also after an answer in chunks and one without a body', async () => {
    const answers = [`${CHUNKED}2\r\nok\r\n0\r\n\r\n`, 'HTTP/1.1 204 No\r\n\r\n', OK]
    const { proxy, client } = await pair((socket) => socket.write(answers.shift()!))
    for (const tail of ['0\r\n\r\n', 'No\r\n\r\n', 'ok']) await client.write(GET).tail(tail)
    expect(proxy.dials).toBe(1)
  })

  it.each([
    ['says close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ])('is not used again when the host %s', async (_name, answer) => {
    const { host, proxy, client } = await pair((socket) => socket.write(answer))
    await client.write(GET).tail('ok')
    await until(() => host.got === `${GET}<end>`)
    await client.write(GET).until((got) => got.split('ok').length === 3)
    expect(proxy.dials).toBe(2)
  })

  it('is used again with HTTP/1.0 when the host says keep-alive', async () => {
    const { proxy, client } = await pair((socket) =>
      socket.write('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'),
    )
    await client.write(GET).tail('ok')
    await client.write(GET).until((got) => got.split('ok').length === 3)
    expect(proxy.dials).toBe(1)
  })

  it('is closed when the host ends it between requests', async () => {
    const { host, proxy, client } = await pair((socket) => socket.write(OK))
    await client.write(GET).tail('ok')
    host.sockets[0]!.end()
    await until(() => host.got.endsWith('<end>'))
    await client.write(GET).until((got) => got === OK + OK)
    expect(proxy.dials).toBe(2)
    expect(proxy.resets).toEqual([])
  })

  it('is closed when nobody waits for the answer any more', async () => {
    const { host, proxy, client } = await pair(() => {})
    client.write(GET)
    await until(() => host.got === GET)
    client.socket.resetAndDestroy()
    await until(() => host.got.endsWith('<end>'))
    expect(proxy.resets).toEqual([])
  })

  it('is closed when the answer is complete before the request', async () => {
    const { host, proxy, client } = await pair((socket, text) => {
      if (text.startsWith('POST')) socket.write(OK)
    })
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\nabc')
    await client.tail('ok')
    await until(() => host.got.endsWith('<end>') || host.sockets[0]!.destroyed)
    // The rest of the request is read, and the client goes on.
    client.write('x'.repeat(49_997) + GET)
    await until(() => proxy.streams.length === 2)
    expect(proxy.dials).toBe(2)
  })

  it('closes after its idle time', async () => {
    const host = await new Host((socket) => socket.write(OK)).start()
    const proxy = new MiniProxy()
    proxy.idleTimeoutMs = 30
    await proxy.start(host.port)
    const client = new RawClient(proxy.port)
    closers.push(() => {
      client.socket.destroy()
      proxy.stop()
      host.stop()
    })
    await client.write(GET).tail('ok')
    await until(() => host.got === `${GET}<end>`)
    expect(proxy.stats.cx_idle_timeout).toBe(1)
  })

  it('takes an answer that comes byte by byte', async () => {
    const answer = `${CHUNKED}5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n`
    const { client } = await pair((socket) => {
      let at = 0
      const next = (): void => {
        if (at < answer.length) socket.write(answer[at++]!, () => setImmediate(next))
      }
      next()
    })
    const got = await client.write(GET).tail('X-T: 1\r\n\r\n')
    expect(got.replaceAll(/\r\n1\r\n/g, '')).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(got.replaceAll(/1\r\n(.)\r\n/g, '$1')).toContain('\r\n\r\nhello0\r\n')
  })
})
