import {
  ask,
  cluster,
  everything,
  httpChain,
  listener,
  Stage,
  type TestProxy,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import {
  answer,
  data,
  goAway,
  greeting,
  request,
  reset,
  settings,
} from '../protocol/http2/harness-frames.ts'
import { FrameHost, Peer } from '../protocol/http2/harness-peer.ts'
import { ErrorCode, Setting } from '../protocol/http2/wire.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const ok = (peer: Peer, id: number): void => {
  peer.write(answer(id, 200, [], false), data(id, 'ok', true))
}

async function hostOf(
  onHead: ConstructorParameters<typeof FrameHost>[0],
  said: readonly number[] | null = [],
): Promise<FrameHost> {
  const host = new FrameHost(onHead)
  stage.later(() => host.stop())
  host.settings = said
  return host.start()
}

/** A proxy before hosts of HTTP/2. */
async function before(hosts: readonly FrameHost[], extra: object = {}): Promise<TestProxy> {
  const ports = hosts.map(({ port }) => port)
  const options = { http2_protocol_options: {}, ...extra }
  return stage.proxy(
    [listener('web', [httpChain([everything('a')])])],
    [cluster('a', ports, options)],
  )
}

async function clientOf(proxy: TestProxy): Promise<Peer> {
  const client = Peer.connect(proxy.port('web')).write(greeting())
  stage.later(() => client.socket.destroy())
  return client.settled()
}

const idsOf = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => 1 + 2 * i)
const statuses = (client: Peer, ids: readonly number[]): readonly (string | undefined)[] => [
  ...new Set(ids.map((id) => client.head(id)[':status'])),
]

describe('a host that refuses a stream', () => {
  it('has not seen it: another is asked at once', async () => {
    const refusing = await hostOf((peer, id) => peer.write(reset(id, ErrorCode.RefusedStream)))
    const good = await hostOf(ok)
    const proxy = await before([refusing, good])
    for (let i = 0; i < 6; i++) expect((await ask(proxy.port('web'), '/')).body).toBe('ok')
    expect(refusing.asked.length).toBeGreaterThan(0)
    expect(proxy.cluster('a').rq_retry).toBe(refusing.asked.length)
  })

  it('and all others do: the client is told, after a few', async () => {
    const refusing = await hostOf((peer, id) => peer.write(reset(id, ErrorCode.RefusedStream)))
    const proxy = await before([refusing])
    const { status, body } = await ask(proxy.port('web'), '/')
    expect(status).toBe(503)
    expect(body).toContain('REFUSED_STREAM')
    expect(refusing.asked.length).toBeLessThan(10)
  })

  it('with another code may have worked on it: nobody else is asked', async () => {
    const failing = await hostOf((peer, id) => peer.write(reset(id, ErrorCode.InternalError)))
    const proxy = await before([failing, failing])
    expect((await ask(proxy.port('web'), '/')).status).toBe(503)
    expect(failing.asked).toHaveLength(1)
  })
})

describe('a host that goes away', () => {
  it('before it has seen a request: that goes over another connection', async () => {
    let first = true
    const host = await hostOf((peer, id) => {
      if (!first) return ok(peer, id)
      first = false
      peer.write(goAway(0, ErrorCode.NoError, 'max_age'))
    })
    const proxy = await before([host])
    expect((await ask(proxy.port('web'), '/')).body).toBe('ok')
    expect(host.peers).toHaveLength(2)
    expect(proxy.cluster('a').rq_reset).toBe(1)
  })

  it('again and again is not asked without end', async () => {
    const host = await hostOf((peer) => peer.write(goAway(0, ErrorCode.NoError)))
    const proxy = await before([host])
    expect((await ask(proxy.port('web'), '/')).status).toBe(503)
    expect(host.peers.length).toBeLessThan(10)
    await until(() => proxy.cluster('a').cx_active === 0)
  })

  it('finishes what it has seen, and gets nothing new', async () => {
    const host = await hostOf(() => {})
    const proxy = await before([host])
    const client = await clientOf(proxy)
    client.write(request(1), request(3))
    await until(() => host.asked.length === 2)
    host.peers[0]!.write(goAway(2 ** 31 - 1, ErrorCode.NoError))
    await host.peers[0]!.settled()
    client.write(request(5))
    await until(() => host.peers.length === 2 && host.asked.length === 3)
    ok(host.peers[1]!, 1)
    await client.whole(5)
    host.peers[0]!.write(goAway(3, ErrorCode.NoError))
    ok(host.peers[0]!, 3)
    ok(host.peers[0]!, 1)
    await client.until((peer) => peer.over(1) && peer.over(3))
    await host.peers[0]!.gone()
    await until(() => proxy.cluster('a').cx_active === 1)
  })
})

