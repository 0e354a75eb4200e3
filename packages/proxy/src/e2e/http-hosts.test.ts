import {
  ask,
  cluster,
  deadPort,
  everything,
  httpChain,
  listener,
  openBlackHole,
  type RawHost,
  type RawPeer,
  Stage,
  type TestProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

interface Played {
  readonly host: RawHost
  readonly proxy: TestProxy
  readonly port: number
}

/** A proxy before a host that does what the test says when the head of a request has come. */
async function play(
  onRequest: (peer: RawPeer, request: number) => void,
  route: Readonly<Record<string, unknown>> = {},
): Promise<Played> {
  let requests = 0
  const host = await stage.rawHost((peer) => {
    peer.socket.on('data', () => {
      if (!peer.text.includes('\r\n\r\n')) return
      peer.forget()
      onRequest(peer, requests++)
    })
  })
  const proxy = await stage.proxy([webListener('a', route)], [cluster('a', [host.port])])
  return { host, proxy, port: proxy.port('web') }
}

const GET = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('an HTTP host', () => {
  it('that never answers is given up when the time of the route is over', async () => {
    const { proxy, host, port } = await play(() => {}, { timeout: '0.04s' })
    const { status, body } = await ask(port, '/')
    expect(status).toBe(504)
    expect(body).toMatch(
      /^hop: upstream: 127.0.0.1:\d+: no whole answer within 40 ms \(route ""\)\n$/,
    )
    expect(proxy.cluster('a')).toMatchObject({ rq_timeout: 1, rq_active: 0 })
    host.peers[0]!.end()
    await host.peers[0]!.closed
    expect(proxy.cluster('a').cx_active).toBe(0)
  })

  it('that is still answering at that time is cut off, and the client sees it', async () => {
    const { port } = await play(
      (peer) => peer.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
      { timeout: '0.04s' },
    )
    const client = (await stage.rawClient(port)).write(GET)
    await client.untilText('half')
    expect(await client.closed).toBe('reset')
  })

  it.each<[string, RegExp, (peer: RawPeer) => void]>([
    ['resets', /broke the connection \(.*ECONNRESET\) before it answered/, (peer) => peer.reset()],
    ['ends', /closed the connection before it answered/, (peer) => peer.end()],
    [
      'ends within its head',
      /closed the connection in the middle of its answer/,
      (peer) => peer.write('HTTP/1.1 200 OK\r\nco').end(),
    ],
  ])('that %s is 503, with that in a sentence', async (_, sentence, act) => {
    const { proxy, port } = await play(act)
    const { status, body } = await ask(port, '/')
    expect(status).toBe(503)
    expect(body).toMatch(/^hop: upstream: 127.0.0.1:\d+ /)
    expect(body).toMatch(sentence)
    expect(proxy.cluster('a')).toMatchObject({ rq_reset: 1, rq_active: 0 })
  })

  it.each([
    ['resets', 'by length', 'content-length: 100\r\n\r\nhalf'],
    ['ends', 'by length', 'content-length: 100\r\n\r\nhalf'],
    ['resets', 'in chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['ends', 'in chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('that %s within an answer %s is seen by the client', async (how, _, rest) => {
    const { host, port } = await play((peer) => peer.write(`HTTP/1.1 200 OK\r\n${rest}`))
    const client = (await stage.rawClient(port)).write(GET)
    await client.untilText('half')
    if (how === 'resets') host.peers[0]!.reset()
    else host.peers[0]!.end()
    expect(await client.closed).toBe('reset')
  })

  it('that ends an answer without a length by its connection has answered whole', async () => {
    const { port } = await play((peer) => peer.write('HTTP/1.1 200 OK\r\n\r\nall').end())
    expect((await ask(port, '/')).body).toBe('all')
  })

  it.each([
    ['no HTTP', 'Welcome to the shop\r\n\r\n'],
    ['an impossible status', 'HTTP/1.1 99 Low\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok'],
    ['bare line ends', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
  ])('that answers %s is 502, and its connection is not used again', async (_, garbage) => {
    const { proxy, host, port } = await play((peer) => peer.write(garbage))
    const { status, body } = await ask(port, '/')
    expect(status).toBe(502)
    expect(body).toMatch(/^hop: upstream: 127.0.0.1:\d+ broke HTTP: /)
    expect(proxy.cluster('a')).toMatchObject({ cx_protocol_error: 1, cx_active: 0 })
    await host.peers[0]!.untilEnd()
  })

  it('that sends more than its answer does not answer the next request with it', async () => {
    const { host, port } = await play((peer, request) =>
      peer.write(request === 0 ? OK + OK.replace('ok', 'no') : OK),
    )
    expect((await ask(port, '/')).body).toBe('ok')
    expect((await ask(port, '/')).body).toBe('ok')
    expect(host.peers).toHaveLength(2)
  })

  it('may answer before the request is complete', async () => {
    const { host, port } = await play((peer) =>
      peer.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig'),
    )
    const client = await stage.rawClient(port)
    client.write('POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 1000000\r\n\r\nbegin')
    const answer = await client.untilEnd()
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toMatch(/connection: close\r\n(.*\r\n)*\r\nbig$/)
    await host.peers[0]!.untilEnd()
  })
})

describe('a connection that dies just as it is used again', () => {
  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('is replaced for %s', async (method) => {
    const { proxy, host, port } = await play((peer, request) =>
      request === 1 ? peer.reset() : peer.write(method === 'HEAD' ? OK.slice(0, -2) : OK),
    )
    expect((await ask(port, '/', { method })).status).toBe(200)
    expect((await ask(port, '/', { method })).status).toBe(200)
    expect(host.peers).toHaveLength(2)
    expect(proxy.cluster('a').rq_retry).toBe(1)
  })

  it('is not for POST, which could be done twice', async () => {
    const { host, port } = await play((peer, request) =>
      request === 1 ? peer.reset() : peer.write(OK),
    )
    const post = { method: 'POST', body: 'pay' }
    expect((await ask(port, '/', post)).status).toBe(200)
    expect((await ask(port, '/', post)).status).toBe(503)
    expect(host.peers).toHaveLength(1)
  })

  it('is not when the connection is new, and so is not to blame', async () => {
    const { host, port } = await play((peer) => peer.reset())
    expect((await ask(port, '/')).status).toBe(503)
    expect(host.peers).toHaveLength(1)
  })

  it('is not once a byte of the answer has come', async () => {
    const { host, port } = await play((peer, request) =>
      request === 1 ? peer.write('HTTP').socket.end(() => peer.reset()) : peer.write(OK),
    )
    expect((await ask(port, '/')).status).toBe(200)
    expect((await ask(port, '/')).status).toBe(503)
    expect(host.peers).toHaveLength(1)
  })

  it('before is left out when its host closed it in time', async () => {
    const { proxy, host, port } = await play((peer) => peer.write(OK))
    expect((await ask(port, '/', { method: 'POST', body: 'a' })).status).toBe(200)
    host.peers[0]!.end()
    await until(() => proxy.cluster('a').cx_active === 0)
    expect((await ask(port, '/', { method: 'POST', body: 'b' })).status).toBe(200)
    expect(host.peers).toHaveLength(2)
  })
})

describe('hosts that cannot be reached', () => {
  it.each(['GET', 'POST'])('are passed over for %s: another is asked', async (method) => {
    const host = await stage.httpHost(({ body }, response) => response.end(body))
    const ports = [await deadPort(), await deadPort(), host.port]
    const proxy = await stage.proxy([webListener('a')], [cluster('a', ports)])
    const body = method === 'POST' ? 'x'.repeat(50_000) : ''
    for (let i = 0; i < 6; i++) {
      const answer = await ask(proxy.port('web'), '/', { method, body })
      expect([answer.status, answer.body.length]).toEqual([200, body.length])
    }
    expect(proxy.cluster('a').cx_connect_fail).toBeGreaterThan(0)
  })

  it('are each asked once, when all refuse', async () => {
    const ports = [await deadPort(), await deadPort()]
    const proxy = await stage.proxy([webListener('a')], [cluster('a', ports)])
    const { status, body } = await ask(proxy.port('web'), '/')
    expect(status).toBe(503)
    expect(body).toMatch(/^hop: upstream: cannot connect to 127.0.0.1:\d+: connection refused\n$/)
    expect(proxy.cluster('a')).toMatchObject({ cx_connect_fail: 2, rq_active: 0, rq_pending: 0 })
  })

  it('are passed over when they do not accept in time, and named when there is no other', async () => {
    const hole = await openBlackHole()
    stage.later(() => hole.close())
    const host = await stage.httpHost()
    const soon = { connect_timeout: '0.05s' }
    const proxy = await stage.proxy(
      [
        listener('web', [
          httpChain([{ match: { path: '/b' }, route: { cluster: 'b' } }, everything('a')]),
        ]),
      ],
      [cluster('a', [hole.port, host.port], soon), cluster('b', [hole.port], soon)],
    )
    for (let i = 0; i < 2; i++) expect((await ask(proxy.port('web'), '/a')).status).toBe(200)
    expect(proxy.cluster('a').cx_connect_timeout).toBeGreaterThan(0)
    expect((await ask(proxy.port('web'), '/b')).body).toMatch(
      /^hop: upstream: 127.0.0.1:\d+ did not accept within 50 ms \(connect_timeout\)\n$/,
    )
  })
})
