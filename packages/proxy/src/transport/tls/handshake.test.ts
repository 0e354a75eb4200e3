import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { TestAuthority, type TestCertificate, until } from '@tulle/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Bench, believing, downstream, inline, type Met, only, pair, upstream } from './fixture.ts'

const SHOP = 'spiffe://mesh/shop'
const CART = 'spiffe://mesh/cart'
const exactly = (kind: 'uri' | 'dns', value: string) =>
  ({ kind, matcher: { kind: 'exact', value, ignoreCase: false } }) as const

let ca: TestAuthority
let other: TestAuthority
let shop: TestCertificate
let cart: TestCertificate
let stranger: TestCertificate
let expired: TestCertificate
beforeAll(async () => {
  ca = await TestAuthority.create('CN=Mesh,O=Example')
  other = await TestAuthority.create('CN=Somebody else')
  const below = await ca.intermediate()
  shop = await below.issue({ uris: [SHOP], dns: ['shop.example', '*.wild.example'] })
  cart = await ca.issue({ uris: [CART], dns: ['cart.example'], subject: 'CN=cart,O=Example' })
  stranger = await other.issue({ uris: [CART] })
  expired = await ca.issue({ uris: [CART], validTo: new Date(Date.now() - 60_000) })
})

const bench = new Bench()
afterEach(() => bench.clear())