describe('a host that takes few requests at once', () => {
  it('gets more connections, and every request of a burst its answer', async () => {
    const host = await hostOf(
      (peer, id) => {
        // As the specification has it: what is above the limit was not looked at.
        const open = idsOf(id).filter((one) => peer.resetOf(one) < 0 && !done.get(peer)?.has(one))
        if (open.filter((one) => one < id).length >= 10) {
          finish(peer, id)
          peer.write(reset(id, ErrorCode.RefusedStream))
        } else
          setTimeout(() => {
            finish(peer, id)
            ok(peer, id)
          }, 5)
      },
      [Setting.MaxConcurrentStreams, 10],
    )
    const done = new Map<Peer, Set<number>>()
    const finish = (peer: Peer, id: number): void => {
      if (!done.has(peer)) done.set(peer, new Set())
      done.get(peer)!.add(id)
    }
    const proxy = await before([host])
    const client = await clientOf(proxy)
    const ids = idsOf(90)
    client.write(...ids.map((id) => request(id)))
    await client.until((peer) => ids.every((id) => peer.over(id)))
    expect(statuses(client, ids)).toEqual(['200'])
    expect(host.peers.length).toBeGreaterThan(1)
    expect(host.peers.length).toBeLessThan(30)
    expect(proxy.cluster('a').rq_pending).toBe(0)
  })

  it('none for a while: they wait, and go when it opens', async () => {
    const host = await hostOf(ok)
    const proxy = await before([host], {
      circuit_breakers: { thresholds: [{ max_connections: 1 }] },
    })
    const client = await clientOf(proxy)
    await client.write(request(1)).whole(1)
    await host.peers[0]!.write(settings(Setting.MaxConcurrentStreams, 0)).settled()
    client.write(request(3), request(5))
    await client.settled('waiting.')
    expect(host.asked).toHaveLength(1)
    host.peers[0]!.write(settings(Setting.MaxConcurrentStreams, 1))
    await client.until((peer) => peer.over(3) && peer.over(5))
    expect(statuses(client, [1, 3, 5])).toEqual(['200'])
    expect(host.peers).toHaveLength(1)
  })
})

describe('a host that closes', () => {
  it('with requests under way and more waiting: each is answered, and the next served', async () => {
    const host = await hostOf((peer, id, { fields }) => {
      if (fields!.some(([, value]) => value === '/die')) peer.socket.resetAndDestroy()
      else if (fields!.some(([, value]) => value === '/ok')) ok(peer, id)
    })
    const proxy = await before([host])
    const client = await clientOf(proxy)
    const ids = idsOf(20)
    client.write(...ids.map((id) => request(id, '/hang')))
    await until(() => host.asked.length === 20)
    client.write(request(41, '/die'))
    await client.until((peer) => [...ids, 41].every((id) => peer.over(id)))
    expect(statuses(client, ids)).toEqual(['503'])
    await client.write(request(43, '/ok')).whole(43)
    expect(client.text(43)).toBe('ok')
    await until(() => proxy.cluster('a').rq_active === 0 && proxy.cluster('a').cx_active === 1)
  })

  it('as soon as it is connected to', async () => {
    const host = await stage.rawHost((peer) => peer.end())
    const proxy = await stage.proxy(
      [listener('web', [httpChain([everything('a')])])],
      [cluster('a', [host.port], { http2_protocol_options: {} })],
    )
    expect((await ask(proxy.port('web'), '/')).status).toBe(503)
    await until(() => proxy.cluster('a').cx_active === 0)
    expect(host.peers.length).toBeLessThan(10)
  })

  it('speaks another protocol: the client is told so', async () => {
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [listener('web', [httpChain([everything('a')])])],
      [cluster('a', [host.port], { http2_protocol_options: {} })],
    )
    const { status, body } = await ask(proxy.port('web'), '/')
    expect(status).toBe(502)
    expect(body).toContain('broke HTTP/2')
  })
})
