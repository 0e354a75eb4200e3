import { addressText } from '@tulle/model'
import type { ClusterView, HostView, ListenerView } from '../admin/subject.ts'
import { Unfit } from '../health.ts'
import type { Listener } from '../listen/listener.ts'
import type { Cluster } from '../upstream/cluster.ts'
import type { Host } from '../upstream/host.ts'

const REASONS: readonly (readonly [number, string])[] = [
  [Unfit.Check, 'failed active health check'],
  [Unfit.Outlier, 'ejected as an outlier'],
  [Unfit.Registry, 'marked unhealthy by its registry'],
]

/** What the admin side shows of a cluster. */
export function clusterView({ name, config, hosts }: Cluster): ClusterView {
  return { name, balancer: config.balancer.name, limits: config.limits, hosts: hosts.map(hostView) }
}

function hostView(host: Host): HostView {
  return {
    address: host.address,
    weight: host.weight,
    priority: host.priority,
    health: host.unfit === 0 ? 'healthy' : 'unhealthy',
    unfit: REASONS.filter(([bit]) => (host.unfit & bit) !== 0).map(([, word]) => word),
    active: host.active,
    rq_total: host.requests,
    rq_error: host.errors,
    rq_timeout: host.timeouts,
    cx_active: host.connections,
    cx_connect_fail: host.connectFailures,
  }
}

/** What the admin side shows of a listener. */
export function listenerView(listener: Listener, draining: boolean): ListenerView {
  const { address } = listener.reception.config
  return {
    name: listener.name,
    address: addressText({ ...address, port: listener.port || address.port }),
    state: draining ? 'draining' : 'listening',
    chains: listener.intakes.map(({ name, protocol }) => ({
      stat_prefix: name,
      protocol: protocol.name,
    })),
  }
}

/** Several workers' views of the same clusters as one: numbers are added, a host is healthy if it is for all. */
export function mergeClusters(views: readonly (readonly ClusterView[])[]): ClusterView[] {
  const [first = [], ...others] = views
  return first.map((cluster) => {
    const same = others.flatMap((view) => view.filter(({ name }) => name === cluster.name))
    const hosts = cluster.hosts.map((host) =>
      same
        .flatMap((one) => one.hosts.filter(({ address }) => address === host.address))
        .reduce(mergeHosts, host),
    )
    return { ...cluster, hosts }
  })
}

function mergeHosts(a: HostView, b: HostView): HostView {
  return {
    ...a,
    health: a.health === 'healthy' ? b.health : a.health,
    unfit: [...new Set([...a.unfit, ...b.unfit])],
    active: a.active + b.active,
    rq_total: a.rq_total + b.rq_total,
    rq_error: a.rq_error + b.rq_error,
    rq_timeout: a.rq_timeout + b.rq_timeout,
    cx_active: a.cx_active + b.cx_active,
    cx_connect_fail: a.cx_connect_fail + b.cx_connect_fail,
  }
}
