import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { cluster, Stage, TestAuthority, until, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const ENVOY = 'type.googleapis.com/envoy.extensions'
const HTTP = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
const check = (probe: object) => ({
  health_checks: [
    { timeout: '1s', interval: '0.02s', unhealthy_threshold: 1, healthy_threshold: 1, ...probe },
  ],
})
const spoken = (options: object) => ({
  typed_extension_protocol_options: {
    [HTTP]: { '@type': `type.googleapis.com/${HTTP}`, ...options },
  },
})
const H2 = spoken({ explicit_http_config: { http2_protocol_options: {} } })
const BEST = spoken({ auto_config: { http2_protocol_options: {} } })

/** A host whose health its test decides: `grpc.health.v1` and `GET /well`. */
class Host {
  well = true
  readonly schemes = new Set<unknown>()
  port = 0

  async listen(server: http2.Http2Server | http2.Http2SecureServer): Promise<void> {
    const sessions = new Set<http2.ServerHttp2Session>()
    server.on('session', (session: http2.ServerHttp2Session) => {
      sessions.add(session)
      session.on('error', () => {})
    })
    server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      this.schemes.add(headers[':scheme'])
      stream.on('error', () => {})
      if (headers[':path'] === '/well')
        return stream.respond({ ':status': this.well ? 200 : 503 }, { endStream: true })
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, this.well ? 1 : 2]))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    stage.later(() => {
      server.close()
      for (const session of sessions) session.destroy()
    })
  }
}

const PROBES = {
  grpc: { grpc_health_check: { service_name: 'shop.Cart' } },
  http2: { http_health_check: { path: '/well', codec_client_type: 'HTTP2' } },
  http: { http_health_check: { path: '/well' } },
}

async function goesAndComes(host: Host, extra: Record<string, unknown>): Promise<void> {
  const proxy = await stage.proxy([webListener('a')], [cluster('a', [host.port], extra)])
  await until(() => proxy.cluster('a').health_check_total > 1)
  expect(proxy.cluster('a')).toMatchObject({ health_check_failed: 0, hosts_healthy: 1 })
  host.well = false
  await until(() => proxy.cluster('a').hosts_healthy === 0)
  host.well = true
  await until(() => proxy.cluster('a').hosts_healthy === 1)
}

describe('active checks over HTTP/2', () => {
  it.each(['grpc', 'http2'] as const)('by %s follow what the host says', async (probe) => {
    const host = new Host()
    await host.listen(http2.createServer())
    await goesAndComes(host, { ...H2, ...check(PROBES[probe]) })
    expect([...host.schemes]).toEqual(['http'])
  })

  it.each([
    ['grpc', H2],
    ['http2', H2],
    // TLS decides the version.
    ['http', BEST],
  ] as const)('by %s go over TLS where requests do', async (probe, version) => {
    const authority = await TestAuthority.create()
    const { chain, key } = await authority.issue({ dns: ['shop'] })
    const { chain: ownChain, key: ownKey } = await authority.issue({ dns: ['proxy'] })
    const host = new Host()
    await host.listen(
      http2.createSecureServer({ cert: chain, key, ca: authority.pem, requestCert: true }),
    )
    const typed_config = {
      '@type': `${ENVOY}.transport_sockets.tls.v3.UpstreamTlsContext`,
      sni: 'shop',
      common_tls_context: {
        tls_certificates: [
          {
            certificate_chain: { inline_string: ownChain },
            private_key: { inline_string: ownKey },
          },
        ],
        validation_context: { trusted_ca: { inline_string: authority.pem } },
      },
    }
    const transport_socket = { name: 'tls', typed_config }
    await goesAndComes(host, { ...version, transport_socket, ...check(PROBES[probe]) })
    expect([...host.schemes]).toEqual(['https'])
  })
})
