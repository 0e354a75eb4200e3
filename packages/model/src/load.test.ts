import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Bootstrap } from './bootstrap.ts'
import type { HttpManager, RpcManager, TcpProxy } from './listener.ts'
import { loadBootstrap, loadBootstrapFile, locateProblems } from './load.ts'
import type { ForwardAction } from './route.ts'

const QUICK_START = `
admin:
  address:
    socket_address: { address: 127.0.0.1, port_value: 9901 }
static_resources:
  listeners:
  - name: listener_0
    address:
      socket_address:
        address: 0.0.0.0
        port_value: 10000
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ingress_http
          access_log:
          - name: envoy.access_loggers.stdout
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          route_config:
            name: local_route
            virtual_hosts:
            - name: local_service
              domains: ["*"]
              routes:
              - match:
                  prefix: "/"
                route:
                  host_rewrite_literal: www.example.com
                  cluster: service_example
  clusters:
  - name: service_example
    type: LOGICAL_DNS
    dns_lookup_family: V4_ONLY
    load_assignment:
      cluster_name: service_example
      endpoints:
      - lb_endpoints:
        - endpoint:
            address:
              socket_address:
                address: www.example.com
                port_value: 80
`

const MESH = `
node: { id: n1, cluster: shop, metadata: { zone: a } }
static_resources:
  listeners:
  - name: inbound
    address: { socket_address: { address: 127.0.0.1, port_value: 12200 } }
    listener_filters:
    - name: protocol
      typed_config: { "@type": type.googleapis.com/tulle.proxy.v1.ProtocolInspector }
    listener_filters_timeout: 0.5s
    filter_chains:
    - filter_chain_match: { application_protocols: [bolt] }
      filters:
      - name: rpc
        typed_config:
          "@type": type.googleapis.com/tulle.proxy.v1.RpcConnectionManager
          stat_prefix: in
          protocol: bolt
          go_away: true
          rpc_filters:
          - name: fault
            typed_config: { "@type": type.googleapis.com/tulle.proxy.v1.RpcFault, delay: 1s }
          route_config:
            virtual_hosts:
            - name: pay
              domains: ["com.example.PayFacade:1.0"]
              routes:
              - match: { method: { exact: pay }, headers: [{ name: rpcCaller, exact_match: web }] }
                route:
                  weighted_clusters:
                    clusters: [{ name: pay, weight: 80 }, { name: pay_next, weight: 20 }]
                typed_per_filter_config:
                  fault: { "@type": type.googleapis.com/tulle.proxy.v1.RpcFault, delay: 2s }
              - route: { cluster: pay, timeout: 3s, retry_policy: { retry_on: "connect-failure,reset" } }
    - filter_chain_match: { application_protocols: [http/1.0, http/1.1] }
      filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          upgrade_configs: [{ upgrade_type: WebSocket }]
          http_filters:
          - name: router
            typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          route_config: { virtual_hosts: [] }
    - filters:
      - name: rest
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: rest
          cluster: pay
  - address: { socket_address: { address: "::1", port_value: 13306 } }
    filter_chains:
    - filters:
      - name: limit
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit
          stat_prefix: limit
          max_connections: 7
      - name: tcp
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: db
          cluster: pay
  clusters:
  - name: pay
    connect_timeout: 0.25s
    lb_policy: LEAST_REQUEST
    load_assignment:
      endpoints:
      - priority: 1
        lb_endpoints:
        - endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 12200 } } }
          load_balancing_weight: 3
    health_checks:
    - timeout: 1s
      interval: 5s
      unhealthy_threshold: 2
      healthy_threshold: 1
      custom_health_check:
        name: tulle.health_checkers.heartbeat
        typed_config: { "@type": type.googleapis.com/tulle.proxy.v1.HeartbeatHealthCheck, protocol: bolt }
    outlier_detection: { consecutive_5xx: 3 }
    circuit_breakers: { thresholds: [{ max_requests: 10 }, { priority: HIGH, max_requests: 1 }] }
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        common_http_protocol_options: { idle_timeout: 60s }
        explicit_http_config: { http_protocol_options: {} }
  - name: pay_next
    ignore_health_on_host_removal: false
overload_manager:
  resource_monitors:
  - name: heap
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
      max_heap_size_bytes: 1000000
  - name: connections
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
      max_active_downstream_connections: 500
  actions:
  - name: envoy.overload_actions.stop_accepting_requests
    triggers: [{ name: heap, threshold: { value: 0.5 } }]
`

