import { decodeRouteConfiguration } from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { compile } from '../../packages/proxy/src/route/compile.ts'
import type { RouteTable } from '../../packages/proxy/src/route.ts'
import type { Stream } from '../../packages/proxy/src/stream.ts'

/*
 * What finding a route costs, in a sidecar's table and in one of 10 000 virtual hosts: the two must not differ by more
 * than the caches of the processor make out.
 *
 *   sh bin/node bench/micro/route.ts
 */

const ROUND_MS = 200
const ROUNDS = 5

const protocol = new FakeProtocol('http/1.1')
const { session } = new FakeChain()

for (const [hosts, routes] of [
  [20, 5],
  [10_000, 1],
] as const) {
  const begun = performance.now()
  const table = tableOf(hosts, routes)
  const compiled = performance.now() - begun
  const requests = requestsFor(hosts, routes)
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsEach(table, requests))
  const best = Math.min(...rounds).toFixed(0)
  const size = `${hosts} virtual hosts × ${routes} routes`
  console.log(`${size}: compiled in ${compiled.toFixed(0)} ms, ${best} ns per request`)
}

function tableOf(hosts: number, routes: number): RouteTable<string> {
  const virtual_hosts = Array.from({ length: hosts }, (_, i) => ({
    name: `shop-${i}`,
    domains: [`shop-${i}.svc.cluster.local`, `shop-${i}.svc.cluster.local:8080`, `shop-${i}`],
    routes: Array.from({ length: routes }, (_, j) => ({
      match: { prefix: j === routes - 1 ? '/' : `/api/v${j}/` },
      route: { cluster: `shop-${i}` },
    })),
  }))
  const config = decodeRouteConfiguration({ name: 'bench', virtual_hosts })
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  const table = compile(config.value, 'http', (name) => name)
  if (!table.ok) throw new Error(JSON.stringify(table.problems))
  return table.value
}

function requestsFor(hosts: number, routes: number): readonly Stream[] {
  return Array.from({ length: 1000 }, (_, i) =>
    session.open(
      protocol.request({
        ':method': 'GET',
        ':authority': `shop-${(i * 7919) % hosts}.svc.cluster.local`,
        ':path': `/api/v${i % routes}/carts/${i}`,
      }),
    ),
  )
}

function nanosecondsEach(table: RouteTable<string>, requests: readonly Stream[]): number {
  let count = 0
  let missed = 0
  const begun = performance.now()
  let elapsed = 0
  while (elapsed < ROUND_MS) {
    for (const request of requests) if (table.route(request, Math.random) === null) missed++
    count += requests.length
    elapsed = performance.now() - begun
  }
  if (missed > 0) throw new Error(`${missed} requests found no route`)
  return (elapsed * 1e6) / count
}
