import { createHash, randomBytes } from 'node:crypto'
import type http from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import {
  ask,
  bootstrap,
  clientTls,
  cluster,
  deadPort,
  everything,
  httpChain,
  listener,
  Stage,
  serverTls,
  TestAuthority,
  type TestCertificate,
  tcpChain,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const SHOP = 'spiffe://mesh/shop'
const CART = 'spiffe://mesh/cart'

const stage = new Stage()
afterEach(() => stage.clear())

let ca: TestAuthority
let shop: TestCertificate
let cart: TestCertificate
beforeAll(async () => {
  ca = await TestAuthority.create()
  shop = await ca.issue({ uris: [SHOP], dns: ['shop.example'] })
  cart = await ca.issue({ uris: [CART] })
})

/** A foreign server of HTTP over TLS; `stop` is left to the stage. */
async function httpsHost(options: http2.SecureServerOptions, versions: 1 | 2 | 'both') {
  const seen: string[] = []
  const answer = (request: http.IncomingMessage | http2.Http2ServerRequest, response: unknown) => {
    seen.push(request.httpVersion)
    request.resume()
    ;(response as http.ServerResponse).end('hello')
  }
  const pair = { cert: shop.chain, key: shop.key, ...options }
  const server =
    versions === 1
      ? (await import('node:https')).createServer(pair, answer)
      : http2.createSecureServer({ ...pair, allowHTTP1: versions === 'both' }, answer)
  const sockets = new Set<net.Socket>()
  const resumed: boolean[] = []
  server.on('secureConnection', (socket: tls.TLSSocket) => resumed.push(socket.isSessionReused()))
  server.on('connection', (socket: net.Socket) => sockets.add(socket))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.later(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, seen, resumed }
}

describe('a host that speaks TLS', () => {
  it('is asked over it, and resumes its session with the next connection', async () => {
    const host = await httpsHost({}, 1)
    const tlsOptions = { trusted: ca.pem, uris: [SHOP] }
    const proxy = await stage.proxy(
      [webListener('a')],
      [
        cluster('a', [host.port], {
          transport_socket: clientTls(tlsOptions),
          typed_extension_protocol_options: once,
        }),
      ],
    )
    for (let i = 0; i < 3; i++) {
      const answer = await ask(proxy.port('web'), '/')
      expect([answer.status, answer.body]).toEqual([200, 'hello'])
    }
    expect(proxy.cluster('a')).toMatchObject({ cx_total: 3, tls_handshakes: 3, tls_errors: 0 })
    expect(host.resumed).toEqual([false, true, true])
  })

  it.each<[string, () => Parameters<typeof clientTls>[0], string]>([
    [
      'nobody vouches for',
      () => ({ trusted: shop.certificate }),
      'the host showed a certificate that is not believed: no authority that is trusted has issued it',
    ],
    [
      'is somebody else',
      () => ({ trusted: ca.pem, uris: [CART] }),
      `the host showed a certificate that is for ${SHOP}, shop.example; expected ${CART}`,
    ],
  ])('is not asked when it %s', async (_, options, sentence) => {
    const host = await httpsHost({}, 1)
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [host.port], { transport_socket: clientTls(options()) })],
    )
    const answer = await ask(proxy.port('web'), '/')
    expect([answer.status, host.seen]).toEqual([503, []])
    expect(answer.body).toContain(`cannot connect to 127.0.0.1:${host.port}: ${sentence}`)
    expect(proxy.cluster('a').tls_errors).toBe(1)
  })

  it('is not asked when it speaks in the clear', async () => {
    const host = await stage.httpHost()
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [host.port], { transport_socket: clientTls({}) })],
    )
    expect((await ask(proxy.port('web'), '/')).body).toContain('the host does not speak TLS')
  })

  it('is waited for no longer than for any connection', async () => {
    const mute = await stage.rawHost()
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [mute.port], { transport_socket: clientTls({}), connect_timeout: '0.1s' })],
    )
    const answer = await ask(proxy.port('web'), '/')
    expect(answer.body).toContain(
      'did not finish the TLS handshake within 100 ms (connect_timeout)',
    )
    expect(proxy.cluster('a')).toMatchObject({ tls_errors: 1, cx_connect_timeout: 1, cx_active: 0 })
  })

  it('is told the name that it is asked by', async () => {
    const asked: (string | false | null)[] = []
    const host = await httpsHost(
      {
        SNICallback: (name, done) => {
          asked.push(name)
          done(null, tls.createSecureContext({ cert: shop.chain, key: shop.key }))
        },
      },
      1,
    )
    const sni = clientTls({ trusted: ca.pem, extra: { sni: 'shop.example' } })
    const proxy = await stage.proxy(
      [webListener('a')],
      [cluster('a', [host.port], { transport_socket: sni })],
    )
    expect((await ask(proxy.port('web'), '/')).status).toBe(200)
    expect(asked).toEqual(['shop.example'])
  })
})

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'
const httpOptions = (extra: object) => ({
  [HTTP_OPTIONS]: { '@type': `type.googleapis.com/${HTTP_OPTIONS}`, ...extra },
})
/** A connection for each request. */
const once = httpOptions({
  common_http_protocol_options: { max_requests_per_connection: 1 },
  explicit_http_config: { http_protocol_options: {} },
})

