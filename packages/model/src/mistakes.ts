import type { Problem } from '@tulle/core'
import { loadBootstrap } from './load.ts'

/**
 * For tests: pieces of a file, and what is told of mistakes in them.
 */

/** A mistake as it is made, and the sentences as they are told. The paths begin where the piece of a file stands. */
export type Mistake = readonly [text: string, ...problems: readonly (readonly [string, string])[]]

export const HTTP: string =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'
export const RPC: string = 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager'
export const TCP: string =
  'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'
export const ROUTER: string =
  '{ name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }'
export const ADDRESS: string = 'address: { socket_address: { address: 127.0.0.1, port_value: 80 } }'
export const TCP_FILTER: string = `{ name: t, typed_config: { "@type": ${TCP}, stat_prefix: t, cluster: a } }`

export const whole = (text: string): string => text
export const cluster = (text: string): string =>
  `static_resources: { clusters: [{ name: a, ${text} }] }`
export const listener = (text: string): string =>
  `static_resources: { clusters: [{ name: a }], listeners: [{ name: l, ${ADDRESS}, ${text} }] }`
export const filter = (text: string): string => listener(`filter_chains: [{ filters: [${text}] }]`)
export const http = (text: string): string =>
  filter(`{ name: h, typed_config: { "@type": ${HTTP}, stat_prefix: h, ${text} } }`)
export const manager = (text: string): string =>
  http(`http_filters: [${ROUTER}], route_config: { virtual_hosts: [] }, ${text}`)
export const host = (text: string): string =>
  http(`http_filters: [${ROUTER}], route_config: { virtual_hosts: [{ name: v, ${text} }] }`)
export const route = (text: string): string => host(`domains: ["*"], routes: [{ ${text} }]`)
export const match = (text: string): string => route(`match: { ${text} }, route: { cluster: a }`)
export const action = (text: string): string =>
  route(`match: { prefix: / }, route: { cluster: a, ${text} }`)
export const rpc = (text: string): string =>
  filter(
    `{ name: h, typed_config: { "@type": ${RPC}, stat_prefix: h, protocol: bolt, route_config: { virtual_hosts: [{ name: v, domains: ["*"], routes: [{ ${text} }] }] } } }`,
  )
export const endpoint = (address: string): string =>
  `load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address: { ${address} } } }] }] }`

export const CLUSTER: string = 'static_resources.clusters[0]'
export const LISTENER: string = 'static_resources.listeners[0]'
export const FILTER: string = `${LISTENER}.filter_chains[0].filters[0]`
export const MANAGER: string = `${FILTER}.typed_config`
export const HOST: string = `${MANAGER}.route_config.virtual_hosts[0]`
export const ROUTE: string = `${HOST}.routes[0]`
export const MATCH: string = `${ROUTE}.match`
export const ACTION: string = `${ROUTE}.route`

/** What is told of one mistake, and what should be. */
export interface Told {
  readonly text: string
  readonly expected: readonly Problem[]
  told(): readonly Problem[]
}

/** Mistakes in pieces that stand at `base`, made into a whole file each by `place`. */
export function toldOf(
  place: (text: string) => string,
  base: string,
  mistakes: readonly Mistake[],
): readonly Told[] {
  return mistakes.map(([text, ...sentences]) => ({
    text,
    expected: sentences.map(([below, what]) => {
      const at = base === '' && below.startsWith('.') ? below.slice(1) : `${base}${below}`
      return { at: at === '' ? 'f.yaml:1' : `f.yaml:1: ${at}`, what }
    }),
    told() {
      const result = loadBootstrap(place(text), 'f.yaml')
      return result.ok ? [] : result.problems
    },
  }))
}
