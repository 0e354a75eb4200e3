import net from 'node:net'
import { cluster, deadPort, rpcListener, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

describe('the tries of a one-way request', () => {
  it('leave no retry counted as under way', async () => {
    const port = await deadPort()
    const retry_policy = {
      retry_on: 'connect-failure',
      num_retries: 1000,
      retry_back_off: { base_interval: '0.005s', max_interval: '0.02s' },
    }
    const proxy = await stage.proxy([rpcListener('a', { retry_policy })], [cluster('a', [port])])
    const client = await stage.boltClient(proxy.port('rpc'))
    client.tell({ content: 'nobody hears this yet' })
    await until(() => proxy.cluster('a').rq_retry > 0)
    const [to] = proxy.runtime.clusters
    expect(to!.retries).toBe(1)
    let received = ''
    const host = net.createServer((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1')
      })
    })
    await new Promise<void>((resolve) => host.listen(port, '127.0.0.1', resolve))
    stage.later(() => host.close())
    await until(() => received.includes('nobody hears this yet'))
    expect(proxy.listener('rpc').rq_active).toBe(0)
    expect([to!.retries, to!.stats.rq_active, to!.stats.rq_pending]).toEqual([0, 0, 0])
  })
})