describe('several workers', () => {
  it('resume the sessions of one another', async () => {
    const port = await deadPort()
    const transport_socket = serverTls({ certificates: [shop] })
    const process = stage.process(
      bootstrap(
        [listener('web', [{ ...httpChain([everything('a')]), transport_socket }], { port })],
        [cluster('a', [])],
      ),
      '--concurrency',
      '2',
    )
    await process.logged('ready')
    const connect = async (session?: Buffer) => {
      const again = session === undefined ? {} : { session }
      const options = { rejectUnauthorized: false, maxVersion: 'TLSv1.2', ...again } as const
      const socket = tls.connect({ port, host: '127.0.0.1', ...options })
      stage.later(() => socket.destroy())
      await new Promise((resolve, reject) =>
        socket.on('secureConnect', resolve).on('error', reject),
      )
      return socket
    }
    const session = (await connect()).getSession()!
    const others = await Promise.all(Array.from({ length: 24 }, () => connect(session)))
    expect(others.map((socket) => socket.isSessionReused())).toEqual(new Array(24).fill(true))
  })
})

describe('the version of HTTP', () => {
  it.each<[string, 1 | 2 | 'both', string]>([
    ['2 where the host knows it', 2, '2.0'],
    ['2 where the host knows both', 'both', '2.0'],
    ['1 where the host knows no other', 1, '1.1'],
  ])('is %s', async (_, versions, version) => {
    const host = await httpsHost({}, versions)
    const proxy = await stage.proxy(
      [webListener('a')],
      [
        cluster('a', [host.port], {
          transport_socket: clientTls({ trusted: ca.pem }),
          typed_extension_protocol_options: httpOptions({ auto_config: {} }),
        }),
      ],
    )
    for (let i = 0; i < 3; i++) expect((await ask(proxy.port('web'), '/')).body).toBe('hello')
    const many = await Promise.all(Array.from({ length: 6 }, () => ask(proxy.port('web'), '/')))
    expect(many.map(({ status }) => status)).toEqual(new Array(6).fill(200))
    expect(host.seen).toEqual(new Array(9).fill(version))
    if (versions !== 1) expect(proxy.cluster('a').cx_total).toBe(1)
  })
})

describe('two proxies with mutual TLS between them', () => {
  /** The way through both to a port; the bytes between them are encrypted. */
  async function pair(port: number, inner: object, outer: object, http = false) {
    const there = await stage.proxy(
      [
        listener('in', [
          {
            ...(http ? httpChain([everything('host')]) : tcpChain('host')),
            transport_socket: serverTls({
              certificates: [shop],
              trusted: ca.pem,
              uris: [CART],
              extra: { require_client_certificate: true },
              ...inner,
            }),
          },
        ]),
      ],
      [cluster('host', [port])],
    )
    const tls = clientTls({ certificates: [cart], trusted: ca.pem, uris: [SHOP], ...outer })
    const here = await stage.proxy(
      [http ? webListener('far') : listener('out', [tcpChain('far')])],
      [cluster('far', [there.port('in')], { transport_socket: tls })],
    )
    return { here, there }
  }

  it('carry large streams both ways, at the pace of who reads', async () => {
    const [up, down] = [randomBytes(6 << 20), randomBytes(6 << 20)]
    const received: Promise<string>[] = []
    const host = net.createServer({ allowHalfOpen: true }, (socket) => {
      received.push(hashSlowly(socket))
      socket.end(down)
    })
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    stage.later(() => host.close())
    const { here, there } = await pair((host.address() as AddressInfo).port, {}, {})
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => {
        const client = net.connect({ port: here.port('out'), allowHalfOpen: true })
        client.end(up)
        return hashSlowly(client)
      }),
    )
    expect(answers).toEqual(new Array(4).fill(hashOf(down)))
    expect(await Promise.all(received)).toEqual(new Array(4).fill(hashOf(up)))
    expect(there.listener('in')).toMatchObject({ tls_handshakes: 4, tls_errors: 0 })
    await until(() => there.listener('in').cx_active === 0)
  })

  it('turn a neighbour away that is not the one expected', async () => {
    const host = await stage.httpHost()
    const { here, there } = await pair(host.port, { uris: ['spiffe://mesh/bank'] }, {}, true)
    expect((await ask(here.port('web'), '/')).status).toBe(503)
    expect(there.listener('in')).toMatchObject({ tls_handshakes: 0, tls_errors: 1 })
  })
})

function hashOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** Reads to the end, standing still now and then. */
function hashSlowly(socket: net.Socket): Promise<string> {
  const hash = createHash('sha1')
  let reads = 0
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      if (++reads % 20 !== 0) return
      socket.pause()
      setTimeout(() => socket.resume(), 3)
    })
    socket.on('end', () => resolve(hash.digest('hex')))
    socket.on('error', reject)
  })
}
