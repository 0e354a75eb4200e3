import {
  cluster,
  deadPort,
  listener,
  type RawHost,
  type RawPeer,
  Stage,
  type TestProxy,
  tcpChain,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

async function pipe(
  onPeer?: (peer: RawPeer) => void,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<{ host: RawHost; proxy: TestProxy; client: RawPeer }> {
  const host = await stage.rawHost(onPeer)
  const proxy = await stage.proxy(
    [listener('raw', [tcpChain('a', extra)])],
    [cluster('a', [host.port])],
  )
  return { host, proxy, client: await stage.rawClient(proxy.port('raw')) }
}

describe('a TCP proxy', () => {
  it('carries bytes both ways as they come, and counts them', async () => {
    const { host, proxy, client } = await pipe()
    const peer = await host.next()
    peer.write('welcome')
    await client.untilText('welcome')
    await Promise.all([client.write('hello').end(), peer.untilText('hello')])
    peer.write('bye').end()
    expect(await client.untilEnd()).toBe('welcomebye')
    await until(() => proxy.listener('raw').rq_active === 0)
    expect(proxy.listener('raw')).toMatchObject({
      cx_rx_bytes_total: 5,
      cx_tx_bytes_total: 10,
      cx_total: 1,
      rq_total: 1,
    })
    expect(proxy.cluster('a')).toMatchObject({ cx_rx_bytes_total: 10, cx_tx_bytes_total: 5 })
  })

  it('carries 20 MB each way at once, unharmed', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024, 'there are shops, ')
    const { host, client } = await pipe((peer) => peer.write(bytes))
    client.write(bytes)
    const peer = await host.next()
    for (const side of [client, peer]) {
      await side.until(({ receivedBytes }) => receivedBytes >= bytes.length)
      expect(side.received.equals(bytes)).toBe(true)
    }
  })

  it('passes on that the client ends, and the host may go on', async () => {
    const { host, client } = await pipe()
    client.write('question').end()
    const peer = await host.next()
    expect(await peer.untilEnd()).toBe('question')
    peer.write('answer')
    await client.untilText('answer')
    peer.end()
    expect(await client.untilEnd()).toBe('answer')
    expect(await client.closed).toBe('end')
  })

  it('passes on that the host ends, and the client may go on', async () => {
    const { host, client } = await pipe((peer) => peer.write('greeting').end())
    expect(await client.untilEnd()).toBe('greeting')
    client.write('still here')
    const peer = await host.next()
    await peer.untilText('still here')
    client.end()
    await peer.untilEnd()
    expect(await peer.closed).toBe('end')
  })

  it('passes on a reset of the host', async () => {
    const { host, proxy, client } = await pipe()
    const peer = await host.next()
    await client.write('hello').socket.writable
    await peer.untilText('hello')
    peer.reset()
    expect(await client.closed).toBe('reset')
    expect(proxy.cluster('a').rq_reset).toBe(1)
  })

  it('lets go of the host when the client resets', async () => {
    const { host, proxy, client } = await pipe()
    const peer = await host.next()
    client.write('hello')
    await peer.untilText('hello')
    client.reset()
    await peer.until(({ ended, socket }) => ended || socket.destroyed)
    await until(() => proxy.cluster('a').cx_active === 0)
    expect(proxy.listener('raw')).toMatchObject({ rq_active: 0, rq_reset: 1 })
  })

  it('closes a connection without a byte for long', async () => {
    const { host, client } = await pipe(undefined, { idle_timeout: '0.05s' })
    const peer = await host.next()
    client.write('hello')
    await peer.untilText('hello')
    await client.closed
    await peer.until(({ ended, socket }) => ended || socket.destroyed).catch(() => {})
  })

  it('closes the client when no host is to be had', async () => {
    for (const ports of [[], [await deadPort()]]) {
      const proxy = await stage.proxy([listener('raw', [tcpChain('a')])], [cluster('a', ports)])
      const client = await stage.rawClient(proxy.port('raw'))
      expect(await client.untilEnd()).toBe('')
      await until(() => proxy.listener('raw').rq_active === 0)
    }
  })

  it.each([
    [1, 1],
    [2, 2],
  ])('tries as many hosts as it is told: %i', async (max_connect_attempts, arrivals) => {
    const host = await stage.rawHost((peer) => peer.write('welcome'))
    const proxy = await stage.proxy(
      [listener('raw', [tcpChain('a', { max_connect_attempts })])],
      [cluster('a', [await deadPort(), host.port])],
    )
    for (let i = 0; i < 2; i++) {
      const client = await stage.rawClient(proxy.port('raw'))
      await client.until(({ ended, receivedBytes }) => ended || receivedBytes > 0)
    }
    expect(host.peers).toHaveLength(arrivals)
  })
})
