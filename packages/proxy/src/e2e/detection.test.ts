import {
  ask,
  autoListener,
  type BoltHost,
  boltChain,
  cluster,
  deadPort,
  everyCall,
  everything,
  type HttpHost,
  httpChain,
  type RawHost,
  type RawPeer,
  Stage,
  type TestProxy,
  tcpChain,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const GET = 'GET /shop HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

interface Port {
  readonly proxy: TestProxy
  readonly port: number
  readonly web: HttpHost
  readonly rpc: BoltHost
  readonly raw: RawHost
}

/** One port for HTTP, Bolt and, unless it is left out, anything else. */
async function onePort(
  onPeer?: (peer: RawPeer) => void,
  {
    fallback = true,
    ...extra
  }: { readonly fallback?: boolean; readonly [field: string]: unknown } = {},
): Promise<Port> {
  const web = await stage.httpHost()
  const rpc = await stage.boltHost()
  const raw = await stage.rawHost(onPeer)
  const chains = [
    httpChain([everything('web')], { protocols: ['http/1.1'] }),
    boltChain([everyCall('rpc')], { protocols: ['bolt'] }),
  ]
  if (fallback) chains.push(tcpChain('raw'))
  const proxy = await stage.proxy(
    [autoListener('auto', chains, extra)],
    [cluster('web', [web.port]), cluster('rpc', [rpc.port]), cluster('raw', [raw.port])],
  )
  return { proxy, port: proxy.port('auto'), web, rpc, raw }
}

const echo = (peer: RawPeer): void => {
  peer.socket.on('data', (chunk) => peer.write(chunk))
}

describe('one port', () => {
  it('speaks HTTP, Bolt of every version and anything else, each by its first bytes', async () => {
    const { proxy, port, raw } = await onePort(echo)
    expect((await ask(port, '/shop')).body).toBe('/shop')
    for (const voice of ['v1', 'v2', 'crc'] as const) {
      const client = await stage.boltClient(port, voice)
      expect((await client.call()).text).toBe('hello')
      expect((await client.call({ content: 'again' })).text).toBe('again')
    }
    const client = (await stage.rawClient(port)).write('*1\r\n$4\r\nPING\r\n')
    await client.untilText('PING\r\n')
    expect(raw.peers.filter(({ receivedBytes }) => receivedBytes > 0)).toHaveLength(1)
    expect(proxy.listener('auto', 0)).toMatchObject({ cx_total: 1, rq_total: 1 })
    expect(proxy.listener('auto', 1)).toMatchObject({ cx_total: 3, rq_total: 6 })
    expect(proxy.listener('auto', 2)).toMatchObject({ cx_total: 1, rq_total: 1, rq_reset: 0 })
    await until(() => proxy.cluster('raw').cx_active === 1)
    const times = [0, 1, 2].map((chain) => proxy.listener('auto', chain).cx_detect.count)
    expect(times).toEqual([1, 3, 1])
  })

  it.each([
    ['HTTP', Buffer.from(GET), '\r\n\r\n/shop'],
    ['Bolt', null, 'hello'],
    ['unknown', Buffer.from('POSH greetings\r\n'), 'POSH greetings'],
  ])('understands %s byte by byte', async (_, bytes, answer) => {
    const { port } = await onePort(echo)
    const bolt = await stage.boltClient(port)
    const client = await stage.rawClient(port)
    for (const byte of bytes ?? bolt.bytes()) {
      client.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.untilText(answer)
  })

  it('hands on a large first write that begins like a protocol and is none', async () => {
    const { port } = await onePort(echo)
    const client = await stage.rawClient(port)
    const bytes = Buffer.concat([Buffer.from([1, 1, 0]), Buffer.alloc(300_000, 'x')])
    client.write(bytes.subarray(0, 3))
    await new Promise((resolve) => setTimeout(resolve, 5))
    client.write(bytes.subarray(3))
    const got = await client.until(({ receivedBytes }) => receivedBytes === bytes.length)
    expect(got.received.equals(bytes)).toBe(true)
  })

  it('lets a server speak first, before the client has said a word', async () => {
    const { proxy, port } = await onePort((peer) => {
      peer.write('J\x00\x00\x00\x0a8.0.0')
      echo(peer)
    })
    const client = await stage.rawClient(port)
    await client.untilText('8.0.0')
    client.forget()
    await client.write(GET).untilText('/shop')
    expect(client.text).toBe(GET)
    expect(proxy.listener('auto', 2).cx_total).toBe(1)
  })

  it('forwards what its client ends without having said what it is', async () => {
    const { port } = await onePort(echo)
    const client = (await stage.rawClient(port)).write('GE').end()
    await client.untilText('GE')
  })

  it('gives a client that says nothing to the fallback, and the server may wait as well', async () => {
    const { proxy, port, raw } = await onePort(echo, { listener_filters_timeout: '0.03s' })
    const client = await stage.rawClient(port)
    await until(() => proxy.listener('auto', 2).cx_active === 1)
    expect(proxy.listener('auto', 2).cx_protocol_error).toBe(0)
    await client.write('late').untilText('late')
    expect(raw.peers).toHaveLength(1)
  })
})

describe('a port without a fallback', () => {
  it('closes and counts what speaks no protocol of its own', async () => {
    const { proxy, port } = await onePort(undefined, { fallback: false })
    const client = (await stage.rawClient(port)).write('EHLO shop\r\n')
    expect(await client.untilEnd()).toBe('')
    expect(proxy.listener('auto', 0)).toMatchObject({ cx_protocol_error: 1, cx_total: 0 })
    expect((await ask(port, '/shop')).body).toBe('/shop')
  })

  it('closes and counts who does not say in time what it speaks', async () => {
    const extra = { fallback: false, listener_filters_timeout: '0.03s' }
    const { proxy, port } = await onePort(undefined, extra)
    const client = (await stage.rawClient(port)).write('GE')
    await client.untilEnd()
    await (await stage.rawClient(port)).untilEnd()
    expect(proxy.listener('auto', 0).cx_protocol_error).toBe(2)
  })
})

describe('a fallback whose host is not to be had', () => {
  it.each([
    ['refuses', async () => await deadPort()],
    ['closes at once', async () => (await stage.rawHost((peer) => peer.end())).port],
    ['resets at once', async () => (await stage.rawHost((peer) => peer.reset())).port],
  ])('(it %s) does no harm to connections of known protocols', async (_, portOf) => {
    const web = await stage.httpHost()
    const chains = [httpChain([everything('web')], { protocols: ['http/1.1'] }), tcpChain('raw')]
    const proxy = await stage.proxy(
      [autoListener('auto', chains)],
      [cluster('web', [web.port]), cluster('raw', [await portOf()])],
    )
    const port = proxy.port('auto')
    const known = await stage.rawClient(port)
    await until(() => proxy.cluster('raw').cx_total === 1)
    // Nobody tells when the bad news has come: it is to have no effect.
    await new Promise((resolve) => setTimeout(resolve, 20))
    await known.write(GET).untilText('/shop')
    const unknown = (await stage.rawClient(port)).write('EHLO shop\r\n')
    await unknown.until(({ ended, socket }) => ended || socket.destroyed).catch(() => {})
    expect(unknown.text).toBe('')
  })
})
