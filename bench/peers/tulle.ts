import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { executable, versionOf } from '../measure/programs.ts'
import type { Peer, Plan, RpcRoute } from '../peer.ts'
import { extraHost, extraPort, forExtras } from '../peer.ts'
import {
  bootstrap,
  cluster,
  GENEROUS,
  httpListener,
  listener,
  SIDECAR_MANAGER,
  SIDECAR_ROUTES,
  upstreamSide,
  virtualHost,
} from './xds.ts'
import { any } from './xds-any.ts'

const PROGRAM = join('packages', 'cli', 'src', 'main.ts')

/** This checkout, or another one for a comparison of before and after. */
export function tulle(name: string, checkout: string): Peer {
  const root = resolve(checkout)
  const main = join(root, PROGRAM)
  return {
    name,
    can: () => true,
    find: () => (existsSync(main) ? { program: main } : { missing: `no ${PROGRAM} in ${root}` }),
    version: () => `on Node ${versionOf(nodeOf(root), '--version', /v([\d.]+)/)}`,
    prepare(program, plan, folder) {
      const file = join(folder, 'tulle.yaml')
      writeFileSync(file, tulleConfig(plan))
      return tulleCommand(program, file)
    },
  }
}

/** The command that runs a configuration as `npx tulle` does; the launcher becomes the proxy, so it is one process. */
export function tulleCommand(program: string, file: string): string[] {
  const launcher = resolve(program, '..', '..', '..', '..', 'bin', 'node')
  return ['sh', launcher, program, 'proxy', '-c', file]
}

/** A whole file; JSON is YAML. Requests pass three filters, metrics are on, there is no access log. */
function tulleConfig(plan: Plan): string {
  const clusters = [
    cluster('b', plan.to, { ...GENEROUS, ...upstreamSide(plan), ...callsAtOnce(plan) }),
    ...forExtras(plan, (i) => cluster(`c${i}`, extraPort(plan, i), GENEROUS)),
  ]
  return JSON.stringify(bootstrap([tulleListener(plan, 'b')], clusters))
}

/** A listener for the plan whose requests go to a cluster. */
export function tulleListener(plan: Plan, to: string): object {
  return plan.rpc === null ? httpManager(plan, to) : rpcManager(plan, plan.rpc, to)
}

function nodeOf(root: string): string {
  const pinned = join(root, 'node_modules', '.bin', 'node')
  return executable(pinned) ? pinned : process.execPath
}

const REQUEST_HEADERS = {
  name: 'request-headers',
  typed_config: any('tulle.filters.v1.Headers', { request: { set: { 'x-mesh': 'bench' } } }),
}
const RESPONSE_HEADERS = {
  name: 'response-headers',
  typed_config: any('tulle.filters.v1.Headers', { response: { set: { 'x-served': 'bench' } } }),
}
const FAULT = {
  name: 'fault',
  typed_config: any('envoy.extensions.filters.http.fault.v3.HTTPFault', {
    abort: { http_status: 503, percentage: { numerator: 0 } },
  }),
}

function httpManager(plan: Plan, to: string): object {
  const router = any('envoy.extensions.filters.http.router.v3.Router')
  return httpListener(plan, {
    stat_prefix: 'in',
    generate_request_id: false,
    ...(plan.sidecar ? SIDECAR_MANAGER : {}),
    route_config: {
      name: 'r',
      virtual_hosts: [
        ...forExtras(plan, (i) => virtualHost(extraHost(i), `c${i}`)),
        virtualHost('*', to),
      ],
      ...(plan.sidecar ? SIDECAR_ROUTES : {}),
    },
    http_filters: [
      REQUEST_HEADERS,
      FAULT,
      RESPONSE_HEADERS,
      { name: 'router', typed_config: router },
    ],
  })
}

function rpcManager(plan: Plan, { domain, match, filters }: RpcRoute, to: string): object {
  const manager = any('tulle.proxy.v1.RpcConnectionManager', {
    stat_prefix: 'in',
    protocol: plan.protocol,
    route_config: {
      name: 'r',
      virtual_hosts: [
        { name: 'v', domains: [domain], routes: [{ match, route: { cluster: to } }] },
      ],
    },
    rpc_filters: RPC_FILTERS[filters],
  })
  return listener(plan.port, manager)
}

const RPC_FILTERS: Readonly<Record<RpcRoute['filters'], readonly object[]>> = {
  all: [REQUEST_HEADERS, FAULT, RESPONSE_HEADERS],
  'no-headers': [FAULT],
  none: [],
}

/** Hosts of Thrift are asked one by one where nobody says that they tell calls apart. */
function callsAtOnce({ protocol }: Plan): object {
  if (protocol !== 'thrift') return {}
  const type = 'tulle.proxy.v1.RpcProtocolOptions'
  return { typed_extension_protocol_options: { [type]: any(type, { concurrent_calls: 1024 }) } }
}
