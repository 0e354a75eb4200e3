import type { ServerResponse } from 'node:http'
import http from 'node:http'
import {
  ask,
  type BoltAsked,
  cluster,
  deadPort,
  rpcListener,
  Stage,
  type TestProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const BUSY = 4

const stage = new Stage()
afterEach(() => stage.clear())

const limit = (thresholds: object): Record<string, unknown> => ({
  circuit_breakers: { thresholds: [thresholds] },
})

/** A proxy before a host that leaves its requests to the test. */
async function held(extra: Record<string, unknown>) {
  const waiting: ServerResponse[] = []
  const host = await stage.httpHost((_, response) => waiting.push(response))
  const proxy = await stage.proxy([webListener('a')], [cluster('a', [host.port], extra)])
  return { waiting, host, proxy, port: proxy.port('web') }
}

function active(proxy: TestProxy): number {
  return proxy.cluster('a').rq_active
}

describe('a circuit breaker', () => {
  it('refuses requests above max_requests, and takes them again', async () => {
    const { waiting, proxy, port } = await held(limit({ max_requests: 2 }))
    const first = [ask(port, '/'), ask(port, '/')]
    await until(() => active(proxy) === 2)
    const { status, body } = await ask(port, '/')
    expect(status).toBe(503)
    expect(body).toBe('hop: proxy: cluster "a" has its 2 requests under way (max_requests)\n')
    expect(proxy.cluster('a').rq_overflow).toBe(1)
    await until(() => waiting.length === 2)
    for (const response of waiting.splice(0)) response.end()
    for (const answer of await Promise.all(first)) expect(answer.status).toBe(200)
    const next = ask(port, '/')
    await until(() => waiting.length === 1)
    waiting[0]!.end()
    expect((await next).status).toBe(200)
  })

  it('lets requests wait for one of max_connections, and no more than max_pending_requests', async () => {
    const { waiting, host, proxy, port } = await held(
      limit({ max_connections: 2, max_pending_requests: 3 }),
    )
    const calls = Array.from({ length: 5 }, () => ask(port, '/'))
    await until(() => waiting.length === 2 && proxy.cluster('a').rq_pending === 3)
    const { status, body } = await ask(port, '/')
    expect(status).toBe(503)
    expect(body).toBe('hop: proxy: 3 requests wait for cluster "a" (max_pending_requests)\n')
    for (let i = 0; i < 5; i++) {
      await until(() => waiting.length > 0)
      waiting.shift()!.end()
    }
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200)
    expect(host.connections).toBe(2)
    expect(proxy.cluster('a')).toMatchObject({
      rq_pending: 0,
      rq_active: 0,
      rq_pending_overflow: 1,
      cx_total: 2,
    })
    expect(proxy.cluster('a').cx_overflow).toBeGreaterThan(0)
  })

  it('gives requests that wait new connections when those there were are closed', async () => {
    const { waiting, host, proxy, port } = await held(limit({ max_connections: 2 }))
    const calls = Array.from({ length: 8 }, () => ask(port, '/'))
    for (let i = 0; i < 8; i++) {
      await until(() => waiting.length > 0)
      waiting.shift()!.setHeader('connection', 'close').end()
    }
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200)
    expect(host.connections).toBe(8)
    expect(proxy.cluster('a').rq_pending).toBe(0)
  })

  it('says so where another host has all the connections', async () => {
    const waiting: ServerResponse[] = []
    const hosts = [0, 1].map(() => stage.httpHost((_, response) => waiting.push(response)))
    const ports = (await Promise.all(hosts)).map(({ port }) => port)
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', ports, limit({ max_connections: 1 }))],
    )
    const first = ask(proxy.port('web'), '/')
    await until(() => waiting.length === 1)
    expect((await ask(proxy.port('web'), '/')).body).toBe(
      'hop: proxy: cluster "a" has its 1 connections (max_connections)\n',
    )
    waiting[0]!.end()
    expect((await first).status).toBe(200)
  })

  it('is not the fault of hosts: it ejects none, and is not retried', async () => {
    const { proxy, port } = await held({
      ...limit({ max_pending_requests: 0 }),
      outlier_detection: { consecutive_5xx: 1 },
    })
    expect((await ask(port, '/')).body).toContain('(max_pending_requests)')
    expect(proxy.cluster('a')).toMatchObject({ outlier_ejections_total: 0, rq_reset: 0 })
  })

  it('refuses Bolt calls in the words of Bolt, and leaves those that wait alone', async () => {
    const waiting: BoltAsked[] = []
    const host = await stage.boltHost((asked) => waiting.push(asked))
    const proxy = await stage.proxy(
      [rpcListener('a')],
      [cluster('a', [host.port], limit({ max_requests: 3 }))],
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    const calls = [client.call(), client.call(), client.call()]
    const answer = await client.call()
    expect(answer.status).toBe(BUSY)
    expect(answer.header('tulle_error')).toBe(
      'hop: proxy: cluster "a" has its 3 requests under way (max_requests)',
    )
    await until(() => waiting.length === 3)
    for (const asked of waiting) asked.answer()
    for (const { status } of await Promise.all(calls)) expect(status).toBe(0)
  })
})

