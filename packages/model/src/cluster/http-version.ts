import type { Cluster, HealthCheck } from '../cluster.ts'
import { atMostOne, type Place } from '../decode/index.ts'
import { HTTP2_DEFAULTS, type Http2Settings } from '../http2.ts'
import type { UpstreamTls } from '../tls.ts'
import { HTTP_OPTIONS, type ProtocolOptions, type UpstreamHttpOptions } from './http-options.ts'

interface Given {
  readonly typed_extension_protocol_options: ProtocolOptions | null
  readonly http_protocol_options: true | null
  readonly http2_protocol_options: Http2Settings | null
  readonly protocol_selection: boolean
}

/** How HTTP is spoken, by the newer options of a cluster or, where there are none, by the older. */
export function httpOptions(it: Given, at: Place): UpstreamHttpOptions {
  const { http_protocol_options, http2_protocol_options } = it
  const typed = it.typed_extension_protocol_options?.http ?? null
  if (typed) {
    atMostOne(at, { typed_extension_protocol_options: typed, http2_protocol_options })
    return typed
  }
  const http2 = http2_protocol_options ?? HTTP2_DEFAULTS
  if (it.protocol_selection) return { common: null, httpVersion: 'downstream', http2 }
  atMostOne(at, { http_protocol_options, http2_protocol_options })
  return { common: null, httpVersion: http2_protocol_options ? 'http2' : 'http1', http2 }
}

/** The protocols offered by TLS when the configuration names none, by the version of HTTP. */
const ALPN = { http1: [], http2: ['h2'], auto: ['h2', 'http/1.1'], downstream: [] } as const

/**
 * TLS that offers what is spoken. Complains of a version that TLS is to find out and cannot. `at` is where the cluster
 * stands.
 */
export function withAlpn(
  tls: UpstreamTls | null,
  version: Cluster['httpVersion'],
  at: Place,
): UpstreamTls | null {
  const place = at.child('typed_extension_protocol_options').child(HTTP_OPTIONS)
  const say = (what: string) => at.troubled || place.child('auto_config').say(what)
  if (tls === null) {
    if (version === 'auto')
      say(
        'TLS negotiates the version, and this cluster has none; give "transport_socket" an UpstreamTlsContext',
      )
    return null
  }
  if (tls.alpn.length === 0) return { ...tls, alpn: ALPN[version] }
  if (version === 'auto' && !tls.alpn.some((name) => name === 'h2' || name === 'http/1.1'))
    say('"alpn_protocols" has neither "h2" nor "http/1.1"; leave it out')
  return tls
}

/** Complains of gRPC health checks of hosts to which HTTP/2 is not spoken. `at` is where the cluster stands. */
export function needHttp2(
  checks: readonly HealthCheck[],
  version: Cluster['httpVersion'],
  at: Place,
): void {
  if (version !== 'http1' || at.troubled) return
  checks.forEach(({ probe }, index) => {
    if (probe.kind !== 'grpc') return
    const place = at.child('health_checks').child(index).child('grpc_health_check')
    place.say(
      `gRPC is spoken over HTTP/2; give the cluster "explicit_http_config" with "http2_protocol_options"`,
    )
  })
}
