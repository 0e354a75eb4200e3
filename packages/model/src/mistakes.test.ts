import { describe, expect, test } from 'vitest'
import {
  ACTION,
  ADDRESS,
  action,
  CLUSTER,
  cluster,
  endpoint,
  FILTER,
  filter,
  HOST,
  HTTP,
  host,
  http,
  LISTENER,
  listener,
  MANAGER,
  MATCH,
  type Mistake,
  manager,
  match,
  ROUTE,
  ROUTER,
  RPC,
  route,
  rpc,
  TCP,
  TCP_FILTER,
  toldOf,
  whole,
} from './mistakes.ts'

const HTTP_OPTIONS =
  '.typed_extension_protocol_options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]'
const httpOptions = (text: string) =>
  `typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": x/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, ${text} } }`
const CHECK =
  'health_checks: [{ timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1,'
const PROXY_PROTOCOL =
  '{ name: p, typed_config: { "@type": x/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol } }'

function check(place: (text: string) => string, base: string, mistakes: readonly Mistake[]): void {
  test.each(toldOf(place, base, mistakes))('$text', ({ told, expected }) => {
    expect(told()).toEqual(expected)
  })
}

describe('in the bootstrap', () => {
  check(whole, '', [
    ['nod: {}', ['.nod', 'unknown field "nod"; did you mean "node"?']],
    [
      'completely_else: 1',
      [
        '.completely_else',
        'unknown field "completely_else"; Bootstrap has none of that name; remove it',
      ],
    ],
    ['a b: 1', ['["a b"]', 'unknown field "a b"; Bootstrap has none of that name; remove it']],
    ['node: { id: 5 }', ['.node.id', 'must be a string, not 5; put it in quotes']],
    ['node: []', ['.node', 'must be an object (Node), not a list']],
    [
      'layered_runtime: { layers: [] }',
      ['.layered_runtime', '"layered_runtime" is not supported yet; remove it'],
    ],
    [
      'dynamic_resources: {}',
      [
        '.dynamic_resources',
        'resources from a control plane are not supported yet; write them in "static_resources"',
      ],
    ],
    [
      'protocol_packages: [Big, tulle-protocol-toy, tulle-protocol-toy, ./toy, "@shop/toy", ""]',
      [
        '.protocol_packages[0]',
        '"Big" is neither the name of a package, such as tulle-protocol-toy, nor a path that begins with "./"',
      ],
      ['.protocol_packages[5]', 'must not be empty'],
      ['.protocol_packages[2]', '"tulle-protocol-toy" is named twice; remove one'],
    ],
    [
      'static_resources: { secrets: [{}] }',
      ['.static_resources.secrets[0]', '"name" is missing'],
      [
        '.static_resources.secrets[0]',
        'one of "tls_certificate" or "validation_context" is missing',
      ],
    ],
    [
      '{ stats_flush_interval: 5s, node: { idd: x } }',
      ['.stats_flush_interval', '"stats_flush_interval" is not supported yet; remove it'],
      ['.node.idd', 'unknown field "idd"; did you mean "id"?'],
    ],
    [
      'static_resources: { clusters: [{ name: a }, { name: a }] }',
      [
        '.static_resources.clusters[1].name',
        'cluster "a" is there already, as static_resources.clusters[0]; rename one',
      ],
    ],
    [
      '{ node: {}, static_resources: {}, staticResources: {} }',
      [
        '.static_resources',
        'is given twice, as "static_resources" and as "staticResources"; keep one',
      ],
    ],
    [
      'admin: { address: { pipe: { path: /x } } }',
      ['.admin.address.pipe', 'the admin pages are on a port; give "socket_address"'],
    ],
    [
      'admin: { address: { socket_address: { address: localhost, port_value: 1 } } }',
      [
        '.admin.address.socket_address.address',
        '"localhost" is not an IP address; a listener needs one',
      ],
    ],
    [
      `{ admin: { ${ADDRESS} }, static_resources: { clusters: [{ name: a }], listeners: [{ ${ADDRESS}, filter_chains: [{ filters: [${TCP_FILTER}] }] }] } }`,
      [
        '.static_resources.listeners[0].address',
        '127.0.0.1:80 is where the admin pages are; choose another',
      ],
    ],
    [
      `static_resources: { clusters: [{ name: a }], listeners: [{ name: x, ${ADDRESS}, filter_chains: [{ filters: [${TCP_FILTER}] }] }, { name: x, ${ADDRESS}, filter_chains: [{ filters: [${TCP_FILTER}] }] }] }`,
      [
        '.static_resources.listeners[1].name',
        'listener "x" is there already, as static_resources.listeners[0]; rename one',
      ],
      [
        '.static_resources.listeners[1].address',
        '127.0.0.1:80 is where listener "x" is; choose another',
      ],
    ],
    [
      'overload_manager: { resource_monitors: [{ name: m, typed_config: { "@type": x/envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig } }] }',
      [
        '.overload_manager.resource_monitors[0].typed_config.@type',
        'type "envoy.extensions.resource_monitors.cgroup_memory.v3.CgroupMemoryConfig" is not supported; known here: envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
      ],
    ],
    [
      'overload_manager: { resource_monitors: [{ name: m, typed_config: { "@type": x/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: "5000" } }] }',
      [
        '.overload_manager',
        '"m" has no effect; add an action envoy.overload_actions.stop_accepting_requests with a trigger of that name',
      ],
    ],
  ])
})