describe('a connection to a host', () => {
  it('is used again, the latest first, and closed when it was idle for long', async () => {
    const host = await stage.httpHost()
    const idle = { common_http_protocol_options: { idle_timeout: '0.05s' } }
    const proxy = await stage.proxy([webListener('a')], [cluster('a', [host.port], idle)])
    const agent = new http.Agent({ keepAlive: true })
    stage.later(() => agent.destroy())
    for (let i = 0; i < 5; i++) await ask(proxy.port('web'), '/', { agent })
    expect(host.connections).toBe(1)
    await until(() => proxy.cluster('a').cx_active === 0)
    expect(proxy.cluster('a').cx_idle_timeout).toBe(1)
  })

  it('is retired after so many requests', async () => {
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [host.port], { max_requests_per_connection: 2 })],
    )
    for (let i = 0; i < 6; i++) expect((await ask(proxy.port('web'), '/')).status).toBe(200)
    expect(host.connections).toBe(3)
  })
})

describe('outlier detection', () => {
  const outlier_detection = {
    consecutive_5xx: 3,
    interval: '0.02s',
    base_ejection_time: '0.05s',
    max_ejection_percent: 50,
  }

  it('ejects a host that fails, and takes it back when its time is over', async () => {
    let ill = true
    const sick = await stage.httpHost((_, response) => response.writeHead(ill ? 500 : 200).end())
    const well = await stage.httpHost()
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [sick.port, well.port], { outlier_detection })],
    )
    const port = proxy.port('web')
    const [host] = proxy.runtime.clusters[0]!.hosts
    while (host!.unfit === 0) await ask(port, '/')
    expect(sick.asked).toHaveLength(3)
    expect(proxy.cluster('a')).toMatchObject({ outlier_ejected: 1, hosts_healthy: 1 })
    for (let i = 0; i < 4; i++) expect((await ask(port, '/')).status).toBe(200)
    expect(sick.asked).toHaveLength(3)
    ill = false
    await until(() => host!.unfit === 0)
    for (let i = 0; i < 4; i++) expect((await ask(port, '/')).status).toBe(200)
    expect(sick.asked.length).toBeGreaterThan(3)
    expect(proxy.cluster('a')).toMatchObject({ outlier_ejected: 0, outlier_ejections_total: 1 })
  })

  it('ejects a host that cannot be reached, whose requests went elsewhere', async () => {
    const well = await stage.boltHost()
    const proxy = await stage.proxy(
      [rpcListener('a')],
      [cluster('a', [await deadPort(), well.port], { outlier_detection })],
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    const [host] = proxy.runtime.clusters[0]!.hosts
    for (let i = 0; i < 50 && host!.unfit === 0; i++) expect((await client.call()).status).toBe(0)
    expect(host!.unfit).not.toBe(0)
  })

  it('does not blame a host for what its client did', async () => {
    const host = await stage.rawHost()
    const proxy = await stage.proxy(
      [webListener('a')],
      [
        cluster('a', [host.port], {
          outlier_detection: { ...outlier_detection, consecutive_5xx: 1 },
        }),
      ],
    )
    const client = await stage.rawClient(proxy.port('web'))
    client.write('POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 10\r\n\r\nhalf')
    await (await host.next()).untilText('half')
    client.reset()
    await until(() => proxy.cluster('a').rq_active === 0)
    expect(proxy.cluster('a').outlier_ejections_total).toBe(0)
  })
})
