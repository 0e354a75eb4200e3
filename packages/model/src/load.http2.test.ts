import { describe, expect, test } from 'vitest'
import type { Bootstrap } from './bootstrap.ts'
import type { Cluster } from './cluster.ts'
import { HTTP2_DEFAULTS } from './http2.ts'
import type { HttpManager } from './listener.ts'
import { loadBootstrap } from './load.ts'
import type { ForwardAction } from './route.ts'

const FILE = `
static_resources:
  secrets:
  - name: ours
    tls_certificate:
      certificate_chain: { filename: /tls/ours.pem }
      private_key: { inline_string: "-----BEGIN EC PRIVATE KEY-----" }
      password: { environment_variable: TULLE_TEST_PASSWORD }
  - name: theirs
    validation_context:
      trusted_ca: { filename: /tls/ca.pem }
      verify_certificate_hash:
      - DF:6F:F7:2F:E9:11:65:21:26:8F:6F:2D:D4:96:6F:51:DF:47:98:83:FE:70:37:B3:9F:75:91:6A:C3:04:9D:1A
  listeners:
  - address: { pipe: { path: /run/edge.sock, mode: 432 } }
    listener_filters:
    - typed_config:
        "@type": x/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol
        allow_requests_without_proxy_protocol: true
    - typed_config: { "@type": x/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector }
    filter_chains:
    - filter_chain_match:
        server_names: [Shop.example, "*.Shop.example"]
        application_protocols: [h2, h2c, http/1.0, http/1.1]
      transport_socket_connect_timeout: 3s
      transport_socket:
        typed_config:
          "@type": x/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
          require_client_certificate: true
          disable_stateless_session_resumption: true
          session_timeout: 60s
          common_tls_context:
            alpn_protocols: [h2, http/1.1]
            tls_params:
              tls_minimum_protocol_version: TLSv1_3
              cipher_suites:
              - "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]"
              - ecdhe-rsa-aes128-gcm-sha256:TLS_AES_128_GCM_SHA256
              ecdh_curves: [X25519, P-256]
              signature_algorithms: [ed25519]
            tls_certificate_sds_secret_configs: [{ name: ours }]
            combined_validation_context:
              default_validation_context:
                match_typed_subject_alt_names:
                - { san_type: URI, matcher: { prefix: "spiffe://shop/" } }
              validation_context_sds_secret_config: { name: theirs }
      filters: &http
      - typed_config:
          "@type": x/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          codec_type: HTTP2
          http2_protocol_options:
            hpack_table_size: 0
            max_concurrent_streams: 7
            initial_stream_window_size: 100000
            initial_connection_window_size: 200000
            allow_connect: true
            connection_keepalive: { interval: 30s, timeout: 5s, interval_jitter: { value: 5 } }
          use_remote_address: true
          xff_num_trusted_hops: 2
          skip_xff_append: true
          via: tulle
          forward_client_cert_details: APPEND_FORWARD
          set_current_client_cert_details: { subject: true, uri: true }
          preserve_external_request_id: true
          always_set_request_id_in_response: true
          append_x_forwarded_port: true
          strip_any_host_port: true
          strip_trailing_host_dot: true
          scheme_header_transformation: { scheme_to_overwrite: https }
          http_filters:
          - name: router
            typed_config: { "@type": x/envoy.extensions.filters.http.router.v3.Router }
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: { prefix: /, grpc: {}, tls_context: { presented: true, validated: false } }
                route:
                  cluster: grpc
                  retry_policy:
                    retry_on: cancelled,deadline-exceeded,internal,resource-exhausted,unavailable
                  max_stream_duration:
                    max_stream_duration: 60s
                    grpc_timeout_header_max: 10s
                    grpc_timeout_header_offset: 0.1s
              - match: { prefix: /old, tls_context: {} }
                route: { cluster: grpc, max_grpc_timeout: 0s, grpc_timeout_offset: 1s }
              - match: { prefix: / }
                route: { cluster: grpc }
    - filter_chain_match: { transport_protocol: raw_buffer }
      filters: *http
  - address: { pipe: { path: "@abstract" } }
    filter_chains:
    - filters:
      - typed_config:
          "@type": x/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: t
          cluster: grpc
  clusters:
  - name: grpc
    load_assignment:
      endpoints:
      - lb_endpoints: [{ endpoint: { address: { pipe: { path: /run/host.sock } } } }]
    health_checks:
    - timeout: 1s
      interval: 1s
      unhealthy_threshold: 1
      healthy_threshold: 1
      grpc_health_check: { service_name: shop.Cart, authority: cart.test }
    - timeout: 1s
      interval: 1s
      unhealthy_threshold: 1
      healthy_threshold: 1
      http_health_check: { path: /, codec_client_type: HTTP2 }
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": x/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 9 } }
    transport_socket:
      typed_config:
        "@type": x/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport
        config: { version: V2 }
        transport_socket:
          typed_config:
            "@type": x/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            sni: shop.example
            auto_host_sni: true
            auto_sni_san_validation: true
            max_session_keys: 4
            common_tls_context:
              validation_context_sds_secret_config: { name: theirs }
`

