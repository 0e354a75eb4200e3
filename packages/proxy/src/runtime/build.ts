import type { Cluster as ClusterConfig, HttpManager, RpcManager } from '@tulle/model'
import { GRPC } from '../convert/dialect.ts'
import { Translator } from '../convert/translator.ts'
import { AccessLogFilter } from '../filter/access-log/access-log.ts'
import type { LogFiles } from '../filter/access-log/log-files.ts'
import { HopFilter } from '../filter/hop/hop.ts'
import { Chain, type Filter } from '../filter.ts'
import { ActiveChecker } from '../health/active/checker.ts'
import { OutlierDetector } from '../health/outlier/detector.ts'
import type { Protocol } from '../protocol.ts'
import { Dispatch, Home, type Routing } from '../proxy.ts'
import { compile } from '../route/compile.ts'
import type { RouteTable } from '../route.ts'
import type { Site } from '../site.ts'
import { TlsClient } from '../transport/tls/client.ts'
import { Cluster, type Watcher } from '../upstream/cluster.ts'
import { pingWith } from '../upstream/ping.ts'
import { connectProbe } from '../upstream/probe-connection.ts'
import { HTTP1, HTTP2, type Parts } from './parts.ts'
import type { ChainPlan, ClusterPlan } from './plan.ts'
import { tcpTable } from './tcp-table.ts'
import { dialectsOf } from './tongues.ts'

/** Hosts a request is offered to until one takes the connection. */
const CONNECT_TRIES = 4

/** A cluster with those who watch its hosts, not yet with hosts. */
export function buildCluster(
  { config, balancing, tls, tongues }: ClusterPlan,
  site: Site,
  parts: Parts,
): Cluster {
  const cluster = new Cluster(config, site, balancing, {
    http: httpOf(config, parts),
    translator: translatorOf(config, tongues, parts),
    fallback: config.httpVersion === 'auto' ? parts.protocols.find(HTTP1) : null,
    transport:
      config.tls === null || tls === null
        ? null
        : new TlsClient(site, config.tls, tls.material, tls.at),
  })
  const watchers: Watcher[] = []
  const common = {
    cluster: config.name,
    stats: cluster.stats,
    wheel: site.wheel,
    clock: site.turn.clock,
    log: site.log,
  }
  const judge =
    config.outlierDetection === null
      ? null
      : new OutlierDetector({ ...common, settings: config.outlierDetection })
  if (judge !== null) {
    cluster.witness = (host) => judge.witness(host)
    watchers.push(judge)
  }
  if (config.healthChecks.length > 0)
    watchers.push(
      new ActiveChecker({
        ...common,
        checks: config.healthChecks,
        random: site.random,
        connect: connectProbe,
        secure: config.tls !== null,
        ping: pingWith(site, parts.protocols, cluster),
        ...(judge === null ? {} : { onPassed: (host) => judge.onCheckPassed(host) }),
      }),
    )
  cluster.watchers = watchers
  return cluster
}

/** The version of HTTP its hosts are spoken to in, or the better one of two; null where that is the client's. */
function httpOf({ httpVersion, rpc }: ClusterConfig, { protocols }: Parts): Protocol | null {
  if (rpc.wrapped || rpc.protocol === GRPC) return protocols.find(HTTP2)
  if (httpVersion === 'downstream') return null
  return protocols.find(httpVersion === 'http1' ? HTTP1 : HTTP2)
}

/** Null where hosts hear what callers say. */
function translatorOf(
  config: ClusterConfig,
  tongues: ClusterPlan['tongues'],
  { protocols }: Parts,
): Translator | null {
  if (!config.rpc.wrapped && dialectsOf(config).length === 0) return null
  // What TLS has agreed on decides between the two where both will do.
  const { httpVersion } = config
  const version = httpVersion === 'http2' || httpVersion === 'auto' ? HTTP2 : HTTP1
  return new Translator({
    cluster: config.name,
    wrapped: config.rpc.wrapped,
    tongues,
    protocol: (name) => protocols.get(name),
    http: protocols.find(version),
    http2: protocols.find(HTTP2),
  })
}

/** The chain new requests take: filters linked between the client's end and the hosts' end. */
export function buildChain(
  { config: { manager }, filters, accessLogs }: ChainPlan,
  site: Site,
  resolve: (cluster: string) => Cluster | null,
  files: LogFiles,
): Chain {
  const linked: Filter[] = filters.map(({ kind, settings }) => kind.create(settings, site))
  const hop = manager.kind === 'http' ? new HopFilter(manager) : null
  if (hop !== null) linked.unshift(hop)
  if (accessLogs.length > 0) linked.unshift(new AccessLogFilter(accessLogs, files))
  const routing: Routing =
    manager.kind === 'tcp'
      ? {
          table: tcpTable(manager, resolve),
          upgrades: new Set(),
          streamIdleTimeoutMs: manager.idleTimeoutMs,
          connectTries: manager.maxConnectAttempts,
        }
      : {
          table: tableOf(manager, resolve),
          upgrades: manager.kind === 'http' ? manager.upgrades : new Set(),
          streamIdleTimeoutMs: manager.streamIdleTimeoutMs,
          connectTries: CONNECT_TRIES,
        }
  return new Chain(new Home(), linked, new Dispatch(site, routing))
}

function tableOf(
  manager: HttpManager | RpcManager,
  resolve: (cluster: string) => Cluster | null,
): RouteTable<Cluster> {
  const table = compile(manager.routes, manager.kind, resolve)
  // The plan has compiled the same routes: what is wrong with them was said there.
  if (!table.ok) throw new Error(`unplanned routes: ${table.problems[0]?.what}`)
  return table.value
}
