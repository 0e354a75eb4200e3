import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import {
  ask,
  autoListener,
  boltChain,
  bootstrap,
  cluster,
  everyCall,
  httpChain,
  listener,
  noteLogger,
  Stage,
  TestAuthority,
  type TestCertificate,
  tcpChain,
  until,
} from '@tulle/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

type Part = Readonly<Record<string, unknown>>

const GET = 'GET /shop HTTP/1.1\r\nhost: shop\r\n\r\n'
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

let authority: TestAuthority
let shop: TestCertificate
beforeAll(async () => {
  authority = await TestAuthority.create()
  shop = await authority.issue({ dns: ['shop.test', '*.shop.test'] })
})

/** A chain that speaks TLS before anything else. */
function secured(chain: Part, alpn: readonly string[] = [], extra: Part = {}): Part {
  const { match, ...rest } = extra
  return {
    ...chain,
    ...(match === undefined ? {} : { filter_chain_match: match }),
    transport_socket: {
      name: 'tls',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
        common_tls_context: {
          tls_certificates: [
            {
              certificate_chain: { inline_string: shop.chain },
              private_key: { inline_string: shop.key },
            },
          ],
          alpn_protocols: alpn,
        },
      },
    },
    ...rest,
  }
}

/** A route that answers by itself. */
function says(text: string): Part {
  return { match: { prefix: '/' }, direct_response: { status: 200, body: { inline_string: text } } }
}

interface TlsAsk {
  readonly name?: string
  readonly alpn?: string[]
  readonly session?: Buffer
}

async function tlsClient(port: number, { name, alpn, session }: TlsAsk = {}) {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    ca: authority.pem,
    checkServerIdentity: () => undefined,
    ...(name === undefined ? {} : { servername: name }),
    ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
    ...(session === undefined ? {} : { session }),
  })
  stage.later(() => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
  return socket
}

function said(socket: tls.TLSSocket, text: string): tls.TLSSocket {
  socket.write(text)
  return socket
}

/** What comes on a socket until it contains a text. */
function heard(socket: net.Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = ''
    socket.on('data', (chunk: Buffer) => {
      all += chunk.toString('latin1')
      if (all.includes(text)) resolve(all)
    })
    socket.once('close', () => reject(new Error(`closed after ${all}`)))
  })
}

/** Asks over HTTP/2 on a connection that stands, or is to be made in the clear. */
function askTwo(port: number, socket?: tls.TLSSocket): Promise<string> {
  const session = http2.connect(
    `http://127.0.0.1:${port}`,
    socket === undefined ? {} : { createConnection: () => socket },
  )
  stage.later(() => session.destroy())
  return new Promise((resolve, reject) => {
    session.once('error', reject)
    const stream = session.request({ ':path': '/shop', ':authority': 'shop' })
    let body = ''
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      body += text
    })
    stream.once('error', reject)
    stream.once('end', () => resolve(body))
  })
}