/** Both ends of one handshake; the server's is null when it has heard nothing. */
async function meet(
  server: Parameters<typeof downstream>[0],
  client: Parameters<typeof upstream>[0],
  hostname = '',
): Promise<{ server: Met | null; client: Met }> {
  let served: Met | null = null
  const config = downstream({ certificates: [pair(shop)], ...server })
  const { port } = await bench.serve(config, (met) => {
    served = met
  })
  const dialled = await bench.dial(bench.client(upstream(client)), port, hostname)
  await until(() => served !== null)
  return { server: served, client: dialled }
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a handshake by %s', (version) => {
  const parameters = () => only(version)

  it('agrees, and carries bytes both ways', async () => {
    const { server, client } = await meet({ parameters: parameters() }, {})
    expect([server?.failure, client.failure]).toEqual([null, null])
    client.connection.write(Buffer.from('question'))
    await until(() => server!.ear.text === 'question')
    server!.connection.write(Buffer.from('answer'))
    await until(() => client.ear.text === 'answer')
    expect(server!.connection.security).toMatchObject({ version, peer: null, verified: false })
    expect(client.connection.security).toMatchObject({ version, verified: false })
  })

  it('knows both sides where both show certificates', async () => {
    const { server, client } = await meet(
      {
        parameters: parameters(),
        validation: believing(ca.pem, { names: [exactly('uri', CART)] }),
        requireClientCertificate: true,
      },
      {
        certificates: [pair(cart)],
        validation: believing(ca.pem, { names: [exactly('uri', SHOP)] }),
      },
    )
    expect([server?.failure, client.failure]).toEqual([null, null])
    const [theirs, ours] = [server!.connection.security!, client.connection.security!]
    expect([theirs.verified, ours.verified]).toEqual([true, true])
    expect([theirs.peer?.uris, theirs.localUris]).toEqual([[CART], [SHOP]])
    expect([ours.peer?.uris, ours.localUris]).toEqual([[SHOP], [CART]])
    expect(theirs.peer).toMatchObject({
      subject: 'O=Example,CN=cart',
      issuer: 'O=Example,CN=Mesh',
      serial: cart.serial,
      dnsNames: ['cart.example'],
      pem: cart.certificate,
    })
    expect(ours.peer?.chainPem.startsWith(shop.chain)).toBe(true)
  })

  it.each<[string, () => Parameters<typeof upstream>[0], string]>([
    ['shows none', () => ({}), 'the client showed no certificate'],
    [
      'shows one of an authority nobody believes',
      () => ({ certificates: [pair(stranger)] }),
      'the client showed a certificate that is not believed: no authority that is trusted has issued it',
    ],
    [
      'shows one that has expired',
      () => ({ certificates: [pair(expired)] }),
      'the client showed a certificate that is not believed: it has expired',
    ],
    [
      'shows one for another name',
      () => ({ certificates: [pair(shop)] }),
      `the client showed a certificate that is for ${SHOP}, shop.example, *.wild.example; expected ${CART}`,
    ],
  ])('turns away a client that %s', async (_, client, sentence) => {
    const { server, client: dialled } = await meet(
      {
        parameters: parameters(),
        validation: believing(ca.pem, { names: [exactly('uri', CART)] }),
        requireClientCertificate: true,
      },
      client(),
    )
    expect(server?.failure).toBe(sentence)
    // By TLS 1.3 the client has done its part before it is judged: it hears of it as the first thing.
    if (dialled.failure === null) {
      await until(() => dialled.ear.ended || dialled.ear.error !== null)
      expect(dialled.ear.text).toBe('')
      dialled.connection.close()
    }
    await Promise.all([server!.ear.closed, dialled.ear.closed])
  })

  it.each<[string, () => Parameters<typeof upstream>[0], boolean, string | null]>([
    ['without one is let in', () => ({}), false, null],
    ['with a good one is known', () => ({ certificates: [pair(cart)] }), true, null],
    [
      'with a bad one is turned away',
      () => ({ certificates: [pair(stranger)] }),
      false,
      'the client showed a certificate that is not believed: no authority that is trusted has issued it',
    ],
  ])('where certificates are optional, a client %s', async (_, client, verified, failure) => {
    const { server } = await meet(
      { parameters: parameters(), validation: believing(ca.pem) },
      client(),
    )
    expect(server?.failure).toBe(failure)
    expect(server?.connection.security?.verified ?? false).toBe(verified)
  })

  it('lets anybody in where that is asked for, and says who was not believed', async () => {
    const { server } = await meet(
      { parameters: parameters(), validation: believing(ca.pem, { acceptUntrusted: true }) },
      { certificates: [pair(stranger)] },
    )
    expect(server?.failure).toBeNull()
    expect(server?.connection.security).toMatchObject({ verified: false, peer: { uris: [CART] } })
  })

  it.each<[string, () => Parameters<typeof upstream>[0], string]>([
    [
      'is not believed',
      () => ({ validation: believing(other.pem) }),
      'the host showed a certificate that is not believed: no authority that is trusted has issued it',
    ],
    [
      'is for another name',
      () => ({ validation: believing(ca.pem, { names: [exactly('uri', CART)] }) }),
      `the host showed a certificate that is for ${SHOP}, shop.example, *.wild.example; expected ${CART}`,
    ],
    [
      'is not for the server name asked for',
      () => ({ validation: believing(ca.pem), sni: 'cart.example', sniMustMatch: true }),
      `the host showed a certificate that is for ${SHOP}, shop.example, *.wild.example; expected cart.example`,
    ],
    [
      'is none of those known by hash',
      () => ({
        validation: believing(ca.pem, { certificateHashes: ['00'.repeat(32)] }),
      }),
      'the host showed a certificate that is none of those expected by their hash',
    ],
  ])('ends when the certificate of the host %s', async (_, client, sentence) => {
    const { client: dialled } = await meet({ parameters: parameters() }, client())
    expect(dialled.failure).toBe(sentence)
    await dialled.ear.closed
  })

  it('resumes a session that it had before', async () => {
    const seen: Met[] = []
    const { port } = await bench.serve(
      downstream({
        certificates: [pair(shop)],
        parameters: parameters(),
        validation: believing(ca.pem),
        requireClientCertificate: true,
      }),
      (met) => {
        seen.push(met)
        met.connection.write(Buffer.from('hello'))
      },
    )
    const client = bench.client(
      upstream({ certificates: [pair(cart)], validation: believing(ca.pem), maxSessionKeys: 2 }),
    )
    for (let i = 0; i < 3; i++) {
      const { ear, failure } = await bench.dial(client, port)
      expect(failure).toBeNull()
      await until(() => ear.text === 'hello')
      ear.connection.close()
    }
    expect(seen.map(({ connection }) => connection.security?.resumed)).toEqual([false, true, true])
    for (const { connection } of seen)
      expect(connection.security).toMatchObject({ verified: true, peer: { uris: [CART] } })
  })
})

