import http, { type ServerResponse } from 'node:http'
import {
  ask,
  type BoltAsked,
  bootstrap,
  cluster,
  deadPort,
  listener,
  rpcListener,
  Stage,
  startProxy,
  type TestProxy,
  tcpChain,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const GET = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

describe('a configuration that changes under load', () => {
  it('200 times fails no call, of HTTP or of Bolt', async () => {
    const [web, rpc] = [await stage.httpHost(), await stage.boltHost()]
    const hosts = [await stage.httpHost(), await stage.boltHost()]
    // Every round changes the routes' headers; every third also the clusters, so that they are built anew.
    const text = (round: number): string => {
      const connect_timeout = `${1 + (round % 3 === 0 ? round : 0)}s`
      return bootstrap(
        [
          webListener('web', { timeout: `${10 + round}s` }, { server_name: `round ${round}` }),
          rpcListener('rpc', { timeout: `${10 + round}s` }),
        ],
        [
          cluster('web', [web.port, hosts[0]!.port], { connect_timeout }),
          cluster('rpc', [rpc.port, hosts[1]!.port], { connect_timeout }),
          cluster('idle', [web.port]),
        ],
      )
    }
    const proxy = await startAt(text(0))
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })
    stage.later(() => agent.destroy())
    const client = await stage.boltClient(proxy.port('rpc'))
    let [changing, calls] = [true, 0]
    const work = async (call: () => Promise<{ readonly status: number }>, well: number) => {
      while (changing) {
        expect((await call()).status).toBe(well)
        calls++
      }
    }
    const loads = [0, 1, 2, 3].flatMap(() => [
      work(() => ask(proxy.port('web'), '/', { agent }), 200),
      work(() => client.call(), 0),
      work(() => ask(proxy.port('web'), '/', { method: 'POST', body: 'x' }), 200),
    ])
    for (let round = 1; round <= 200; round++) {
      await proxy.apply(text(round))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    changing = false
    await Promise.all(loads)
    expect(calls).toBeGreaterThan(200)
    expect((await ask(proxy.port('web'), '/')).headers.server).toBe('round 200')
    expect(proxy.runtime.stats.config_updates).toBe(201)
    expect(proxy.cluster('web')).toMatchObject({ rq_active: 0, rq_pending: 0, rq_reset: 0 })
    await until(() => proxy.cluster('rpc').cx_active <= 2)
  })

  it('leaves clusters that are the same their connections and counters', async () => {
    const [web, rpc] = [await stage.httpHost(), await stage.boltHost()]
    const clusters = [cluster('web', [web.port]), cluster('rpc', [rpc.port])]
    const proxy = await startAt(bootstrap([webListener('web'), rpcListener('rpc')], clusters))
    const client = await stage.boltClient(proxy.port('rpc'))
    const [listenerBefore] = proxy.runtime.listeners
    for (let round = 0; round < 5; round++) {
      expect((await ask(proxy.port('web'), '/')).status).toBe(200)
      expect((await client.call()).status).toBe(0)
      const listeners = [webListener('web', { timeout: `${round + 2}s` }), rpcListener('rpc')]
      await proxy.apply(bootstrap(listeners, clusters.toReversed()))
    }
    expect([web.connections, rpc.raw.peers.length]).toEqual([1, 1])
    expect(proxy.cluster('web').rq_total).toBe(5)
    expect(proxy.listener('web').rq_total).toBe(5)
    expect(proxy.runtime.listeners[0]).toBe(listenerBefore)
  })
})

