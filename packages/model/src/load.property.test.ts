import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBootstrap } from './bootstrap/decode.ts'
import { decode } from './decode/index.ts'
import { rpcManagerMessage } from './listener/rpc-manager.ts'
import { loadBootstrap } from './load.ts'
import { optionReference } from './reference.ts'

const TLS = 'x/envoy.extensions.transport_sockets.tls.v3'

/** A configuration with something of everything, in which one piece after the other is exchanged. */
const GOOD = {
  node: { id: 'n' },
  static_resources: {
    listeners: [
      {
        name: 'l',
        address: { socket_address: { address: '127.0.0.1', port_value: 80 } },
        listener_filters: [
          { name: 'p', typed_config: { '@type': 'x/tulle.proxy.v1.ProtocolInspector' } },
          {
            name: 'x',
            typed_config: {
              '@type': 'x/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
            },
          },
        ],
        filter_chains: [
          {
            filter_chain_match: { application_protocols: ['http/1.1'], server_names: ['*.a'] },
            transport_socket: {
              typed_config: {
                '@type': `${TLS}.DownstreamTlsContext`,
                common_tls_context: {
                  tls_params: {
                    cipher_suites: ['[AES128-SHA|AES256-SHA]'],
                    ecdh_curves: ['P-256'],
                  },
                  tls_certificate_sds_secret_configs: [{ name: 's' }],
                },
              },
            },
            filters: [
              {
                name: 'h',
                typed_config: {
                  '@type':
                    'x/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                  stat_prefix: 'h',
                  http2_protocol_options: { max_concurrent_streams: 5 },
                  set_current_client_cert_details: { dns: true },
                  http_filters: [
                    { name: 'f', typed_config: { '@type': 'x/tulle.F' } },
                    {
                      name: 'r',
                      typed_config: { '@type': 'x/envoy.extensions.filters.http.router.v3.Router' },
                    },
                  ],
                  access_log: [
                    {
                      name: 'a',
                      typed_config: {
                        '@type': 'x/envoy.extensions.access_loggers.file.v3.FileAccessLog',
                        path: '/dev/null',
                        log_format: { json_format: { a: '%PROTOCOL%' } },
                      },
                    },
                  ],
                  route_config: {
                    virtual_hosts: [
                      {
                        name: 'v',
                        domains: ['*.example'],
                        routes: [
                          {
                            match: {
                              safe_regex: { regex: '/(a|b)+' },
                              headers: [{ name: 'x', range_match: { start: 1, end: 2 } }],
                            },
                            route: {
                              weighted_clusters: { clusters: [{ name: 'c', weight: 1 }] },
                              regex_rewrite: { pattern: { regex: '(a)' }, substitution: '\\1' },
                              retry_policy: {
                                retry_on: '5xx',
                                retry_back_off: { base_interval: '1s' },
                              },
                            },
                            typed_per_filter_config: { f: { '@type': 'x/tulle.F' } },
                          },
                          { match: { path: '/' }, redirect: { path_redirect: '/x' } },
                          {
                            match: { prefix: '/' },
                            direct_response: { status: 200, body: { inline_bytes: 'eA==' } },
                          },
                        ],
                      },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    ],
    secrets: [
      {
        name: 's',
        tls_certificate: {
          certificate_chain: { filename: '/c' },
          private_key: { inline_string: '-----BEGIN PRIVATE KEY-----' },
        },
      },
      { name: 'v', validation_context: { trusted_ca: { filename: '/ca' } } },
    ],
    clusters: [
      {
        name: 'c',
        load_assignment: {
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: {
                    address: { socket_address: { address: '10.0.0.1', port_value: 80 } },
                  },
                },
                { endpoint: { address: { pipe: { path: '@x' } } } },
              ],
            },
          ],
        },
        health_checks: [
          {
            timeout: '1s',
            interval: '1s',
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            http_health_check: { path: '/', expected_statuses: [{ start: 200, end: 300 }] },
          },
          {
            timeout: '1s',
            interval: '1s',
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            grpc_health_check: {},
          },
        ],
        http2_protocol_options: {},
        transport_socket: {
          typed_config: {
            '@type': `${TLS}.UpstreamTlsContext`,
            common_tls_context: {
              combined_validation_context: {
                default_validation_context: {
                  match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'a' } }],
                },
                validation_context_sds_secret_config: { name: 'v' },
              },
            },
          },
        },
        outlier_detection: {},
        circuit_breakers: { thresholds: [{ max_requests: 5 }] },
      },
    ],
  },
}

/** How many spots a value has at which something else could stand. */
function spots(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + spots(inner), 1)
}

/** The value with `other` at its `spot`-th spot. */
function exchange(value: unknown, spot: number, other: unknown): unknown {
  if (spot === 0) return other
  let left = spot - 1
  const inner = Object.entries(value as object).map(([key, it]) => {
    const own = spots(it)
    const hit = left >= 0 && left < own
    const next = hit ? exchange(it, left, other) : it
    left -= own
    return [key, next] as const
  })
  return Array.isArray(value) ? inner.map(([, it]) => it) : Object.fromEntries(inner)
}

const fieldName = fc.constantFrom(...new Set(optionReference().map(({ field }) => field)))

/** JSON whose keys are, as often as not, fields that somewhere exist. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.jsonValue(), fc.constantFrom('1s', '', 0, 1, true, '*', 'ROUND_ROBIN', '(')),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fieldName, fc.constant('@type'), fc.string()), tie('value'), {
      maxKeys: 5,
    }),
  ),
})).value

test('the file in which pieces are exchanged is a good one', () => {
  expect(decodeBootstrap(GOOD)).toMatchObject({ ok: true })
})

test('any JSON gives a value or problems with words', () => {
  fc.assert(
    fc.property(json, (value) => {
      for (const result of [decodeBootstrap(value), decode(rpcManagerMessage, value)]) {
        if (result.ok) continue
        expect(result.problems.length).toBeGreaterThan(0)
        for (const { what } of result.problems) expect(what).toMatch(/^\S.*\S$/su)
      }
    }),
    { numRuns: 500 },
  )
})

test('any piece exchanged for any JSON gives a value, or problems each with its line', () => {
  fc.assert(
    fc.property(fc.nat(spots(GOOD) - 1), json, fc.boolean(), (spot, other, indented) => {
      const text = JSON.stringify(exchange(GOOD, spot, other), null, indented ? 1 : 0)
      const result = loadBootstrap(text, 'f.json')
      if (result.ok) return
      expect(result.problems.length).toBeGreaterThan(0)
      for (const { at } of result.problems) expect(at).toMatch(/^f\.json:\d+(: .+)?$/s)
    }),
    { numRuns: 500 },
  )
})

test('any text gives a value or problems', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const result = loadBootstrap(text, 'f.yaml')
      expect(result.ok || result.problems.length > 0).toBe(true)
    }),
    { numRuns: 300 },
  )
})
