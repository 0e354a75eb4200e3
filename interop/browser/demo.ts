/** An admin listener with invented traffic, to look at the page without a mesh behind it. */

import { type LogLevel, Metrics, silentLogger } from '@tulle/core'
import {
  AdminServer,
  type AdminSubject,
  type ClusterView,
  clusterFamily,
  type HostView,
  type ListenerView,
  listenerFamily,
} from '@tulle/proxy'

/** A running demo: where its page is, and how to end it. */
export interface Demo {
  readonly url: string
  close(): Promise<void>
}

/** Starts the demo on a free port of loopback. */
export async function startDemo(port = 0): Promise<Demo> {
  const town = new Town()
  const timer = setInterval(() => town.live(), 100)
  const server = new AdminServer({
    subject: town,
    address: { host: '127.0.0.1', port },
    log: silentLogger,
  })
  const address = await server.listen()
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      clearInterval(timer)
      return server.close()
    },
  }
}

const LIMITS = { maxConnections: 1024, maxPendingRequests: 1024, maxRequests: 1024, maxRetries: 3 }
const CLUSTERS = [
  {
    name: 'catalog',
    balancer: 'round_robin',
    ports: [12201, 12202, 12203],
    perTick: 40,
    meanUs: 900,
  },
  {
    name: 'orders.http',
    balancer: 'least_request',
    ports: [8081, 8082],
    perTick: 14,
    meanUs: 6000,
  },
  { name: 'payments', balancer: 'random', ports: [9100], perTick: 1, meanUs: 90_000 },
]
const LISTENERS = [
  { name: 'inbound', protocol: 'bolt', address: '0.0.0.0:12200', perTick: 40, meanUs: 1100 },
  { name: 'inbound', protocol: 'http', address: '0.0.0.0:12200', perTick: 15, meanUs: 7000 },
  { name: 'outbound', protocol: 'tcp', address: '127.0.0.1:3306', perTick: 0, meanUs: 0 },
]

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The subject: every tick adds requests; now and then a host fails and comes back. */
class Town implements AdminSubject {
  logLevel: LogLevel = 'info'
  #metrics = new Metrics()
  #hosts = new Map(CLUSTERS.map((one) => [one.name, one.ports.map(host)]))
  #startedAt = Date.now() - 754_000
  #ticks = 0
  #draining = false

  live(): void {
    this.#ticks++
    const wave = 1 + 0.5 * Math.sin(this.#ticks / 60)
    for (const { name, protocol, perTick, meanUs } of LISTENERS) {
      const series = this.#metrics.series(listenerFamily, name, protocol)
      const count = poisson(perTick * wave)
      series.rq_total += count
      series.rq_active = Math.round(count * Math.random())
      series.cx_active = perTick * 2
      series.cx_total = perTick * 2
      for (let i = 0; i < count; i++) series.rq_duration.record(latency(meanUs))
      if (Math.random() < perTick / 1000) series.rq_5xx += 1
    }
    for (const { name, perTick, meanUs } of CLUSTERS)
      this.#call(name, poisson(perTick * wave), meanUs)
    if (this.#ticks % 70 === 0) this.#sicken()
  }

  #call(name: string, count: number, meanUs: number): void {
    const series = this.#metrics.series(clusterFamily, name)
    series.rq_total += count
    series.rq_active = Math.round(count * Math.random())
    for (let i = 0; i < count; i++) series.rq_duration.record(latency(meanUs))
    const hosts = this.#hosts.get(name)!
    const fit = hosts.filter((one) => one.unfit.length === 0)
    for (let i = 0; i < count; i++) fit[i % fit.length]!.rq_total++
    for (const one of hosts) one.active = one.unfit.length === 0 ? Math.round(Math.random() * 4) : 0
    if (Math.random() < 0.02) {
      series.rq_reset += 1
      fit[0]!.rq_error += 1
    }
  }

  #sicken(): void {
    const [first, second] = this.#hosts.get('catalog')!
    const sick = first!.unfit.length === 0 ? first! : second!
    for (const one of [first!, second!]) heal(one)
    if (sick === first) Object.assign(sick, { health: 'unhealthy', unfit: ['failed health check'] })
    else
      Object.assign(sick, {
        health: 'unhealthy',
        unfit: ['ejected as outlier', 'failed health check'],
      })
  }

  ready = () => ({ ok: !this.#draining, why: this.#draining ? 'draining' : '' })
  info = () => ({
    id: 'shop-front-1',
    version: '0.1.0',
    configVersion: 3,
    startedAt: this.#startedAt,
    workers: 2,
    pid: process.pid,
  })
  metrics = () => Promise.resolve(this.#metrics)
  clusters = (): Promise<ClusterView[]> =>
    Promise.resolve(
      CLUSTERS.map(({ name, balancer }) => ({
        name,
        balancer,
        limits: LIMITS,
        hosts: this.#hosts.get(name)!,
      })),
    )
  listeners = (): Promise<ListenerView[]> => Promise.resolve(LISTENER_VIEWS)
  configDump = () => ({ clusters: CLUSTERS, listeners: LISTENERS })
  drain = () => {
    this.#draining = true
  }
}

const LISTENER_VIEWS: ListenerView[] = [...Map.groupBy(LISTENERS, ({ name }) => name)].map(
  ([name, chains]) => ({
    name,
    address: chains[0]!.address,
    state: 'listening',
    chains: chains.map(({ protocol }) => ({ stat_prefix: name, protocol })),
  }),
)

function host(port: number): Mutable<HostView> {
  return {
    address: `10.4.0.${port % 100}:${port}`,
    weight: 1,
    priority: 0,
    health: 'healthy',
    unfit: [],
    active: 0,
    rq_total: 0,
    rq_error: 0,
    rq_timeout: 0,
    cx_active: 4,
    cx_connect_fail: 0,
  }
}

function heal(one: Mutable<HostView>): void {
  one.health = 'healthy'
  one.unfit = []
}

function poisson(mean: number): number {
  return Math.round(mean * (0.7 + 0.6 * Math.random()))
}

function latency(meanUs: number): number {
  return Math.round(-Math.log(1 - Math.random()) * meanUs * 0.7 + meanUs * 0.3)
}