describe('in a cluster', () => {
  check(cluster, CLUSTER, [
    [
      'conect_timeout: 1s',
      ['.conect_timeout', 'unknown field "conect_timeout"; did you mean "connect_timeout"?'],
    ],
    [
      'connect_timeout: 5',
      ['.connect_timeout', 'must be a duration in seconds such as "5s" or "0.25s", not 5'],
    ],
    [
      'connect_timeout: 5m',
      ['.connect_timeout', 'must be a duration in seconds such as "5s" or "0.25s", not "5m"'],
    ],
    ['connect_timeout: -1s', ['.connect_timeout', 'must not be negative: "-1s"']],
    ['connect_timeout: 0s', ['.connect_timeout', 'must be longer than 0s']],
    ['type: STATC', ['.type', 'must be one of STATIC, STRICT_DNS, LOGICAL_DNS, not "STATC"']],
    [
      'type: EDS',
      ['.type', 'EDS is not supported yet; choose one of STATIC, STRICT_DNS, LOGICAL_DNS'],
    ],
    [
      'type: 4',
      ['.type', 'ORIGINAL_DST is not supported yet; choose one of STATIC, STRICT_DNS, LOGICAL_DNS'],
    ],
    ['type: 9', ['.type', 'must be one of STATIC, STRICT_DNS, LOGICAL_DNS, not 9']],
    [
      'lb_policy: MAGLEV',
      [
        '.lb_policy',
        'MAGLEV is not supported yet; choose one of ROUND_ROBIN, LEAST_REQUEST, RANDOM',
      ],
    ],
    [
      'least_request_lb_config: { choice_count: 1 }',
      [
        '.least_request_lb_config.choice_count',
        'must be a whole number from 2 to 4294967295, not 1',
      ],
    ],
    [
      'respect_dns_ttl: true',
      ['.respect_dns_ttl', '"respect_dns_ttl" is not supported yet; remove it'],
    ],
    [
      'wait_for_warm_on_init: false',
      ['.wait_for_warm_on_init', 'false is not supported yet; only true is: remove it'],
    ],
    [
      'http_protocol_options: {}, http2_protocol_options: {}',
      ['', 'only one of "http_protocol_options" and "http2_protocol_options" may be given'],
    ],
    [
      'http2_protocol_options: { initial_stream_window_size: 1000, max_concurrent_streams: 0 }',
      [
        '.http2_protocol_options.initial_stream_window_size',
        'must be a whole number from 65535 to 2147483647, not 1000',
      ],
      [
        '.http2_protocol_options.max_concurrent_streams',
        'must be a whole number from 1 to 2147483647, not 0',
      ],
    ],
    [
      'http2_protocol_options: { connection_keepalive: { interval: 30s } }',
      ['.http2_protocol_options.connection_keepalive', '"timeout" is missing'],
    ],
    [
      'http2_protocol_options: { custom_settings_parameters: [{}] }',
      [
        '.http2_protocol_options.custom_settings_parameters',
        '"custom_settings_parameters" is not supported yet; remove it',
      ],
    ],
    [
      `http2_protocol_options: {}, ${httpOptions('explicit_http_config: { http_protocol_options: {} }')}`,
      [
        '',
        'only one of "typed_extension_protocol_options" and "http2_protocol_options" may be given',
      ],
    ],
    [
      httpOptions('explicit_http_config: {}'),
      [
        `${HTTP_OPTIONS}.explicit_http_config`,
        'one of "http_protocol_options" or "http2_protocol_options" is missing',
      ],
    ],
    [
      httpOptions('auto_config: {}'),
      [
        `${HTTP_OPTIONS}.auto_config`,
        'TLS negotiates the version, and this cluster has none; give "transport_socket" an UpstreamTlsContext',
      ],
    ],
    [
      `type: STRICT_DNS, ${endpoint('pipe: { path: /run/x }')}`,
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe',
        'DNS finds no unix sockets; use type STATIC',
      ],
    ],
    [
      endpoint('pipe: { path: "@x", mode: 384 }'),
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe.mode',
        'an abstract socket has no file and no permissions; remove it',
      ],
    ],
    [
      endpoint(`pipe: { path: /${'x'.repeat(107)} }`),
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.pipe.path',
        'must not be longer than 107 bytes',
      ],
    ],
    [
      `${CHECK} grpc_health_check: {} }]`,
      [
        '.health_checks[0].grpc_health_check',
        'gRPC is spoken over HTTP/2; give the cluster "explicit_http_config" with "http2_protocol_options"',
      ],
    ],
    [
      endpoint('socket_address: { address: example.com, port_value: 80 }'),
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address',
        '"example.com" is not an IP address; use type STRICT_DNS',
      ],
    ],
    [
      endpoint('socket_address: { address: 10.0.0.1, port_value: 70000 }'),
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value',
        'must be a whole number from 0 to 65535, not 70000',
      ],
    ],
    [
      endpoint('socket_address: { address: 10.0.0.1 }'),
      [
        '.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address',
        '"port_value" is missing',
      ],
    ],
    [
      'type: LOGICAL_DNS',
      ['', 'a LOGICAL_DNS cluster has exactly one host, not 0; use STRICT_DNS'],
    ],
    [
      'load_assignment: { endpoints: [{ load_balancing_weight: 2 }] }',
      [
        '.load_assignment.endpoints[0].load_balancing_weight',
        '2 is not supported yet; only 1 is: remove it',
      ],
    ],
    [
      'load_assignment: { endpoints: {} }',
      ['.load_assignment.endpoints', 'must be a list, not an object'],
    ],
    [
      'health_checks: [{ timeout: 1s, interval: 1s, unhealthy_threshold: 1 }]',
      ['.health_checks[0]', '"healthy_threshold" is missing'],
      [
        '.health_checks[0]',
        'one of "tcp_health_check", "http_health_check", "grpc_health_check" or "custom_health_check" is missing',
      ],
    ],
    [
      'health_checks: [{ timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}, http_health_check: { path: / } }]',
      ['.health_checks[0]', 'only one of "tcp_health_check" and "http_health_check" may be given'],
    ],
    [
      'health_checks: [{ timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: { path: /, expected_statuses: [{ start: 300, end: 200 }] } }]',
      [
        '.health_checks[0].http_health_check.expected_statuses[0]',
        'holds no number: "end" (200) must be greater than "start" (300)',
      ],
    ],
    [
      'outlier_detection: { enforcing_consecutive_5xx: 50 }',
      [
        '.outlier_detection.enforcing_consecutive_5xx',
        'a share of 50 is not supported yet; choose 0 (off) or 100 (on)',
      ],
    ],
    [
      'outlier_detection: { success_rate_minimum_hosts: 3 }',
      [
        '.outlier_detection.success_rate_minimum_hosts',
        '"success_rate_minimum_hosts" is not supported yet; remove it',
      ],
    ],
    [
      'circuit_breakers: { thresholds: [{ max_requests: 1.5 }] }',
      [
        '.circuit_breakers.thresholds[0].max_requests',
        'must be a whole number from 0 to 4294967295, not 1.5',
      ],
    ],
    [
      'ignore_health_on_host_removal: true',
      [
        '.ignore_health_on_host_removal',
        '"ignore_health_on_host_removal" is not supported yet; remove it',
      ],
    ],
    [
      'common_lb_config: { healthy_panic_threshold: { value: 101 } }',
      [
        '.common_lb_config.healthy_panic_threshold.value',
        'must be a number from 0 to 100, not 101',
      ],
    ],
    [
      'dns_lookup_family: V4_ONLY, dns_lookup_famly: ALL',
      ['.dns_lookup_famly', 'unknown field "dns_lookup_famly"; did you mean "dns_lookup_family"?'],
    ],
  ])
})

