import { formatOf } from './choice.ts'
import type { Endpoint } from './endpoint.ts'
import { json, type Reply, text } from './reply.ts'
import type { AdminSubject, ClusterView, HostView, ListenerView } from './subject.ts'

/** `/clusters`, `/listeners` and `/config_dump`: what this proxy is made of at the moment. */
export function viewEndpoints(subject: AdminSubject): Endpoint[] {
  return [
    {
      path: '/clusters',
      help: 'clusters with their hosts, health and numbers; ?format=text|json',
      post: null,
      async get(ask): Promise<Reply> {
        const format = formatOf(ask, ['text', 'json'])
        if (typeof format !== 'string') return format
        const clusters = await subject.clusters()
        return format === 'json' ? json({ clusters }) : text(clusters.map(clusterText).join(''))
      },
    },
    {
      path: '/listeners',
      help: 'listeners with their addresses; ?format=text|json',
      post: null,
      async get(ask): Promise<Reply> {
        const format = formatOf(ask, ['text', 'json'])
        if (typeof format !== 'string') return format
        const listeners = await subject.listeners()
        return format === 'json' ? json({ listeners }) : text(listeners.map(listenerText).join(''))
      },
    },
    {
      path: '/config_dump',
      help: 'the configuration in force, as JSON',
      post: null,
      get: () => json(subject.configDump()),
    },
  ]
}

/** `shop::10.0.0.1:8080::rq_total::12`: greppable, and the words Envoy's users look for. */
function clusterText({ name, balancer, limits, hosts }: ClusterView): string {
  const lines = [
    `balancer::${balancer}`,
    `default_priority::max_connections::${limits.maxConnections}`,
    `default_priority::max_pending_requests::${limits.maxPendingRequests}`,
    `default_priority::max_requests::${limits.maxRequests}`,
    `default_priority::max_retries::${limits.maxRetries}`,
    ...hosts.flatMap(hostLines),
  ]
  return lines.map((line) => `${name}::${line}\n`).join('')
}

function hostLines(host: HostView): string[] {
  const values = {
    cx_active: host.cx_active,
    cx_connect_fail: host.cx_connect_fail,
    rq_active: host.active,
    rq_error: host.rq_error,
    rq_timeout: host.rq_timeout,
    rq_total: host.rq_total,
    health_flags: [host.health, ...host.unfit].join('/'),
    weight: host.weight,
    priority: host.priority,
  }
  return Object.entries(values).map(([key, value]) => `${host.address}::${key}::${value}`)
}

function listenerText({ name, address, state }: ListenerView): string {
  return `${name}::${address}${state === 'draining' ? '::draining' : ''}\n`
}