function load(text: string): Bootstrap {
  const result = loadBootstrap(text, 'envoy.yaml')
  if (!result.ok) throw new Error(result.problems.map((it) => `${it.at} ${it.what}`).join('\n'))
  return result.value
}

function loadWithPassword(): Bootstrap {
  process.env.TULLE_TEST_PASSWORD = 'open sesame'
  try {
    return load(FILE)
  } finally {
    delete process.env.TULLE_TEST_PASSWORD
  }
}

const { listeners, clusters } = loadWithPassword()
const [secret, plain] = listeners[0]!.chains
const manager = secret!.manager as HttpManager

/** What the secrets of the file say, put in their places. */
const THEIRS = {
  trustedCa: { kind: 'file', path: '/tls/ca.pem' },
  names: [],
  certificateHashes: ['df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a'],
  spkiHashes: [],
  crl: null,
  acceptUntrusted: false,
}

describe('a listener', () => {
  test('may be a unix socket, which names it', () => {
    expect(listeners.map(({ name, address }) => ({ name, address }))).toEqual([
      {
        name: 'unix:/run/edge.sock',
        address: { host: '', port: 0, path: '/run/edge.sock', mode: 0o660 },
      },
      { name: 'unix:@abstract', address: { host: '', port: 0, path: '@abstract', mode: 0 } },
    ])
  })

  test('reads a PROXY protocol header where it is told to', () => {
    expect(listeners.map(({ proxyProtocol }) => proxyProtocol)).toEqual(['optional', 'off'])
  })

  test('has chains for names that TLS clients ask for, in lower case, and for plain connections', () => {
    expect(secret).toMatchObject({
      transport: 'tls',
      serverNames: ['shop.example', '*.shop.example'],
      protocols: ['h2', 'http/1.1'],
      handshakeTimeoutMs: 3000,
    })
    expect(plain).toMatchObject({
      transport: 'plain',
      serverNames: [],
      protocols: [],
      tls: null,
      handshakeTimeoutMs: 15_000,
    })
    expect(listeners[1]!.chains[0]!.transport).toBe('any')
  })

  test('has secrets put in place, files by their names and the environment by its text', () => {
    expect(secret!.tls).toEqual({
      certificates: [
        {
          chain: { kind: 'file', path: '/tls/ours.pem' },
          key: { kind: 'inline', text: '-----BEGIN EC PRIVATE KEY-----' },
          password: { kind: 'inline', text: 'open sesame' },
        },
      ],
      validation: {
        ...THEIRS,
        names: [
          { kind: 'uri', matcher: { kind: 'prefix', value: 'spiffe://shop/', ignoreCase: false } },
        ],
      },
      parameters: {
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        ciphers: [
          'ECDHE-ECDSA-AES128-GCM-SHA256',
          'ECDHE-ECDSA-CHACHA20-POLY1305',
          'ECDHE-RSA-AES128-GCM-SHA256',
          'TLS_AES_128_GCM_SHA256',
        ],
        curves: ['X25519', 'P-256'],
        signatureAlgorithms: ['ed25519'],
      },
      alpn: ['h2', 'http/1.1'],
      requireClientCertificate: true,
      resumption: false,
      sessionTimeoutMs: 60_000,
    })
  })
})

test('an HTTP manager says how HTTP/2 is spoken and what is forwarded', () => {
  expect(manager).toMatchObject({
    codec: 'http2',
    http2: {
      maxConcurrentStreams: 7,
      initialStreamWindowBytes: 100_000,
      initialConnectionWindowBytes: 200_000,
      headerTableBytes: 0,
      allowConnect: true,
      keepalive: { intervalMs: 30_000, timeoutMs: 5000 },
    },
    useRemoteAddress: true,
    trustedHops: 2,
    skipXffAppend: true,
    via: 'tulle',
    forwardClientCert: 'append-forward',
    clientCertDetails: { subject: true, cert: false, chain: false, dns: false, uri: true },
    preserveRequestId: true,
    requestIdInResponse: true,
    appendForwardedPort: true,
    stripPort: 'any',
    stripTrailingDot: true,
    schemeOverride: 'https',
  })
})

