import {
  cluster,
  connectSofaConsumer,
  rpcListener,
  type SofaConsumer,
  Stage,
  startSofaProvider,
  type TestProxy,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const methods = {
  plus: async (a: number, b: number) => a + b,
  fail: async () => {
    throw new Error('out of apples')
  },
}

async function shop(): Promise<{
  proxy: TestProxy
  connect(service: string): Promise<SofaConsumer>
}> {
  const provider = await startSofaProvider('shop.Sum', methods)
  stage.later(() => provider.close())
  const proxy = await stage.proxy([rpcListener('sum')], [cluster('sum', [provider.port])])
  return {
    proxy,
    async connect(service) {
      const consumer = await connectSofaConsumer(service, proxy.port('rpc'))
      stage.later(() => consumer.close())
      return consumer
    },
  }
}

describe('sofa-rpc-node', () => {
  it('calls a provider of its own through the proxy', async () => {
    const { proxy, connect } = await shop()
    const consumers = await Promise.all([connect('shop.Sum'), connect('shop.Sum')])
    const sums = Array.from({ length: 100 }, (_, i) => consumers[i % 2]!.invoke('plus', [i, 1]))
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(proxy.cluster('sum').rq_2xx).toBe(100)
    expect(proxy.cluster('sum').cx_total).toBe(1)
  })

  it('hears what its provider has to say against a call', async () => {
    const { connect } = await shop()
    await expect((await connect('shop.Sum')).invoke('fail', [])).rejects.toThrow('out of apples')
    await expect((await connect('shop.Nobody')).invoke('plus', [1, 2])).rejects.toThrow()
  })
})
