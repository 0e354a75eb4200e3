import tls from 'node:tls'
import {
  ask,
  boltChain,
  bootstrap,
  cluster,
  everyCall,
  everything,
  httpChain,
  listener,
  noteLogger,
  RawPeer,
  Stage,
  TestAuthority,
  type TestProxy,
  tcpChain,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

type Part = Readonly<Record<string, unknown>>

const ENVOY = 'type.googleapis.com/envoy.extensions'
const GET = 'GET /shop HTTP/1.1\r\nhost: shop\r\n\r\n'
const HEADER = 'PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n'
const BINARY = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201c6336407dc0401bb', 'hex')
const V6 = 'PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

/** A listener whose clients begin with the header, always or if they like. */
function greeted(name: string, chains: readonly Part[], need = 'required', extra: Part = {}): Part {
  const typed_config = {
    '@type': `${ENVOY}.filters.listener.proxy_protocol.v3.ProxyProtocol`,
    allow_requests_without_proxy_protocol: need === 'optional',
  }
  return listener(name, chains, { listener_filters: [{ name: 'proxy', typed_config }], ...extra })
}

/** A proxy before a host, which tells it where requests come from. */
async function web(need = 'required', extra: Part = {}, log = noteLogger()) {
  const host = await stage.httpHost(({ headers }, response) =>
    response.end(`from ${headers['x-forwarded-for']}`),
  )
  const chain = httpChain([everything('a')], { use_remote_address: true })
  const proxy = await stage.proxy(
    [greeted('web', [chain], need, extra)],
    [cluster('a', [host.port])],
    {},
    { log },
  )
  return { proxy, log, connect: () => stage.rawClient(proxy.port('web')) }
}

describe('a PROXY protocol header', () => {
  it.each([
    ['in text', HEADER, 'from 192.0.2.1'],
    ['in bytes', BINARY, 'from 192.0.2.1'],
    ['of IPv6', V6, 'from 2001:db8::1'],
    ['of nobody', 'PROXY UNKNOWN\r\n', 'from 127.0.0.1'],
  ])('%s tells who the client is', async (_, header, from) => {
    const { connect } = await web()
    const whole = (await connect()).write(Buffer.concat([Buffer.from(header), Buffer.from(GET)]))
    expect(await whole.untilText('from ')).toContain(from)
    const slow = await connect()
    for (const byte of Buffer.from(header)) {
      slow.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await slow.write(GET).untilText('from ')).toContain(from)
  })

  it('is one of a connection, not of a request', async () => {
    const { proxy, connect } = await web()
    const client = (await connect()).write(HEADER + GET + GET)
    await client.until(({ text }) => text.split('from 192.0.2.1').length === 3)
    expect(proxy.listener('web')).toMatchObject({ cx_total: 1, rq_total: 2 })
  })

  it('stands before Bolt as before HTTP', async () => {
    const host = await stage.boltHost()
    const proxy = await stage.proxy(
      [greeted('rpc', [boltChain([everyCall('a')])])],
      [cluster('a', [host.port])],
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    client.peer.write(BINARY)
    expect((await client.call()).text).toBe('hello')
  })

  it('stands before TLS', async () => {
    const authority = await TestAuthority.create()
    const { chain, key } = await authority.issue({ dns: ['shop.test'] })
    const host = await stage.httpHost(({ headers }, response) =>
      response.end(`from ${headers['x-forwarded-for']}`),
    )
    const typed_config = {
      '@type': `${ENVOY}.transport_sockets.tls.v3.DownstreamTlsContext`,
      common_tls_context: {
        tls_certificates: [
          { certificate_chain: { inline_string: chain }, private_key: { inline_string: key } },
        ],
      },
    }
    const web = httpChain([everything('a')], { use_remote_address: true })
    const proxy = await stage.proxy(
      [greeted('web', [{ ...web, transport_socket: { name: 'tls', typed_config } }])],
      [cluster('a', [host.port])],
    )
    const { socket } = (await stage.rawClient(proxy.port('web'))).write(HEADER)
    socket.removeAllListeners('data')
    const client = new RawPeer(tls.connect({ socket, ca: authority.pem, servername: 'shop.test' }))
    expect(await client.write(GET).untilText('from ')).toContain('from 192.0.2.1')
  })

  it.each([
    ['that is missing', GET, 'does not begin with the PROXY protocol header'],
    ['that is wrong', 'PROXY TCP4 here there 1 2\r\n', 'addresses are not those of TCP4'],
  ])('%s closes the connection where one is required', async (_, bytes, sentence) => {
    const { proxy, log, connect } = await web()
    const client = (await connect()).write(bytes)
    expect(await client.untilEnd()).toBe('')
    expect(proxy.listener('web')).toMatchObject({ cx_proxy_header_error: 1, cx_total: 0 })
    expect(log.notes).toMatchObject([
      { message: 'a connection was refused', error: expect.stringContaining(sentence) },
    ])
  })

  it('must come in time', async () => {
    const { proxy, connect } = await web('required', { listener_filters_timeout: '0.03s' })
    expect(await (await connect()).write('PROXY TCP4 ').untilEnd()).toBe('')
    expect(await (await connect()).untilEnd()).toBe('')
    expect(proxy.listener('web').cx_proxy_header_error).toBe(2)
  })

  it('may be left out where it is optional, and must be right where it is not', async () => {
    const { proxy, connect } = await web('optional')
    expect(await (await connect()).write(GET).untilText('from ')).toContain('from 127.0.0.1')
    expect(await (await connect()).write(HEADER + GET).untilText('from ')).toContain('192.0.2.1')
    expect(await (await connect()).write('PROXY x\r\n').untilEnd()).toBe('')
    expect(proxy.listener('web')).toMatchObject({ cx_proxy_header_error: 1, cx_total: 2 })
  })

  it('that is optional is waited for before a server may speak first', async () => {
    const host = await stage.rawHost((peer) => peer.write('220 mail\r\n'))
    const proxy = await stage.proxy(
      [greeted('mail', [tcpChain('a')], 'optional', { listener_filters_timeout: '0.03s' })],
      [cluster('a', [host.port])],
    )
    await (await stage.rawClient(proxy.port('mail'))).untilText('220 mail')
  })

  it('leaves nothing of clients that close before they have said it', async () => {
    const { proxy, connect } = await web()
    ;(await connect()).end()
    ;(await connect()).write('PROXY').reset()
    await until(() => proxy.runtime.openConnections === 0)
    expect(proxy.runtime.site.wheel.size).toBe(0)
  })
})

describe('a cluster whose hosts are told of clients', () => {
  const told = (port: number, version: string, inner: Part = raw): Part =>
    cluster('a', [port], {
      transport_socket: {
        name: 'proxy',
        typed_config: {
          '@type': `${ENVOY}.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
          config: { version },
          transport_socket: { name: 'inner', typed_config: inner },
        },
      },
    })
  const raw = { '@type': `${ENVOY}.transport_sockets.raw_buffer.v3.RawBuffer` }

  /** A host that answers every request with its headers left out, and keeps the connection. */
  const answering = (peer: RawPeer): void => {
    peer.socket.on('data', () => {
      if (peer.text.endsWith('\r\n\r\n'))
        peer.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  }

  async function start(version: string, chain: Part = httpChain([everything('a')])) {
    const host = await stage.rawHost(answering)
    const proxy = await stage.proxy([listener('web', [chain])], [told(host.port, version)])
    return { host, proxy, port: proxy.port('web') }
  }

  it('hears the address of the client first, in text', async () => {
    const { host, port } = await start('V1')
    const client = (await stage.rawClient(port)).write(GET)
    await client.untilText('ok')
    const { localPort } = client.socket
    expect((await host.next()).text).toMatch(
      new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 ${localPort} ${port}\r\nGET `),
    )
  })

  it('hears it in bytes', async () => {
    const { host, port } = await start('V2', tcpChain('a'))
    const client = (await stage.rawClient(port)).write('hello')
    const peer = await (await host.next()).until(({ receivedBytes }) => receivedBytes >= 33)
    expect(peer.received.subarray(16, 24).toString('hex')).toBe('7f0000017f000001')
    expect(peer.received.readUInt16BE(24)).toBe(client.socket.localPort)
    expect(peer.received.subarray(28).toString()).toBe('hello')
  })

  it('has connections for each client alone, as long as that is there', async () => {
    const { host, proxy, port } = await start('V1')
    const one = await stage.rawClient(port)
    const two = await stage.rawClient(port)
    for (const client of [one, two, one, two]) {
      client.forget()
      await client.write(GET).untilText('ok')
    }
    expect(host.peers.map(({ text }) => text.split('GET').length - 1)).toEqual([2, 2])
    one.end()
    await host.peers[0]!.untilEnd()
    host.peers[0]!.end()
    await until(() => proxy.cluster('a').cx_active === 1)
    two.forget()
    await two.write(GET).untilText('ok')
    expect(host.peers).toHaveLength(2)
  })

  it('makes a new connection for a client whose first was closed by the host', async () => {
    const { host, proxy, port } = await start('V1')
    const client = await stage.rawClient(port)
    await client.write(GET).untilText('ok')
    host.peers[0]!.end()
    await until(() => proxy.cluster('a').cx_active === 0)
    client.forget()
    await client.write(GET).untilText('ok')
    expect(host.peers[1]!.text).toContain(`127.0.0.1 ${client.socket.localPort} `)
  })

  it('lets go of clients that are gone before the host has accepted', async () => {
    const { proxy, port } = await start('V1')
    for (let i = 0; i < 20; i++) (await stage.rawClient(port)).write(GET).reset()
    await until(() => proxy.runtime.openConnections === 0)
    await until(() => proxy.cluster('a').cx_active === 0)
  })

  it('hears what the proxy before us says of the client', async () => {
    const host = await stage.rawHost(answering)
    const proxy = await stage.proxy(
      [greeted('web', [httpChain([everything('a')])])],
      [told(host.port, 'V1')],
    )
    await (await stage.rawClient(proxy.port('web'))).write(HEADER + GET).untilText('ok')
    expect((await host.next()).text).toContain(`${HEADER}GET`)
  })

  it('hears it before TLS begins', async () => {
    const host = await stage.rawHost()
    const tls = { '@type': `${ENVOY}.transport_sockets.tls.v3.UpstreamTlsContext`, sni: 'shop' }
    const proxy: TestProxy = await stage.proxy(
      [listener('web', [httpChain([everything('a')])])],
      [told(host.port, 'V1', tls)],
    )
    ask(proxy.port('web'), '/').catch(() => {})
    const [header, hello = ''] = (await (await host.next()).untilText('shop')).split('\r\n')
    expect(header).toContain('PROXY TCP4 127.0.0.1 127.0.0.1')
    expect(hello.startsWith('\x16\x03')).toBe(true)
  })

  it('goes on over changes of configuration', async () => {
    const { host, proxy, port } = await start('V1')
    const client = await stage.rawClient(port)
    await client.write(GET).untilText('ok')
    client.forget()
    await proxy.apply(
      bootstrap(
        [listener('web', [httpChain([everything('b')])])],
        [{ ...told(host.port, 'V1'), name: 'b' }],
      ),
    )
    await until(() => host.open === 0 || host.peers[0]!.ended)
    host.peers[0]!.end()
    await client.write(GET).untilText('ok')
    expect(host.peers).toHaveLength(2)
  })
})