describe('a server', () => {
  it.each<[string, readonly string[], readonly string[], string | false]>([
    ['takes its own favourite', ['h2', 'http/1.1'], ['http/1.1', 'h2'], 'h2'],
    ['takes what the client knows', ['h2', 'http/1.1'], ['http/1.1'], 'http/1.1'],
    ['goes on without where they share none', ['h2'], ['bolt'], false],
    ['says nothing to a client that says nothing', ['h2'], [], false],
  ])('%s of the protocols offered', async (_, ours, theirs, agreed) => {
    const config = downstream({ certificates: [pair(shop)], alpn: ours })
    const { port } = await bench.serve(config)
    const client = await bench.foreign(port, theirs.length ? { ALPNProtocols: [...theirs] } : {})
    expect(client.alpnProtocol).toBe(agreed)
  })

  it.each([
    ['shop.example', 'spiffe://mesh/shop'],
    ['SHOP.example', 'spiffe://mesh/shop'],
    ['a.wild.example', 'spiffe://mesh/shop'],
    ['a.b.wild.example', 'spiffe://mesh/cart'],
    ['nobody.example', 'spiffe://mesh/cart'],
  ])('shows the certificate for %s', async (servername, uri) => {
    const { port } = await bench.serve(downstream({ certificates: [pair(cart), pair(shop)] }))
    const client = await bench.foreign(port, { servername })
    expect(client.getPeerX509Certificate()?.subjectAltName).toContain(uri)
  })

  it('shows a client the kind of certificate that it knows', async () => {
    const rsa = await ca.issue({ dns: ['shop.example'], key: 'RSA' })
    const { port } = await bench.serve(downstream({ certificates: [pair(shop), pair(rsa)] }))
    const kinds: string[] = []
    for (const kind of ['ECDSA', 'RSA']) {
      const ciphers = `ECDHE-${kind}-AES128-GCM-SHA256`
      const options = { ciphers, maxVersion: 'TLSv1.2', servername: 'shop.example' } as const
      const client = await bench.foreign(port, options)
      kinds.push(client.getPeerX509Certificate()?.publicKey.asymmetricKeyType ?? '')
    }
    expect(kinds).toEqual(['ec', 'rsa'])
  })

  it('says what came instead of TLS', async () => {
    const met = Promise.withResolvers<Met>()
    const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
    const socket = net.connect(port, '127.0.0.1', () => socket.end('GET / HTTP/1.1\r\n\r\n'))
    socket.resume()
    await once(socket, 'close')
    expect((await met.promise).failure).toBe('the client does not speak TLS')
  })

  it.each<[string, tls.ConnectionOptions, string]>([
    [
      'version of TLS',
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'the client and this proxy have no version of TLS in common',
    ],
    [
      'cipher suite',
      { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' },
      'the client and this proxy have no cipher suite in common',
    ],
  ])('and a client without a %s in common say so', async (_, options, sentence) => {
    const met = Promise.withResolvers<Met>()
    const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
    const client = tls.connect({ port, host: '127.0.0.1', ...options })
    const [error] = (await once(client, 'error')) as [Error]
    expect(error.message).toContain('alert')
    expect((await met.promise).failure).toBe(sentence)
  })

  it.each<[string, (socket: net.Socket) => unknown, string]>([
    [
      'closes',
      (socket) => socket.end(),
      'the client closed the connection during the TLS handshake',
    ],
    [
      'resets',
      (socket) => socket.resetAndDestroy(),
      'the client reset the connection during the TLS handshake',
    ],
    [
      'sends garbage',
      (socket) => socket.end('garbage'.repeat(10)),
      'the client does not speak TLS',
    ],
  ])('hears when a client %s in the middle', async (_, act, sentence) => {
    const hello = await helloOf()
    for (const part of [hello, hello.subarray(0, 40)]) {
      const met = Promise.withResolvers<Met>()
      const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
      const socket = net.connect({ port, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.write(part)
      if (part === hello) await once(socket, 'data')
      act(socket)
      const { failure, ear } = await met.promise
      await ear.closed
      if (part === hello || !sentence.includes('not speak')) expect(failure).toBe(sentence)
    }
  })

  it('closes a connection that sends garbage afterwards', async () => {
    const met = Promise.withResolvers<Met>()
    const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
    const raw = net.connect({ port, host: '127.0.0.1' })
    const client = tls.connect({ socket: raw, rejectUnauthorized: false })
    client.on('error', () => {})
    const { ear } = await met.promise
    raw.write('garbage'.repeat(20))
    await ear.closed
    expect(ear.error?.message).toMatch(/^TLS: /)
    client.destroy()
  })

  it('closes a connection whose client begins another handshake in it', async () => {
    const met = Promise.withResolvers<Met>()
    const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
    const client = await bench.foreign(port, { maxVersion: 'TLSv1.2' })
    const { ear } = await met.promise
    client.renegotiate({}, () => {})
    await ear.closed
    expect(ear.error?.message).toContain('renegotiation')
  })

  it('resumes no session of another configuration, and any of another process with its secret', async () => {
    const config = downstream({ certificates: [pair(shop)] })
    const { Site } = await import('../../site.ts')
    const twin = new Site({ secret: bench.site.secret })
    const ports = [
      (await bench.serve(config)).port,
      (await bench.serve(config, () => {}, twin)).port,
      (await bench.serve({ ...config, validation: believing(ca.pem) })).port,
      (await bench.serve({ ...config, resumption: false })).port,
    ]
    const client = await bench.foreign(ports[0]!, { maxVersion: 'TLSv1.2' })
    const session = client.getSession()!
    const reused = await Promise.all(
      ports.map(async (port) =>
        (await bench.foreign(port, { maxVersion: 'TLSv1.2', session })).isSessionReused(),
      ),
    )
    expect(reused).toEqual([true, true, false, false])
  })

  it('turns away certificates that their authority has revoked', async () => {
    const crl = await ca.revoke(cart)
    const validation = believing(ca.pem, { crl: inline(crl) })
    const good = await ca.issue({ uris: [CART] })
    const required = { validation, requireClientCertificate: true }
    const revoked = await meet(required, { certificates: [pair(cart)] })
    expect(revoked.server?.failure).toBe(
      'the client showed a certificate that is not believed: it has been revoked',
    )
    const kept = await meet(required, { certificates: [pair(good)] })
    expect(kept.server?.failure).toBeNull()
  })
})

describe('a client', () => {
  it.each<[string, (socket: net.Socket) => void, string]>([
    [
      'does not speak TLS',
      (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'the host does not speak TLS',
    ],
    ['closes', (socket) => socket.end(), 'the host closed the connection during the TLS handshake'],
    [
      'resets',
      (socket) => socket.resetAndDestroy(),
      'the host reset the connection during the TLS handshake',
    ],
    [
      'sends an alert',
      (socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
      'the host refused the TLS handshake: handshake failure',
    ],
  ])('says when a host %s', async (_, act, sentence) => {
    const port = await bench.listen((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => act(socket))
      socket.resume()
    })
    const { failure, ear } = await bench.dial(bench.client(upstream({})), port)
    expect(failure).toBe(sentence)
    await ear.closed
  })

  it.each<[string, Parameters<typeof upstream>[0], string, string]>([
    ['the one configured', { sni: 'shop.example' }, 'host.example', 'shop.example'],
    ['the host’s own', { sniFromHost: true, sni: 'x' }, 'shop.example', 'shop.example'],
    ['none for an address', { sni: '127.0.0.1' }, '', ''],
    ['none', {}, 'host.example', ''],
  ])('asks for a server name: %s', async (_, config, hostname, asked) => {
    const { server, client } = await meet({}, config, hostname)
    expect(server?.connection.security?.serverName).toBe(asked)
    expect(client.connection.security?.serverName).toBe(asked)
  })

  it('is told of the alert when it is turned away after it has begun', async () => {
    const { client } = await meet(
      {
        parameters: only('TLSv1.3'),
        validation: believing(ca.pem),
        requireClientCertificate: true,
      },
      {},
    )
    await client.ear.closed
    expect(client.ear.error?.message).toBe('TLS alert "certificate required"')
  })

  it('keeps no session of a host that it does not believe', async () => {
    const { port } = await bench.serve(
      downstream({ certificates: [pair(shop)] }),
      ({ connection }) => connection.write(Buffer.from('hello')),
    )
    const client = bench.client(upstream({ validation: believing(other.pem) }))
    for (let i = 0; i < 3; i++) {
      const { failure, ear } = await bench.dial(client, port)
      expect(failure).toContain('no authority that is trusted')
      await ear.closed
    }
  })
})

/** What Node's own client says first. */
async function helloOf(): Promise<Buffer> {
  const heard = Promise.withResolvers<Buffer>()
  const port = await bench.listen((socket) => {
    socket.once('data', heard.resolve)
    socket.resume()
  })
  const client = tls.connect({ port, host: '127.0.0.1' })
  client.on('error', () => {})
  const hello = await heard.promise
  client.destroy()
  return hello
}