describe('a cluster that changes or goes', () => {
  it('ends the calls it has under way well, and closes what it had', async () => {
    const waiting: (BoltAsked | ServerResponse)[] = []
    const [web, rpc] = [
      await stage.httpHost((_, response) => waiting.push(response)),
      await stage.boltHost((asked) => waiting.push(asked)),
    ]
    const listeners = [webListener('web'), rpcListener('rpc')]
    const proxy = await startAt(
      bootstrap(listeners, [cluster('web', [web.port]), cluster('rpc', [rpc.port])]),
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    const calls = [ask(proxy.port('web'), '/'), client.call()]
    await until(() => waiting.length === 2)
    const other = await stage.httpHost((_, response) => response.end('other'))
    const otherRpc = await stage.boltHost((asked) => asked.answer('other'))
    await proxy.apply(
      bootstrap(listeners, [cluster('web', [other.port]), cluster('rpc', [otherRpc.port])]),
    )
    expect((await ask(proxy.port('web'), '/')).body).toBe('other')
    expect((await client.call()).text).toBe('other')
    for (const one of waiting) 'end' in one ? one.end('first') : one.answer('first')
    const [webAnswer, rpcAnswer] = await Promise.all(calls)
    expect([webAnswer!.status, rpcAnswer!.status]).toEqual([200, 0])
    await rpc.raw.peers[0]!.untilEnd()
    await until(() => proxy.cluster('rpc').cx_active === 1 && proxy.cluster('web').cx_active === 1)
  })

  it('serves who waits for a connection that is just being made', async () => {
    const host = await stage.boltHost()
    const listeners = [rpcListener('rpc')]
    const proxy = await startAt(bootstrap(listeners, [cluster('rpc', [host.port])]))
    const client = await stage.boltClient(proxy.port('rpc'))
    for (let round = 0; round < 20; round++) {
      const call = client.call()
      await until(() => proxy.listener('rpc').rq_total === round + 1)
      const connect_timeout = `${round + 2}s`
      await proxy.apply(bootstrap(listeners, [cluster('rpc', [host.port], { connect_timeout })]))
      expect((await call).status).toBe(0)
    }
    await until(() => proxy.cluster('rpc').cx_active <= 1)
  })

  it('takes its numbers with it', async () => {
    const host = await stage.httpHost()
    const proxy = await startAt(
      bootstrap([webListener('a')], [cluster('a', [host.port]), cluster('b', [host.port])]),
    )
    await proxy.apply(bootstrap([webListener('a')], [cluster('a', [host.port])]))
    const named = proxy.runtime.site.metrics.sample().flatMap(({ labels }) => labels)
    expect(named).toContain('a')
    expect(named).not.toContain('b')
  })
})

describe('a listener that goes', () => {
  it('accepts no more, ends what is under way and then closes', async () => {
    const waiting: ServerResponse[] = []
    const host = await stage.httpHost((_, response) => waiting.push(response))
    const clusters = [cluster('a', [host.port])]
    const proxy = await startAt(bootstrap([webListener('a')], clusters))
    const port = proxy.port('web')
    const [idle, busy] = [await stage.rawClient(port), await stage.rawClient(port)]
    idle.write(GET)
    await until(() => waiting.length === 1)
    waiting.pop()!.end('the first')
    await idle.untilText('the first')
    busy.write(GET)
    await until(() => waiting.length === 1)
    await proxy.apply(bootstrap([], clusters))
    await idle.untilEnd()
    await expect(ask(port, '/')).rejects.toThrow('ECONNREFUSED')
    waiting[0]!.end('the last')
    const text = await busy.untilEnd()
    expect(text).toMatch(/^HTTP\/1.1 200 /)
    expect(text).toMatch(/connection: close\r\n/i)
    expect(text).toMatch(/the last$/)
  })

  it('closes by force what has not ended when its time to drain is over', async () => {
    const raw = await stage.rawHost()
    const host = await stage.boltHost(() => {})
    const clusters = [cluster('a', [host.port]), cluster('b', [raw.port])]
    const drain = { drain_timeout: '0.05s' }
    const proxy = await startAt(bootstrap([rpcListener('a', {}, drain)], clusters))
    const client = await stage.boltClient(proxy.port('rpc'))
    client.call()
    await until(() => host.asked.length === 1)
    await proxy.apply(bootstrap([], clusters))
    await client.peer.until(({ ended, socket }) => ended || socket.destroyed)
    await until(() => proxy.runtime.openConnections === 0)
  })

  it('tells Bolt clients by a go-away frame, where that is switched on, and serves them on', async () => {
    const host = await stage.boltHost()
    const clusters = [cluster('a', [host.port])]
    const proxy = await startAt(bootstrap([rpcListener('a', {}, { go_away: true })], clusters))
    const client = await stage.boltClient(proxy.port('rpc'), 'v2')
    expect((await client.call()).status).toBe(0)
    await proxy.apply(bootstrap([], clusters))
    await until(() => client.strays.length === 1)
    expect([client.strays[0]!.kind, client.strays[0]!.voice]).toEqual([5, 0x201])
    expect((await client.call()).status).toBe(0)
    client.peer.end()
    expect(await client.peer.closed).toBe('end')
  })
})

describe('a configuration whose port is taken', () => {
  it('is refused with a sentence, and the old one serves on as it was', async () => {
    const [host, taken] = [await stage.httpHost(), await stage.rawHost()]
    const clusters = [cluster('a', [host.port])]
    const proxy = await startAt(bootstrap([webListener('a')], clusters))
    const fresh = await deadPort()
    const next = bootstrap(
      [
        webListener('b'),
        listener('fresh', [tcpChain('b')], { port: fresh }),
        listener('raw', [tcpChain('b')], { port: taken.port }),
      ],
      [cluster('b', [host.port])],
      { node: { id: 'another' } },
    )
    await expect(proxy.apply(next)).rejects.toThrow(
      `cannot listen on 127.0.0.1:${taken.port} (listener "raw"): another process already does`,
    )
    expect((await ask(proxy.port('web'), '/')).status).toBe(200)
    expect(proxy.runtime.site.name).toBe('hop')
    expect(proxy.runtime.clusters.map(({ name }) => name)).toEqual(['a'])
    const named = proxy.runtime.site.metrics.sample().flatMap(({ labels }) => labels)
    expect(named).not.toContain('b')
    await expect(stage.rawClient(fresh)).rejects.toThrow('ECONNREFUSED')
  })
})

async function startAt(text: string): Promise<TestProxy> {
  const proxy = await startProxy(text)
  stage.later(() => proxy.stop())
  return proxy
}