describe('a chain of HTTP', () => {
  it('takes both versions on one port, and counts them apart', async () => {
    const proxy = await stage.proxy([listener('web', [httpChain([says('here')])])], [])
    const port = proxy.port('web')
    expect((await ask(port, '/shop')).body).toBe('here')
    expect(await askTwo(port)).toBe('here')
    expect(await askTwo(port)).toBe('here')
    expect(proxy.listener('web')).toMatchObject({ cx_total: 1, rq_total: 1 })
    expect(proxy.listener('web', 0, 'h2')).toMatchObject({ cx_total: 2, rq_total: 2 })
  })

  it('knows HTTP/2 byte by byte', async () => {
    const proxy = await stage.proxy([listener('web', [httpChain([says('here')])])], [])
    const client = await stage.rawClient(proxy.port('web'))
    for (const byte of PREFACE) {
      client.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Its own settings: a frame of type 4 on stream 0.
    await client.until(({ received }) => received[3] === 4)
    await until(() => proxy.listener('web', 0, 'h2').cx_active === 1)
  })

  it.each([
    ['HTTP1', PREFACE, '505 HTTP Version Not Supported'],
    ['AUTO', 'EHLO shop\r\n\r\n', '400 Bad Request'],
    ['AUTO', '\x16\x03\x01\x02\x00', '400 Bad Request'],
  ])('of %s answers %j', async (codec_type, bytes, answer) => {
    const web = listener('web', [httpChain([says('here')], { codec_type })])
    const proxy = await stage.proxy([web], [])
    const client = (await stage.rawClient(proxy.port('web'))).write(bytes)
    expect(await client.untilEnd()).toContain(answer)
  })

  it('of HTTP/2 alone has no words for others', async () => {
    const web = listener('web', [httpChain([says('here')], { codec_type: 'HTTP2' })])
    const proxy = await stage.proxy([web], [])
    const client = (await stage.rawClient(proxy.port('web'))).write(GET)
    expect(await client.untilEnd()).not.toContain('HTTP/1.1')
    expect(await askTwo(proxy.port('web'))).toBe('here')
  })

  it('lets a client be silent as long as one may be idle, and is impatient once it has begun', async () => {
    const options = { common_http_protocol_options: { idle_timeout: '0.1s' } }
    const web = listener('web', [httpChain([says('here')], options)], {
      listener_filters_timeout: '0.02s',
    })
    const proxy = await stage.proxy([web], [])
    const silent = await stage.rawClient(proxy.port('web'))
    const slow = (await stage.rawClient(proxy.port('web'))).write('PRI * HTTP/2.0\r\n')
    expect(await slow.untilEnd()).toContain('505 HTTP Version')
    expect(silent.ended).toBe(false)
    expect(await silent.untilEnd()).toBe('')
    expect(proxy.listener('web')).toMatchObject({ cx_idle_timeout: 1, cx_protocol_error: 1 })
  })

  it('that is gone lets silent clients go, and serves those that speak up in time', async () => {
    const web = listener('web', [httpChain([says('here')], { drain_timeout: '60s' })])
    const other = listener('other', [httpChain([says('there')])])
    const proxy = await stage.proxy([web, other], [])
    const silent = await stage.rawClient(proxy.port('web'))
    const late = await stage.rawClient(proxy.port('web'))
    await until(() => proxy.runtime.openConnections === 2)
    await proxy.apply(bootstrap([other], []))
    expect(await late.write(GET).untilEnd()).toContain('here')
    expect(await silent.untilEnd()).toBe('')
  })

  it('that changes while a client is silent serves it as it is then', async () => {
    const proxy = await stage.proxy([listener('web', [httpChain([says('before')])])], [])
    const silent = await stage.rawClient(proxy.port('web'))
    await until(() => proxy.runtime.openConnections === 1)
    await proxy.apply(bootstrap([listener('web', [httpChain([says('after')])])], []))
    expect(await silent.write(GET).untilText('after')).toContain('200')
  })
})

describe('one port in the clear and with TLS', () => {
  it('speaks both versions of HTTP either way, and Bolt', async () => {
    const host = await stage.boltHost()
    const web = httpChain([says('here')])
    const proxy = await stage.proxy(
      [
        autoListener('all', [
          web,
          boltChain([everyCall('rpc')], { protocols: ['bolt'] }),
          secured(web, ['h2', 'http/1.1']),
        ]),
      ],
      [cluster('rpc', [host.port])],
    )
    const port = proxy.port('all')
    expect((await ask(port, '/')).body).toBe('here')
    expect(await askTwo(port)).toBe('here')
    expect((await (await stage.boltClient(port)).call()).text).toBe('hello')
    const two = await tlsClient(port, { alpn: ['http/1.1', 'h2'] })
    expect(two.alpnProtocol).toBe('h2')
    expect(await askTwo(port, two)).toBe('here')
    const one = await tlsClient(port, { alpn: ['http/1.1'] })
    one.write(GET)
    expect(await heard(one, 'here')).toContain('200 OK')
    expect(proxy.listener('all', 2)).toMatchObject({ tls_handshakes: 2, tls_errors: 0 })
  })

  it.each([
    ['HTTP/1', (socket: tls.TLSSocket) => heard(said(socket, GET), 'here')],
    ['HTTP/2', (socket: tls.TLSSocket) => askTwo(0, socket)],
  ])('finds %s inside TLS where nothing was agreed on', async (_, asks) => {
    const proxy = await stage.proxy([listener('web', [secured(httpChain([says('here')]))])], [])
    expect(await asks(await tlsClient(proxy.port('web')))).toContain('here')
  })
})

describe('filter chains with TLS', () => {
  const match = (server_names: string[], application_protocols: string[] = []): Part => ({
    match: { server_names, application_protocols },
  })

  it.each([
    ['shop.test', [], 'exact'],
    ['SHOP.test', [], 'exact'],
    ['a.shop.test', [], 'suffix'],
    ['b.a.shop.test', [], 'longer suffix'],
    ['shop.test', ['h2', 'http/1.1'], 'exact h2'],
    ['shop.test', ['spdy'], 'exact'],
    ['other.test', ['http/1.1'], 'others'],
    [undefined, [], 'others'],
  ])('are chosen for %s offering %j: %s', async (name, alpn, text) => {
    const one = (words: string, extra: Part): Part =>
      secured(httpChain([says(`<${words}>`)]), [], extra)
    const proxy = await stage.proxy(
      [
        autoListener('tls', [
          one('others', {}),
          one('suffix', match(['*.shop.test'])),
          one('longer suffix', match(['*.a.shop.test'])),
          one('exact', match(['shop.test'])),
          one('exact h2', match(['shop.test'], ['h2'])),
        ]),
      ],
      [],
    )
    const client = await tlsClient(proxy.port('tls'), {
      ...(name === undefined ? {} : { name }),
      ...(alpn.length === 0 ? {} : { alpn: [...alpn] }),
    })
    client.write(GET)
    expect(await heard(client, '>')).toContain(`<${text}>`)
  })

  it('that nobody finds are a closed connection, counted', async () => {
    const proxy = await stage.proxy(
      [autoListener('tls', [secured(httpChain([says('here')]), [], match(['shop.test']))])],
      [],
    )
    await expect(tlsClient(proxy.port('tls'), { name: 'other.test' })).rejects.toThrow()
    await expect(tlsClient(proxy.port('tls'))).rejects.toThrow()
    expect(proxy.listener('tls')).toMatchObject({ cx_no_chain: 2, tls_errors: 0 })
    await until(() => proxy.runtime.openConnections === 0)
  })

  it('pass TLS through to a host by its name, unread', async () => {
    const bank = await authority.issue({ dns: ['bank.test'] })
    const host = tls.createServer({ key: bank.key, cert: bank.chain }, (socket) =>
      socket.end(`the bank, to ${(socket as { servername?: string }).servername}`),
    )
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    stage.later(() => host.close())
    const { port } = host.address() as net.AddressInfo
    const proxy = await stage.proxy(
      [
        autoListener('tls', [
          secured(httpChain([says('the shop')]), [], match(['shop.test'])),
          { ...tcpChain('bank'), filter_chain_match: { server_names: ['bank.test'] } },
        ]),
      ],
      [cluster('bank', [port])],
    )
    const client = await tlsClient(proxy.port('tls'), { name: 'bank.test' })
    expect(await heard(client, 'bank.test')).toBe('the bank, to bank.test')
    const other = await tlsClient(proxy.port('tls'), { name: 'shop.test' })
    other.write(GET)
    expect(await heard(other, 'the shop')).toContain('200 OK')
    expect(proxy.listener('tls', 1)).toMatchObject({ cx_total: 1, rq_total: 1 })
  })

  it('stand beside a byte stream whose server speaks first', async () => {
    const host = await stage.rawHost((peer) => peer.write('220 mail\r\n'))
    const proxy = await stage.proxy(
      [autoListener('tls', [secured(httpChain([says('here')])), tcpChain('mail')])],
      [cluster('mail', [host.port])],
    )
    await (await stage.rawClient(proxy.port('tls'))).untilText('220 mail')
    const quiet = await stage.proxy(
      [autoListener('tls', [secured(httpChain([says('here')])), tcpChain('mail')])],
      [cluster('mail', [(await stage.rawHost()).port])],
    )
    const client = await tlsClient(quiet.port('tls'))
    client.write(GET)
    expect(await heard(client, 'here')).toContain('200 OK')
    await until(() => quiet.cluster('mail').cx_active === 0)
    expect(quiet.listener('tls', 1)).toMatchObject({ cx_total: 0, rq_total: 0, rq_active: 0 })
  })
})

describe('a port with nothing but TLS', () => {
  const web = (): Part => listener('web', [secured(httpChain([says('here')]), ['h2'])])

  it('tells a client that speaks HTTP without it', async () => {
    const proxy = await stage.proxy([web()], [])
    const client = await stage.rawClient(proxy.port('web'))
    client.write(GET.slice(0, 2))
    await new Promise((resolve) => setTimeout(resolve, 5))
    const answer = await client.write(GET.slice(2)).untilEnd()
    expect(answer).toContain('400 Bad Request')
    expect(answer).toContain('hop: proxy: this port speaks TLS')
    expect(proxy.listener('web').cx_no_chain).toBe(1)
  })

  it('closes others that speak without it', async () => {
    const proxy = await stage.proxy([web()], [])
    const client = (await stage.rawClient(proxy.port('web'))).write('EHLO shop\r\n')
    expect(await client.untilEnd()).toBe('')
    expect(proxy.listener('web').cx_protocol_error).toBe(1)
  })

  it('closes clients whose handshake fails or takes too long, and says so', async () => {
    const log = noteLogger()
    const chain = secured(httpChain([says('here')]), [], {
      transport_socket_connect_timeout: '0.05s',
    })
    const proxy = await stage.proxy([listener('web', [chain])], [], {}, { log })
    const port = proxy.port('web')
    await expect(
      new Promise((_, reject) => {
        tls.connect({ host: '127.0.0.1', port, ca: [] }).once('error', reject)
      }),
    ).rejects.toThrow('certificate')
    await until(() => proxy.listener('web').tls_errors === 1)
    // The first flight of a client that then falls silent.
    const hello = await firstFlight()
    const client = (await stage.rawClient(port)).write(hello)
    await client.until(({ ended, socket }) => ended || socket.destroyed).catch(() => {})
    await until(() => proxy.listener('web').tls_errors === 2)
    await until(() => proxy.runtime.openConnections === 0)
    expect(log.notes).toMatchObject([
      { message: 'a TLS handshake failed', listener: 'web', client: '127.0.0.1' },
      { message: 'a TLS handshake failed', error: expect.stringContaining('50 ms') },
    ])
  })

  it('closes clients that do not say hello in time', async () => {
    const chain = secured(httpChain([says('here')]))
    const proxy = await stage.proxy(
      [listener('web', [chain], { listener_filters_timeout: '0.03s' })],
      [],
    )
    const hello = await firstFlight()
    const half = (await stage.rawClient(proxy.port('web'))).write(hello.subarray(0, 40))
    expect(await half.untilEnd()).toBe('')
    expect(proxy.listener('web').cx_protocol_error).toBe(1)
  })

  it('keeps certificates and sessions over changes of anything else', async () => {
    const proxy = await stage.proxy([web()], [])
    const port = proxy.port('web')
    const first = await tlsClient(port)
    const ticket = new Promise<Buffer>((resolve) => first.once('session', resolve))
    const { transport } = proxy.runtime.listeners[0]!.chains[0]!
    first.write(GET)
    const session = await ticket
    await proxy.apply(
      bootstrap([listener('web', [secured(httpChain([says('after')]), ['h2'])])], []),
    )
    expect(proxy.runtime.listeners[0]!.chains[0]!.transport).toBe(transport)
    const second = await tlsClient(port, { session })
    expect(second.isSessionReused()).toBe(true)
    await proxy.apply(bootstrap([listener('web', [secured(httpChain([says('new')]))])], []))
    expect(proxy.runtime.listeners[0]!.chains[0]!.transport).not.toBe(transport)
  })
})

/** What a TLS client sends first. */
function firstFlight(): Promise<Buffer> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (hello: Buffer) => {
        socket.destroy()
        server.close()
        resolve(hello)
      })
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      tls.connect({ host: '127.0.0.1', port }).on('error', () => {})
    })
  })
}

