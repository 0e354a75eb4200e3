import { type ChannelListener, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import {
  type BoltAsked,
  cluster,
  listener,
  rpcListener,
  Stage,
  type TestProxy,
  tcpChain,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MB = 1024 * 1024
const LARGE = 64 * MB

const stage = new Stage()
/** Every socket this process has opened to some port. */
let opened: Socket[] = []
const onSocket: ChannelListener = (message) => {
  opened.push((message as { socket: Socket }).socket)
}
beforeEach(() => subscribe('net.client.socket', onSocket))
afterEach(async () => {
  unsubscribe('net.client.socket', onSocket)
  opened = []
  await stage.clear()
})

/** Watches the bytes that the proxy holds on both sides, until `done`; gives the most there were. */
async function mostHeld(proxy: TestProxy, hostPort: number, done: () => boolean): Promise<number> {
  let most = 0
  const look = (): void => {
    let held = 0
    for (const { intakes } of proxy.runtime.listeners)
      for (const { sessions } of intakes)
        for (const { connection } of sessions)
          held += connection.pendingBytes + connection.socket.readableLength
    for (const socket of opened)
      if (socket.remotePort === hostPort) held += socket.writableLength + socket.readableLength
    most = Math.max(most, held)
  }
  while (!done()) {
    look()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return most
}

/** Writes without end, as fast as the other side takes it, up to `bytes`. */
function pour(socket: Socket, bytes: number): void {
  const chunk = Buffer.alloc(MB, 'x')
  let left = bytes
  const more = (): void => {
    while (left > 0) {
      left -= chunk.length
      if (!socket.write(chunk)) {
        socket.once('drain', more)
        return
      }
    }
  }
  more()
}

/** Resolves when no byte has moved for a while: everything between here and there is full. */
async function stalled(moved: () => number): Promise<void> {
  let [before, since] = [-1, performance.now()]
  await until(() => {
    if (moved() !== before) [before, since] = [moved(), performance.now()]
    return performance.now() - since > 100
  })
}

describe('a client that reads slowly', () => {
  it('costs no memory while a large answer waits for it, and gets all of it', async () => {
    const host = await stage.rawHost((peer) => {
      peer.socket.once('data', () => {
        peer.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LARGE}\r\n\r\n`)
        pour(peer.socket, LARGE)
      })
    })
    const proxy = await stage.proxy([webListener('a')], [cluster('a', [host.port])])
    const client = await stage.rawClient(proxy.port('web'))
    client.socket.pause()
    client.write('GET / HTTP/1.1\r\nhost: shop\r\n\r\n')
    const stats = proxy.cluster('a')
    let full = false
    const filling = mostHeld(proxy, host.port, () => full)
    await until(() => stats.cx_rx_bytes_total > 0)
    await stalled(() => stats.cx_rx_bytes_total)
    full = true
    expect(await filling).toBeLessThan(MB)
    expect(stats.cx_rx_bytes_total).toBeLessThan(LARGE)
    client.socket.removeAllListeners('data')
    let got = 0
    client.socket.on('data', (chunk: Buffer) => {
      got += chunk.length
    })
    client.socket.resume()
    const most = await mostHeld(proxy, host.port, () => got >= LARGE)
    expect(most).toBeLessThan(MB)
  })
})

describe('a host that reads slowly', () => {
  it.each(['HTTP', 'TCP'])(
    'costs no memory while a large upload over %s waits for it',
    async (kind) => {
      const host = await stage.rawHost((peer) => peer.socket.pause())
      const listeners = kind === 'HTTP' ? [webListener('a')] : [listener('web', [tcpChain('a')])]
      const proxy = await stage.proxy(listeners, [cluster('a', [host.port])])
      const client = await stage.rawClient(proxy.port('web'))
      if (kind === 'HTTP')
        client.write(`POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: ${LARGE}\r\n\r\n`)
      pour(client.socket, LARGE)
      const stats = proxy.listener('web')
      let full = false
      const filling = mostHeld(proxy, host.port, () => full)
      await until(() => stats.cx_rx_bytes_total > 0)
      await stalled(() => stats.cx_rx_bytes_total)
      full = true
      expect(await filling).toBeLessThan(MB)
      expect(stats.cx_rx_bytes_total).toBeLessThan(LARGE)
      const peer = await host.next()
      peer.socket.removeAllListeners('data')
      let got = 0
      peer.socket.on('data', (chunk: Buffer) => {
        got += chunk.length
      })
      peer.socket.resume()
      expect(await mostHeld(proxy, host.port, () => got >= LARGE)).toBeLessThan(MB)
    },
  )
})

describe('a Bolt client that reads nothing', () => {
  it('is not read from any more, so that its answers stay few, and goes on when it reads', async () => {
    const answer = Buffer.alloc(64 * 1024, 'y')
    const host = await stage.boltHost((asked) => asked.answer(answer))
    const proxy = await stage.proxy([rpcListener('a')], [cluster('a', [host.port])])
    const [deaf, other] = [
      await stage.boltClient(proxy.port('rpc')),
      await stage.boltClient(proxy.port('rpc')),
    ]
    deaf.peer.socket.pause()
    const calls: Promise<unknown>[] = []
    let full = false
    const filling = mostHeld(proxy, host.port, () => full)
    // One at a time, each when the host has the one before: only the proxy can stop it.
    for (let asked = 0; asked === host.asked.length && asked < 1000; asked++) {
      calls.push(deaf.call())
      const before = performance.now()
      while (host.asked.length === asked && performance.now() - before < 300)
        await new Promise((resolve) => setImmediate(resolve))
    }
    full = true
    expect(calls.length).toBeLessThan(1000)
    expect(await filling).toBeLessThan(MB)
    expect((await other.call()).content).toHaveLength(answer.length)
    deaf.peer.socket.resume()
    await Promise.all(calls)
    expect((await deaf.call()).content).toHaveLength(answer.length)
  })
})

describe('a Bolt client that never reads', () => {
  it('is closed after a while, with all that waits for it', async () => {
    const answer = Buffer.alloc(64 * 1024, 'y')
    const host = await stage.boltHost((asked) => asked.answer(answer))
    const proxy = await stage.proxy(
      [rpcListener('a', {}, { stream_idle_timeout: '0.2s' })],
      [cluster('a', [host.port])],
    )
    const deaf = await stage.boltClient(proxy.port('rpc'))
    deaf.peer.socket.pause()
    for (let i = 0; i < 500; i++) deaf.call()
    await until(() => host.asked.length === 500)
    await until(() => proxy.listener('rpc').cx_active === 0)
    expect(proxy.listener('rpc').rq_active).toBe(0)
  })
})

describe('a Bolt host that reads nothing', () => {
  it('pauses the clients that call it, and they go on when it reads', async () => {
    const waiting: BoltAsked[] = []
    const host = await stage.boltHost((asked) => {
      waiting.push(asked)
      asked.answer('done')
    })
    const proxy = await stage.proxy([rpcListener('a')], [cluster('a', [host.port])])
    const client = await stage.boltClient(proxy.port('rpc'))
    expect((await client.call()).text).toBe('done')
    host.raw.peers[0]!.socket.pause()
    const content = Buffer.alloc(64 * 1024, 'z')
    const stats = proxy.listener('rpc')
    const calls = Array.from({ length: 1000 }, () => client.call({ content }))
    let full = false
    const filling = mostHeld(proxy, host.port, () => full)
    await stalled(() => stats.cx_rx_bytes_total)
    full = true
    expect(await filling).toBeLessThan(MB)
    expect(stats.cx_rx_bytes_total).toBeLessThan(1000 * content.length)
    host.raw.peers[0]!.socket.resume()
    for (const answer of await Promise.all(calls)) expect(answer.text).toBe('done')
    expect(waiting).toHaveLength(1001)
  })

  it('and then goes away resumes them', async () => {
    let deaf = true
    const host = await stage.boltHost((asked) => asked.answer('done'))
    const proxy = await stage.proxy([rpcListener('a')], [cluster('a', [host.port])])
    const client = await stage.boltClient(proxy.port('rpc'))
    await client.call()
    host.raw.peers[0]!.socket.pause()
    const content = Buffer.alloc(64 * 1024, 'z')
    const calls = Array.from({ length: 500 }, () => client.call({ content }))
    await stalled(() => proxy.listener('rpc').cx_rx_bytes_total)
    deaf = false
    host.raw.peers[0]!.reset()
    const answers = await Promise.all(calls)
    expect(deaf).toBe(false)
    expect(
      answers.map(({ status }) => status).filter((status) => status === 0).length,
    ).toBeGreaterThan(0)
    expect((await client.call()).text).toBe('done')
  })
})
