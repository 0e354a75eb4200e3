import { cluster, listener, Stage, tcpChain, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

describe('a TCP stream', () => {
  it('ends with its client, whose host had ended and then gone without reading on', async () => {
    const host = await stage.rawHost((peer) => {
      peer.socket.pause()
      peer.write('enough').end()
    })
    const proxy = await stage.proxy([listener('raw', [tcpChain('a')])], [cluster('a', [host.port])])
    const client = await stage.rawClient(proxy.port('raw'))
    const peer = await host.next()
    expect(await client.untilEnd()).toBe('enough')
    client.write(Buffer.alloc(32 * 1024 * 1024)).end()
    const [session] = proxy.runtime.listeners[0]!.intakes[0]!.sessions
    await until(() => session!.connection.socket.isPaused())
    peer.socket.resetAndDestroy()
    await until(() => proxy.listener('raw').rq_active === 0)
    await until(() => proxy.listener('raw').cx_active === 0)
  })

  it('leaves no timer of a connection that closed while its listener drained', async () => {
    const host = await stage.rawHost()
    const proxy = await stage.proxy([listener('raw', [tcpChain('a')])], [cluster('a', [host.port])])
    const client = await stage.rawClient(proxy.port('raw'))
    const peer = await host.next()
    const intake = proxy.runtime.listeners[0]!.intakes[0]!
    intake.drain()
    expect(intake.site.wheel.size).toBeGreaterThan(0)
    client.end()
    await peer.untilEnd()
    peer.end()
    await until(() => intake.stats.cx_active === 0)
    expect(intake.site.wheel.size).toBe(0)
  })
})