describe('chains of the same metrics', () => {
  it('each keep their own routes when the configuration is taken again', async () => {
    const chains = [httpChain([says('plain')]), secured(httpChain([says('secret')]), ['http/1.1'])]
    const proxy = await stage.proxy([autoListener('web', chains)], [])
    const port = proxy.port('web')
    const before = proxy.runtime.listeners[0]!.intakes
    await proxy.apply(bootstrap([autoListener('web', chains.toReversed())], []))
    expect((await ask(port, '/')).body).toBe('plain')
    const client = await tlsClient(port, { alpn: ['http/1.1'] })
    client.write(GET)
    expect(await heard(client, 'secret')).toContain('200 OK')
    expect(new Set(proxy.runtime.listeners[0]!.intakes)).toEqual(new Set(before))
  })
})

describe('a configuration is refused', () => {
  const refused = async (chain: Part): Promise<string> =>
    await stage.proxy([autoListener('web', [chain])], []).then(
      () => 'taken',
      (error: Error) => error.message,
    )

  it.each([
    [
      'that offers a protocol its chain does not speak',
      () => secured(httpChain([says('here')], { codec_type: 'HTTP1' }), ['h2', 'http/1.1']),
      'the chain speaks http/1.1',
    ],
    [
      'that takes TLS it cannot read',
      () => ({
        ...httpChain([says('here')]),
        filter_chain_match: { transport_protocol: 'tls' },
      }),
      'only tcp_proxy passes them on',
    ],
    [
      'whose protocols its manager does not speak',
      () => httpChain([says('here')], { protocols: ['bolt'] }),
      'cannot go to a chain that speaks http/1.1 and h2',
    ],
    [
      'whose certificates are not there',
      () => {
        const text = JSON.stringify(secured(httpChain([says('here')])))
        const key = JSON.stringify({ inline_string: shop.key })
        return JSON.parse(text.replace(key, '{"filename":"/nowhere/key.pem"}')) as Part
      },
      'there is no such file',
    ],
  ])('%s', async (_, chain, sentence) => {
    expect(await refused(chain())).toContain(sentence)
  })
})