function load(text: string): Bootstrap {
  const result = loadBootstrap(text, 'envoy.yaml')
  if (!result.ok) throw new Error(result.problems.map((it) => `${it.at} ${it.what}`).join('\n'))
  return result.value
}

describe('a quick-start file of Envoy', () => {
  const bootstrap = load(QUICK_START)
  const manager = bootstrap.listeners[0]!.chains[0]!.manager as HttpManager

  test('runs unchanged', () => {
    expect(bootstrap.admin).toEqual({ host: '127.0.0.1', port: 9901 })
    expect(bootstrap.listeners[0]!.address).toEqual({ host: '0.0.0.0', port: 10000 })
    expect(bootstrap.clusters[0]!.discovery).toBe('logical-dns')
    expect(manager.routes.virtualHosts[0]!.routes[0]!.action).toMatchObject({
      kind: 'forward',
      hostRewrite: 'www.example.com',
      clusters: [{ name: 'service_example', weight: 1 }],
    })
  })

  test('has the defaults of Envoy where it says nothing', () => {
    expect(bootstrap.clusters[0]).toMatchObject({
      connectTimeoutMs: 5000,
      dnsRefreshMs: 5000,
      balancer: { name: 'round_robin', settings: {} },
      limits: {
        maxConnections: 1024,
        maxPendingRequests: 1024,
        maxRequests: 1024,
        maxRetries: 3,
      },
      outlierDetection: null,
      panicThresholdPercent: 50,
      idleTimeoutMs: 3_600_000,
      maxRequestsPerConnection: 0,
      bufferLimitBytes: 1_048_576,
    })
    expect(manager).toMatchObject({
      codec: 'auto',
      idleTimeoutMs: 3_600_000,
      streamIdleTimeoutMs: 300_000,
      drainTimeoutMs: 5000,
      requestTimeoutMs: 0,
      maxHeaderBytes: 61_440,
      maxHeaders: 100,
      generateRequestId: true,
      useRemoteAddress: false,
    })
    const route = manager.routes.virtualHosts[0]!.routes[0]!.action as ForwardAction
    expect([route.timeoutMs, route.idleTimeoutMs, route.retryPolicy]).toEqual([15_000, null, null])
  })

  test('keeps the router out of the filters', () => {
    expect(manager.filters).toEqual([])
  })
})

describe('a file with what Tulle adds', () => {
  const bootstrap = load(MESH)
  const [inbound, database] = bootstrap.listeners
  const rpc = inbound!.chains[0]!.manager as RpcManager

  test('has a chain for each protocol, the two versions of HTTP/1 as one', () => {
    expect(inbound!.chains.map(({ protocols }) => protocols)).toEqual([['bolt'], ['http/1.1'], []])
    expect(inbound!.detectTimeoutMs).toBe(500)
    expect((inbound!.chains[1]!.manager as HttpManager).upgrades).toEqual(new Set(['websocket']))
  })

  test('routes RPC by service, method and header, whose names keep their case', () => {
    const [first, second] = rpc.routes.virtualHosts[0]!.routes
    expect(rpc.routes.virtualHosts[0]!.domains).toEqual(['com.example.PayFacade:1.0'])
    expect(first!.match.method).toEqual({ kind: 'exact', value: 'pay', ignoreCase: false })
    expect(first!.match.headers[0]!.name).toBe('rpcCaller')
    expect((first!.action as ForwardAction).clusters.map((it) => it.weight)).toEqual([80, 20])
    expect(second!.match.path).toEqual({ kind: 'any' })
    expect((second!.action as ForwardAction).retryPolicy!.on).toEqual(
      new Set(['connect-failure', 'reset']),
    )
  })

  test('leaves the settings of filters unread, with the place where they stand', () => {
    const at =
      'static_resources.listeners[0].filter_chains[0].filters[0].typed_config.rpc_filters[0].typed_config'
    expect(rpc.filters).toEqual([
      { name: 'fault', type: 'tulle.proxy.v1.RpcFault', settings: { delay: '1s' }, at },
    ])
    const own = rpc.routes.virtualHosts[0]!.routes[0]!.perFilterConfig.fault!
    expect(own.settings).toEqual({ delay: '2s' })
    expect(locateProblems([{ at: `${at}.delay`, what: 'x' }], MESH, 'envoy.yaml')).toEqual([
      { at: `envoy.yaml:22: ${at}.delay`, what: 'x' },
    ])
  })

  test('limits connections of a listener, and names it by its address', () => {
    expect(database!.name).toBe('[::1]:13306')
    expect(database!.maxConnections).toBe(7)
    expect((database!.chains[0]!.manager as TcpProxy).clusters[0]!.name).toBe('pay')
  })

  test('describes clusters', () => {
    expect(bootstrap.clusters[0]).toMatchObject({
      discovery: 'static',
      connectTimeoutMs: 250,
      balancer: { name: 'least_request', settings: { choice_count: 2 } },
      endpoints: [{ address: { host: '10.0.0.1', port: 12200 }, weight: 3, priority: 1 }],
      healthChecks: [{ probe: { kind: 'heartbeat', protocol: 'bolt' }, intervalMs: 5000 }],
      outlierDetection: { consecutive5xx: 3, consecutiveGatewayFailure: 0, maxEjectionMs: 300_000 },
      limits: { maxRequests: 10, maxRetries: 3 },
      idleTimeoutMs: 60_000,
    })
  })

  test('maps the overload manager to limits', () => {
    expect(bootstrap.overload).toEqual({ maxConnections: 500, maxHeapBytes: 500_000 })
  })
})

