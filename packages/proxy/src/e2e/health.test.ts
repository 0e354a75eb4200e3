import {
  ask,
  cluster,
  deadPort,
  rpcListener,
  Stage,
  startHttpHost,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const check = (probe: object): Record<string, unknown> => ({
  health_checks: [
    { timeout: '1s', interval: '0.02s', unhealthy_threshold: 2, healthy_threshold: 2, ...probe },
  ],
})

const heartbeat = {
  custom_health_check: {
    name: 'heartbeat',
    typed_config: {
      '@type': 'type.googleapis.com/tulle.proxy.v1.HeartbeatHealthCheck',
      protocol: 'bolt',
    },
  },
}

describe('active checks', () => {
  it('over TCP take out a host that is gone, and take it back', async () => {
    const port = await deadPort()
    const well = await stage.httpHost((_, response) => response.end('well'))
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [port, well.port], check({ tcp_health_check: {} }))],
    )
    await until(() => proxy.cluster('a').hosts_healthy === 1)
    for (let i = 0; i < 4; i++) expect((await ask(proxy.port('web'), '/')).body).toBe('well')
    expect(proxy.cluster('a').cx_connect_fail).toBe(0)
    const back = await startHttpHost((_, response) => response.end('back'), port)
    stage.later(() => back.close())
    await until(() => proxy.cluster('a').hosts_healthy === 2)
    const bodies = new Set<string>()
    for (let i = 0; i < 4; i++) bodies.add((await ask(proxy.port('web'), '/')).body)
    expect(bodies).toEqual(new Set(['well', 'back']))
  })

  it('over HTTP take out a host that says it is not well', async () => {
    let status = 200
    const host = await stage.httpHost(({ path }, response) =>
      response.writeHead(path === '/health' ? status : 200).end(),
    )
    const other = await stage.httpHost()
    const probe = { http_health_check: { path: '/health', host: 'checks' } }
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [host.port, other.port], check(probe))],
    )
    await until(() => host.asked.length > 1)
    expect(host.asked[0]!.headers.host).toBe('checks')
    expect(proxy.cluster('a').hosts_healthy).toBe(2)
    status = 503
    await until(() => proxy.cluster('a').hosts_healthy === 1)
    status = 200
    await until(() => proxy.cluster('a').hosts_healthy === 2)
  })

  it("by Bolt's heartbeat take out a host that hangs, although it accepts", async () => {
    const [one, two] = [await stage.boltHost(), await stage.boltHost()]
    const proxy = await stage.proxy(
      [rpcListener('a')],
      [cluster('a', [one.port, two.port], check({ timeout: '0.03s', ...heartbeat }))],
    )
    await until(() => one.heartbeats > 1 && two.heartbeats > 1)
    expect(proxy.cluster('a').hosts_healthy).toBe(2)
    one.alive = false
    await until(() => proxy.cluster('a').hosts_healthy === 1)
    const client = await stage.boltClient(proxy.port('rpc'))
    for (let i = 0; i < 4; i++) expect((await client.call()).status).toBe(0)
    expect([one.asked.length, two.asked.length]).toEqual([0, 4])
    one.alive = true
    await until(() => proxy.cluster('a').hosts_healthy === 2)
  })

  it('are closed when their time is over: they do not pile up at a host that hangs', async () => {
    const host = await stage.boltHost()
    host.alive = false
    const proxy = await stage.proxy(
      [rpcListener('a')],
      [cluster('a', [host.port], check({ timeout: '0.02s', ...heartbeat }))],
    )
    await until(() => host.raw.peers.length > 5)
    await until(() => host.raw.peers.filter(({ ended }) => !ended).length <= 2)
    expect(proxy.cluster('a').health_check_failed).toBeGreaterThan(3)
  })
})

describe('panic', () => {
  it('uses all hosts when too few of them are healthy', async () => {
    const hosts = await Promise.all(
      [503, 503, 200].map((status) =>
        stage.httpHost(({ path }, response) =>
          response.writeHead(path === '/health' ? status : 200).end(),
        ),
      ),
    )
    const proxy = await stage.proxy(
      [webListener('a')],
      [
        cluster(
          'a',
          hosts.map(({ port }) => port),
          check({ http_health_check: { path: '/health' } }),
        ),
      ],
    )
    await until(() => proxy.cluster('a').hosts_healthy === 1)
    expect(proxy.cluster('a').lb_panic).toBe(1)
    for (let i = 0; i < 6; i++) expect((await ask(proxy.port('web'), '/')).status).toBe(200)
    for (const { asked } of hosts) expect(asked.filter(({ path }) => path === '/')).toHaveLength(2)
  })
})
