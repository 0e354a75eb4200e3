import {
  boolean,
  extension,
  message,
  optional,
  type Place,
  type Type,
  unsupported,
  unused,
} from '../decode/index.ts'
import type { FilterChain, Listener } from '../listener.ts'

const HTTP_INSPECTOR = 'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector'
const TLS_INSPECTOR = 'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'
const PROXY_PROTOCOL = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol'
const PROTOCOL_INSPECTOR = 'tulle.proxy.v1.ProtocolInspector'

/** What a listener does with a connection before it chooses a chain. */
export type ListenerFilter =
  | { readonly kind: 'inspector'; readonly finds: 'http' | 'tls' | 'everything' }
  | { readonly kind: 'proxy-protocol'; readonly need: 'optional' | 'required' }

function inspector(finds: 'http' | 'tls' | 'everything'): ListenerFilter {
  return { kind: 'inspector', finds }
}

const tlsInspectorMessage = message(
  TLS_INSPECTOR,
  {
    ...unused(
      'initial_read_buffer_size',
      'max_client_hello_size',
      'close_connection_on_client_hello_parsing_errors',
    ),
    ...unsupported('enable_ja3_fingerprinting', 'enable_ja4_fingerprinting'),
  },
  () => inspector('tls'),
)

const proxyProtocolMessage = message(
  PROXY_PROTOCOL,
  {
    allow_requests_without_proxy_protocol: optional(
      boolean,
      false,
      'Whether a connection may do without the header.',
    ),
    ...unused('stat_prefix'),
    ...unsupported('rules', 'pass_through_tlvs', 'disallowed_versions'),
  },
  (it): ListenerFilter => ({
    kind: 'proxy-protocol',
    need: it.allow_requests_without_proxy_protocol ? 'optional' : 'required',
  }),
)

/** `envoy.config.listener.v3.ListenerFilter`. */
export const listenerFilterMessage: Type<ListenerFilter> = extension<ListenerFilter>(
  'envoy.config.listener.v3.ListenerFilter',
  {
    [HTTP_INSPECTOR]: message(HTTP_INSPECTOR, {}, () => inspector('http')),
    [PROTOCOL_INSPECTOR]: message(PROTOCOL_INSPECTOR, {}, () => inspector('everything')),
    [TLS_INSPECTOR]: tlsInspectorMessage,
    [PROXY_PROTOCOL]: proxyProtocolMessage,
  },
  unsupported('config_discovery', 'filter_disabled'),
)

/** Whether connections begin with a PROXY protocol header. `at` is where the filters stand. */
export function proxyProtocolOf(
  filters: readonly ListenerFilter[],
  at: Place,
): Listener['proxyProtocol'] {
  let found: Listener['proxyProtocol'] = 'off'
  filters.forEach((filter, index) => {
    if (filter.kind !== 'proxy-protocol') return
    if (found === 'off') found = filter.need
    else at.child(index).say('is the second filter for the PROXY protocol; keep one')
  })
  return found
}

/**
 * Complains when chains are chosen by what nobody looks for. `fallback` is the chain for connections that no other
 * takes, `at` where the listener stands.
 */
export function needInspectors(
  chains: readonly FilterChain[],
  fallback: FilterChain | null,
  filters: readonly ListenerFilter[],
  at: Place,
): void {
  const finds = new Set(filters.map((it) => (it.kind === 'inspector' ? it.finds : null)))
  if (at.troubled || finds.has('everything')) return
  if (!finds.has('tls')) needTlsInspector(chains, fallback, at)
  const open = chains.filter(({ transport }) => transport !== 'tls')
  const blind = open
    .flatMap(({ protocols }) => protocols)
    .find((it) => !isHttp(it) || !finds.has('http'))
  if (blind === undefined) return
  sayMissing(
    `nothing tells connections of "${blind}" from others`,
    isHttp(blind) ? HTTP_INSPECTOR : PROTOCOL_INSPECTOR,
    at,
  )
}

/** One chain alone that speaks TLS needs nobody to look: every connection is its own. */
function needTlsInspector(
  chains: readonly FilterChain[],
  fallback: FilterChain | null,
  at: Place,
): void {
  const all = fallback === null ? chains : [...chains, fallback]
  const tls = all.filter(({ transport }) => transport === 'tls')
  const named = tls.find(({ serverNames }) => serverNames.length > 0)?.serverNames[0]
  const offered = tls.find(({ protocols }) => protocols.length > 0)?.protocols[0]
  if (named !== undefined)
    sayMissing(`nothing reads which server name ("${named}") is asked for`, TLS_INSPECTOR, at)
  else if (offered !== undefined)
    sayMissing(`nothing reads whether TLS offers "${offered}"`, TLS_INSPECTOR, at)
  else if (tls.length > 0 && tls.length < all.length)
    sayMissing('nothing tells TLS from connections in the clear', TLS_INSPECTOR, at)
}

function sayMissing(what: string, filter: string, at: Place): void {
  at.child('listener_filters').say(
    `${what}; add a filter of "@type": type.googleapis.com/${filter}`,
  )
}

function isHttp(protocol: string): boolean {
  return protocol === 'http/1.1' || protocol === 'h2'
}