describe('in a listener', () => {
  check(listener, LISTENER, [
    ['filter_chains: []', ['', 'needs at least one of "filter_chains"']],
    [
      'use_original_dst: true, default_filter_chain: { filters: [] }',
      ['.use_original_dst', '"use_original_dst" is not supported yet; remove it'],
      ['.default_filter_chain.filters', 'must end with a connection manager or tcp_proxy'],
    ],
    [
      `filter_chains: [{ filters: [${TCP_FILTER}] }, { filters: [${TCP_FILTER}] }]`,
      [
        '.filter_chains[1]',
        'a chain before it takes all protocols already; give each its own "application_protocols"',
      ],
    ],
    [
      `filter_chains: [{ filter_chain_match: { application_protocols: [bolt] }, filters: [${TCP_FILTER}] }]`,
      [
        '.listener_filters',
        'nothing tells connections of "bolt" from others; add a filter of "@type": type.googleapis.com/tulle.proxy.v1.ProtocolInspector',
      ],
    ],
    [
      `filter_chains: [{ filter_chain_match: { application_protocols: [h2c] }, filters: [${TCP_FILTER}] }]`,
      [
        '.listener_filters',
        'nothing tells connections of "h2" from others; add a filter of "@type": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector',
      ],
    ],
    [
      `default_filter_chain: { filters: [${TCP_FILTER}] }, filter_chains: [{ filters: [${TCP_FILTER}] }]`,
      [
        '.default_filter_chain',
        'a chain before it takes all protocols already; give each its own "application_protocols"',
      ],
    ],
    [
      `listener_filters: [${PROXY_PROTOCOL}, ${PROXY_PROTOCOL}], filter_chains: [{ filters: [${TCP_FILTER}] }]`,
      ['.listener_filters[1]', 'is the second filter for the PROXY protocol; keep one'],
    ],
    [
      `filter_chains: [{ filters: [${TCP_FILTER}, ${TCP_FILTER}] }]`,
      [
        '.filter_chains[0].filters[1]',
        'nothing may follow the filter before, which ends the chain',
      ],
    ],
  ])
  check(filter, FILTER, [
    [
      '{ name: x, typed_config: { "@type": type.googleapis.com/a.B } }',
      [
        '.typed_config.@type',
        `type "a.B" is not supported; known here: ${[HTTP, RPC, TCP].map((it) => it.split('/')[1]).join(', ')}, envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit`,
      ],
    ],
    ['{ name: x }', ['', '"typed_config" is missing']],
    [
      '{ name: x, typed_config: {} }',
      ['.typed_config', '"@type" is missing: "type.googleapis.com/" and the name of the message'],
    ],
    [
      '{ name: x, typed_config: { "@type": 7 } }',
      ['.typed_config.@type', 'must be "type.googleapis.com/" and the name of a message, not 7'],
    ],
    [
      `{ name: t, typed_config: { "@type": ${TCP}, stat_prefix: t, cluster: b } }`,
      ['.typed_config.cluster', 'no cluster is called "b"; did you mean "a"?'],
    ],
    [
      `{ name: t, typed_config: { "@type": ${TCP}, cluster: a } }`,
      ['.typed_config', '"stat_prefix" is missing'],
    ],
    [
      `{ name: t, typed_config: { "@type": ${TCP}, stat_prefix: t } }`,
      ['.typed_config', 'one of "cluster" or "weighted_clusters" is missing'],
    ],
  ])
})