describe('loading', () => {
  test('reads JSON, and fields in lowerCamelCase', () => {
    const json = '{"staticResources": {"clusters": [{"name": "a", "connectTimeout": "2s"}]}}'
    expect(load(json).clusters[0]!.connectTimeoutMs).toBe(2000)
  })

  test('reads flow-style YAML that is not JSON', () => {
    expect(load('{ node: { id: x } } # fine').node.id).toBe('x')
  })

  test('takes null for a field that is not given', () => {
    expect(load('static_resources:\nadmin:\n').admin).toBeNull()
  })

  test('finds the lines of problems in JSON', () => {
    const json = '{\n\t"staticResources": {\n\t\t"clusters": [\n\t\t\t{"nmae": "a", "name": "b"}]}}'
    expect(loadBootstrap(json, 'a.json')).toEqual({
      ok: false,
      problems: [
        {
          at: 'a.json:4: static_resources.clusters[0].nmae',
          what: 'unknown field "nmae"; did you mean "name"?',
        },
      ],
    })
  })

  test('finds lines behind an alias', () => {
    const text = 'static_resources:\n  clusters:\n  - &c { name: a, type: X }\n  - *c\n'
    const result = loadBootstrap(text, 'a.yaml')
    expect(!result.ok && result.problems.map(({ at }) => at)).toEqual([
      'a.yaml:3: static_resources.clusters[0].type',
      'a.yaml:3: static_resources.clusters[1].type',
      'a.yaml:3: static_resources.clusters[1].name',
    ])
  })

  test.each([
    ['', 'a.yaml:1', 'the file is empty'],
    ['node:\n  id: [1\n', 'a.yaml:3', /flow sequence/],
    ['node: {}\nnode: {}\n', 'a.yaml:2', 'map keys must be unique'],
    ['node: *nobody\n', 'a.yaml:1', /unresolved alias/],
    ['node: {}\n---\nnode: {}\n', 'a.yaml:2', /^a second document begins here/],
    ['node: &a [*a]\n', 'a.yaml:1', 'values are nested more than 100 deep'],
    ['node: !secret x\n', 'a.yaml:1', 'unresolved tag: !secret'],
    ['{"node": {"id": "a"\n', 'a.yaml:2', /flow map/],
    ['- 1\n', 'a.yaml:1', 'must be an object (Bootstrap), not a list'],
  ])('says of %j what is wrong', (text, at, what) => {
    const result = loadBootstrap(text, 'a.yaml')
    const problem = result.ok ? null : result.problems[0]
    expect(problem?.at).toBe(at)
    expect(problem?.what).toMatch(what)
  })

  test('reads a file, and says of one that is not there that it cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tulle-'))
    try {
      const path = join(folder, 'envoy.yaml')
      await writeFile(path, QUICK_START)
      expect((await loadBootstrapFile(path)).ok).toBe(true)
      const missing = await loadBootstrapFile(join(folder, 'nothing.yaml'))
      expect(!missing.ok && missing.problems[0]!.what).toMatch(/^cannot be read: ENOENT/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