test('routes ask for gRPC and certificates, and follow its deadlines', () => {
  const { routes } = manager.routes.virtualHosts[0]!
  expect(routes.map(({ match }) => [match.grpc, match.clientCert])).toEqual([
    [true, { presented: true, validated: false }],
    [false, null],
    [false, null],
  ])
  const actions = routes.map(({ action }) => action as ForwardAction)
  expect(actions.map(({ maxStreamDuration }) => maxStreamDuration)).toEqual([
    { maxMs: 60_000, grpcTimeoutMaxMs: 10_000, grpcTimeoutOffsetMs: 100 },
    { maxMs: null, grpcTimeoutMaxMs: 0, grpcTimeoutOffsetMs: 1000 },
    null,
  ])
  expect([...actions[0]!.retryPolicy!.on]).toEqual([
    'cancelled',
    'deadline-exceeded',
    'internal',
    'resource-exhausted',
    'unavailable',
  ])
})

describe('a cluster', () => {
  test('speaks HTTP/2 with TLS behind a PROXY protocol header, to a unix socket', () => {
    expect(clusters[0]).toMatchObject({
      endpoints: [{ address: { host: '', port: 0, path: '/run/host.sock', mode: 0 } }],
      httpVersion: 'http2',
      http2: { ...HTTP2_DEFAULTS, maxConcurrentStreams: 9 },
      proxyProtocol: 'v2',
      tls: {
        certificates: [],
        validation: THEIRS,
        alpn: ['h2'],
        sni: 'shop.example',
        sniFromHost: true,
        sniMustMatch: true,
        maxSessionKeys: 4,
      },
      healthChecks: [
        { probe: { kind: 'grpc', service: 'shop.Cart', authority: 'cart.test' } },
        { probe: { kind: 'http', http2: true } },
      ],
    })
  })

  const TLS =
    'transport_socket: { typed_config: { "@type": x/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }'
  const typed = (text: string) =>
    `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": x/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, ${text} } }`
  test.each<[string, Cluster['httpVersion'], readonly string[] | null]>([
    ['name: a', 'http1', null],
    [`name: a, ${TLS}`, 'http1', []],
    ['name: a, http2_protocol_options: {}', 'http2', null],
    [`name: a, http2_protocol_options: {}, ${TLS}`, 'http2', ['h2']],
    [
      'name: a, http_protocol_options: {}, http2_protocol_options: {}, protocol_selection: USE_DOWNSTREAM_PROTOCOL',
      'downstream',
      null,
    ],
    [`name: a, ${typed('explicit_http_config: { http_protocol_options: {} }')}`, 'http1', null],
    [`name: a, ${typed('use_downstream_protocol_config: {}')}, ${TLS}`, 'downstream', []],
    [`name: a, ${typed('auto_config: {}')}, ${TLS}`, 'auto', ['h2', 'http/1.1']],
  ])('{ %s } speaks %s', (text, version, alpn) => {
    const [cluster] = load(`static_resources: { clusters: [{ ${text} }] }`).clusters
    expect(cluster!.httpVersion).toBe(version)
    expect(cluster!.tls?.alpn ?? null).toEqual(alpn)
  })

  test('verifies nobody and sends no header where it is not told to', () => {
    const [cluster] = load(`static_resources: { clusters: [{ name: a, ${TLS} }] }`).clusters
    expect(cluster).toMatchObject({
      http2: HTTP2_DEFAULTS,
      proxyProtocol: 'off',
      tls: {
        certificates: [],
        validation: null,
        parameters: {
          minVersion: 'TLSv1.2',
          maxVersion: 'TLSv1.3',
          ciphers: [],
          curves: [],
          signatureAlgorithms: [],
        },
        sni: '',
        sniFromHost: false,
        sniMustMatch: false,
        maxSessionKeys: 1,
      },
    })
  })
})

test('finds secrets that stand behind those who name them', () => {
  const text = `static_resources:
  clusters:
  - name: a
    transport_socket:
      typed_config:
        "@type": x/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context: { validation_context_sds_secret_config: { name: late } }
  secrets: [{ name: late, validation_context: { match_subject_alt_names: [{ exact: a }], trusted_ca: { filename: /ca } } }]`
  const { names } = load(text).clusters[0]!.tls!.validation!
  expect(names.map(({ kind }) => kind)).toEqual(['email', 'dns', 'uri', 'ip'])
})

test('two listeners may not have one unix socket', () => {
  const one = `{ name: NAME, address: { pipe: { path: /run/x } }, filter_chains: [{ filters: [{ typed_config: { "@type": x/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: a } }] }] }`
  const both = ['x', 'y'].map((name) => one.replace('NAME', name)).join(', ')
  const text = `static_resources: { clusters: [{ name: a }], listeners: [${both}] }`
  expect(loadBootstrap(text, 'f.yaml')).toEqual({
    ok: false,
    problems: [
      {
        at: 'f.yaml:1: static_resources.listeners[1].address',
        what: 'unix:/run/x is where listener "x" is; choose another',
      },
    ],
  })
})