describe('in an HTTP connection manager', () => {
  check(http, MANAGER, [
    [
      'http_filters: [], route_config: {}',
      [
        '.http_filters',
        'must end with the router ("@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router)',
      ],
    ],
    [
      `http_filters: [${ROUTER}, ${ROUTER}], route_config: {}`,
      ['.http_filters[0]', 'the router must be the last filter'],
    ],
    [
      `http_filters: [${ROUTER}], rds: {}`,
      ['.rds', 'routes over RDS are not supported yet; write them in "route_config"'],
    ],
    [`http_filters: [${ROUTER}]`, ['', '"route_config" is missing']],
  ])
  check(manager, MANAGER, [
    [
      'codec_type: HTTP3',
      ['.codec_type', 'HTTP3 is not supported yet; choose one of AUTO, HTTP1, HTTP2'],
    ],
    ['via: "a\\nb"', ['.via', 'must not hold control characters']],
    [
      'strip_matching_host_port: true, strip_any_host_port: true',
      ['', 'only one of "strip_matching_host_port" and "strip_any_host_port" may be given'],
    ],
    [
      'scheme_header_transformation: { scheme_to_overwrite: ws }',
      ['.scheme_header_transformation.scheme_to_overwrite', 'must be "http" or "https", not "ws"'],
    ],
    [
      'forward_client_cert_details: SANITISE',
      [
        '.forward_client_cert_details',
        'must be one of SANITIZE, FORWARD_ONLY, APPEND_FORWARD, SANITIZE_SET, ALWAYS_FORWARD_ONLY, not "SANITISE"',
      ],
    ],
    [
      'stream_idle_timout: 5s',
      [
        '.stream_idle_timout',
        'unknown field "stream_idle_timout"; did you mean "stream_idle_timeout"?',
      ],
    ],
    ['use_remote_address: yes', ['.use_remote_address', 'must be true or false, not "yes"']],
    [
      'http_protocol_options: { accept_http_10: 1 }',
      ['.http_protocol_options.accept_http_10', 'must be true or false, not 1'],
    ],
    [
      'access_log: [{ name: x, filter: {}, typed_config: { "@type": x/envoy.extensions.access_loggers.file.v3.FileAccessLog } }]',
      ['.access_log[0].filter', '"filter" is not supported yet; remove it'],
      ['.access_log[0].typed_config', '"path" is missing'],
    ],
  ])
})

