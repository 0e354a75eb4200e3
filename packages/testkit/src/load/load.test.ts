import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { BoltEcho } from './bolt-echo.ts'
import { startBoltEcho } from './bolt-echo.ts'
import { runLoad, startLoad } from './load.ts'
import { loadOptions } from './options.ts'

const stops: (() => Promise<void>)[] = []
const brief = { warmupSeconds: 0, seconds: 0.15 }

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function echo(options: Parameters<typeof startBoltEcho>[0] = {}): Promise<BoltEcho> {
  const server = await startBoltEcho(options)
  stops.push(() => server.close())
  return server
}

/** A server that treats each connection as it is told; its port. */
async function serve(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    onSocket(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  stops.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

const httpServer = (answer: string): Promise<number> =>
  serve((socket) => socket.on('data', () => socket.write(answer)))

describe('a closed loop', () => {
  it('counts each Bolt answer once and uses the connections it was told to', async () => {
    const server = await echo()
    const load = startLoad(
      loadOptions({ protocol: 'bolt', port: server.port, connections: 3, inFlight: 16 }),
    )
    await expect.poll(() => load.report().answered).toBeGreaterThan(500)
    expect(server.connections).toBe(3)
    const report = await load.stop()
    expect(report.answered).toBe(server.requests)
    expect(report).toMatchObject({ failed: 0, failures: {} })
    expect(report.latencyMs.p50).toBeGreaterThan(0)
  })

  it('keeps one HTTP call under way on each connection', async () => {
    let most = 0
    let open = 0
    const port = await serve((socket) => {
      socket.on('data', () => {
        most = Math.max(most, ++open)
        setTimeout(() => {
          open--
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        }, 1)
      })
    })
    const report = await runLoad(loadOptions({ protocol: 'http', port, connections: 4 }), brief)
    expect(report.answered).toBeGreaterThan(4)
    expect(most).toBe(4)
  })

  it('forgets the warm-up', async () => {
    const server = await echo()
    const report = await runLoad(loadOptions({ protocol: 'bolt', port: server.port }), {
      warmupSeconds: 0.1,
      seconds: 0.1,
    })
    expect(report.answered).toBeLessThan(server.requests)
  })
})

describe('an open loop', () => {
  it('begins as many calls as the clock says', async () => {
    const server = await echo()
    const options = { protocol: 'bolt', port: server.port, ratePerSecond: 400 } as const
    const report = await runLoad(loadOptions(options), { warmupSeconds: 0, seconds: 0.5 })
    expect(report.failed).toBe(0)
    expect(report.answered / report.seconds).toBeCloseTo(400, -2)
    expect(server.requests).toBe(report.answered)
  })

  it('goes on beginning calls while none is answered, and counts each as failed', async () => {
    const server = await echo({ answers: false })
    const options = { protocol: 'bolt', port: server.port, inFlight: 1000 } as const
    const load = startLoad(loadOptions({ ...options, ratePerSecond: 500, timeoutMs: 100 }))
    await expect.poll(() => load.report().failures.timeout ?? 0).toBeGreaterThan(50)
    const report = await load.stop()
    expect(report).toMatchObject({ answered: 0, failures: { timeout: server.requests } })
  })

  it('counts calls that never found a free connection', async () => {
    const server = await echo({ answers: false })
    const options = { protocol: 'bolt', port: server.port, connections: 1 } as const
    const load = startLoad(loadOptions({ ...options, ratePerSecond: 500, timeoutMs: 50 }))
    await expect.poll(() => load.report().failures['no free connection'] ?? 0).toBeGreaterThan(5)
    await load.stop()
  })
})

describe('failures', () => {
  it('are counted by the status of a Bolt answer', async () => {
    const server = await echo({ status: 6 })
    const report = await runLoad(loadOptions({ protocol: 'bolt', port: server.port }), brief)
    expect(report.failures).toEqual({ 'status 6': report.failed })
    expect(report.answered).toBe(0)
  })

  it('are counted by the status of an HTTP answer', async () => {
    const port = await httpServer('HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n')
    const report = await runLoad(loadOptions({ protocol: 'http', port }), brief)
    expect(Object.keys(report.failures)).toEqual(['status 503'])
  })

  it('say that nobody listens', async () => {
    const server = await startBoltEcho()
    await server.close()
    const report = await runLoad(loadOptions({ protocol: 'bolt', port: server.port }), brief)
    expect(Object.keys(report.failures)).toEqual(['connect: ECONNREFUSED'])
  })

  it('say that the peer closed with calls under way, and the load goes on with a new connection', async () => {
    let connections = 0
    const port = await serve((socket) => {
      connections++
      socket.once('data', () => socket.end())
    })
    const options = { protocol: 'bolt', port, connections: 1, inFlight: 4 } as const
    const load = startLoad(loadOptions(options))
    await expect.poll(() => connections).toBeGreaterThan(2)
    const report = await load.stop()
    expect(report.failures['closed by peer']).toBeGreaterThanOrEqual(8)
  })

  it('say that an answer never came, on either protocol', async () => {
    const port = await serve((socket) => socket.resume())
    for (const protocol of ['bolt', 'http'] as const) {
      const options = { protocol, port, connections: 1, timeoutMs: 60 }
      const load = startLoad(loadOptions(options))
      await expect.poll(() => load.report().failures.timeout ?? 0).toBeGreaterThan(1)
      await load.stop()
    }
  })

  it('say that an answer carried an id nobody asked with', async () => {
    const wrong = Buffer.alloc(20)
    wrong.set([1, 0, 0, 2, 1, 9, 9, 9, 9, 1])
    const port = await serve((socket) => socket.on('data', () => socket.write(wrong)))
    const report = await runLoad(loadOptions({ protocol: 'bolt', port }), brief)
    expect(report.failures['answer with an unknown id']).toBeGreaterThan(0)
  })
})