describe('in a virtual host', () => {
  check(host, HOST, [
    ['domains: []', ['.domains', 'must not be empty']],
    [
      'domains: [a.*.b]',
      ['.domains[0]', '"a.*.b" has a "*" that stands neither alone, nor first, nor last'],
    ],
    [
      'domains: [A.example, a.example]',
      ['.domains[1]', '"a.example" is a domain of virtual host "v" already; remove one of them'],
    ],
    [
      'domains: [a], require_tls: ALL',
      ['.require_tls', '"ALL" is not supported yet; only "NONE" is: remove it'],
    ],
    [
      'domains: [a], request_headers_to_add: [{ header: { key: "x y" } }]',
      ['.request_headers_to_add[0].header.key', '"x y" is not a name of a header'],
    ],
    [
      'domains: [a], request_headers_to_remove: [Host]',
      [
        '.request_headers_to_remove[0]',
        '"Host" cannot be changed here; a route\'s action rewrites host and path',
      ],
    ],
    [
      'domains: [a], request_headers_to_add: [{ header: { key: x }, append: true, append_action: 1 }]',
      [
        '.request_headers_to_add[0]',
        '"append" is the older spelling of "append_action"; give only one of them',
      ],
    ],
  ])
})

describe('in a route', () => {
  check(route, ROUTE, [
    ['match: { prefix: / }', ['', 'one of "route", "redirect" or "direct_response" is missing']],
    [
      'match: { prefix: / }, redirct: {}',
      ['.redirct', 'unknown field "redirct"; did you mean "redirect"?'],
    ],
    [
      'match: { prefix: / }, route: { cluster: a }, redirect: {}',
      ['', 'only one of "route" and "redirect" may be given'],
    ],
    [
      'match: { prefix: / }, redirect: { response_code: TEAPOT }',
      [
        '.redirect.response_code',
        'must be one of MOVED_PERMANENTLY, FOUND, SEE_OTHER, TEMPORARY_REDIRECT, PERMANENT_REDIRECT, not "TEAPOT"',
      ],
    ],
    [
      'match: { prefix: / }, redirect: { scheme_redirect: ftp }',
      ['.redirect.scheme_redirect', 'must be "http" or "https", not "ftp"'],
    ],
    [
      'match: { prefix: / }, direct_response: { status: 99 }',
      ['.direct_response.status', 'must be a whole number from 200 to 599, not 99'],
    ],
    [
      'match: { prefix: / }, direct_response: { status: 200, body: { filename: x } }',
      ['.direct_response.body.filename', '"filename" is not supported yet; remove it'],
    ],
    [
      'match: { prefix: / }, route: { cluster: a }, typed_per_filter_config: { a.b: { "@type": x/F } }',
      ['.typed_per_filter_config["a.b"]', 'no filter of this chain is called "a.b"; there is none'],
    ],
  ])
  check(match, MATCH, [
    [
      'case_sensitive: true',
      [
        '',
        'one of "prefix", "path", "safe_regex", "path_separated_prefix" or "connect_matcher" is missing',
      ],
    ],
    ['prefix: /, path: /', ['', 'only one of "prefix" and "path" may be given']],
    [
      'path_separated_prefix: /a/',
      ['.path_separated_prefix', 'must begin with "/", not end with one, and hold no "?" or "#"'],
    ],
    [
      'safe_regex: { regex: "(" }',
      ['.safe_regex.regex', 'is not a regular expression of RE2: a ")" is missing'],
    ],
    [
      'safe_regex: { regex: "a(?=b)" }',
      [
        '.safe_regex.regex',
        'is not a regular expression of RE2: RE2 has no look-ahead and no look-behind',
      ],
    ],
    [
      'safe_regex: { regex: "(a)\\\\1" }',
      ['.safe_regex.regex', 'is not a regular expression of RE2: RE2 has no back-references'],
    ],
    [
      'prefix: /, headers: [{ name: x, string_match: {} }]',
      [
        '.headers[0].string_match',
        'one of "exact", "prefix", "suffix", "contains" or "safe_regex" is missing',
      ],
    ],
    [
      'prefix: /, headers: [{ name: x, exact_match: a, present_match: true }]',
      ['.headers[0]', 'only one of "exact_match" and "present_match" may be given'],
    ],
    [
      'prefix: /, query_parameters: [{ string_match: { exact: x } }]',
      ['.query_parameters[0]', '"name" is missing'],
    ],
  ])
  check(action, ACTION, [
    [
      'timeout: 1.2.3s',
      ['.timeout', 'must be a duration in seconds such as "5s" or "0.25s", not "1.2.3s"'],
    ],
    [
      'weighted_clusters: { clusters: [{ name: b, weight: 0 }] }',
      ['.weighted_clusters', 'the weights must not all be 0'],
      ['', 'only one of "cluster" and "weighted_clusters" may be given'],
      ['.weighted_clusters.clusters[0].name', 'no cluster is called "b"; did you mean "a"?'],
    ],
    [
      'auto_host_rewrite: true',
      ['.auto_host_rewrite', '"auto_host_rewrite" is not supported yet; remove it'],
    ],
    [
      'retry_policy: { retry_on: "5xx,connect-failur" }',
      [
        '.retry_policy.retry_on',
        'unknown condition "connect-failur"; did you mean "connect-failure"?',
      ],
    ],
    [
      'retry_policy: { retry_on: "retriable-headers,unavailble" }',
      ['.retry_policy.retry_on', '"retriable-headers" is not supported yet; remove it'],
      ['.retry_policy.retry_on', 'unknown condition "unavailble"; did you mean "unavailable"?'],
    ],
    [
      'max_stream_duration: {}, max_grpc_timeout: 0s',
      ['', 'only one of "max_stream_duration" and "max_grpc_timeout" may be given'],
    ],
    [
      'grpc_timeout_offset: 1s',
      ['.grpc_timeout_offset', 'changes nothing without "max_grpc_timeout"; give both'],
    ],
    [
      'max_stream_duration: { grpc_timeout_header_offset: 1s }',
      [
        '.max_stream_duration.grpc_timeout_header_offset',
        'changes nothing without "grpc_timeout_header_max"; give both',
      ],
    ],
    [
      'retry_policy: { retry_back_off: { base_interval: 2s, max_interval: 1s } }',
      ['.retry_policy.retry_back_off.max_interval', 'must not be shorter than "base_interval"'],
    ],
    [
      'regex_rewrite: { pattern: { regex: "(a)" }, substitution: "\\\\2" }',
      ['.regex_rewrite.substitution', 'refers to group \\2, but the pattern has 1'],
    ],
  ])
  check(rpc, ROUTE, [
    [
      'match: { prefix: /x }, route: { cluster: a }',
      ['.match.prefix', 'RPC requests have no path; leave this out and match by "method"'],
    ],
    [
      'match: { path: /x }, route: { cluster: a }',
      ['.match.path', 'unknown field "path"; RpcRouteMatch has none of that name; remove it'],
    ],
    ['redirect: {}', ['.redirect', '"redirect" is not supported yet; remove it']],
    [
      'route: { cluster: nowhere }',
      ['.route.cluster', 'no cluster is called "nowhere"; define it in static_resources.clusters'],
    ],
  ])
})

describe('what is no mistake', () => {
  check(cluster, CLUSTER, [
    [
      'type: 0, connect_timeout: 1.5s, alt_stat_name: x, ignore_health_on_host_removal: false, filters: []',
    ],
    ['circuit_breakers: { thresholds: [{ maxRequests: "10" }] }, lb_policy: 3'],
    [`${httpOptions('use_downstream_protocol_config: {}')}, ${CHECK} grpc_health_check: {} }]`],
    [endpoint('pipe: { path: /run/x, mode: 384 }')],
    [
      'transport_socket: { name: raw, typed_config: { "@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer } }',
    ],
  ])
  check(manager, MANAGER, [
    ['server_name: x, server_header_transformation: PASS_THROUGH, stream_idle_timeout: 0s'],
  ])
  check(http, MANAGER, [
    [
      `http_filters: [${ROUTER}], route_config: { validate_clusters: false, virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: later } }] }] }`,
    ],
    [
      'http_filters: [{ name: r, typed_config: { "@type": x/envoy.extensions.filters.http.router.v3.Router, suppress_envoy_headers: true, dynamic_stats: false } }], route_config: {}',
    ],
  ])
})
