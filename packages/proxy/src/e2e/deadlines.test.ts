import { boltChain, cluster, everyCall, listener, Stage, type TestProxy } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { dubboCodec } from '../protocol/dubbo/dubbo.ts'
import { frameBytes, frameOf, requestBytes, value } from '../protocol/dubbo/harness.ts'

const stage = new Stage()
afterEach(() => stage.clear())

/** Longer than a timer may come early. */
const HELD = '0.02s'
const AT_LEAST_MS = 15
const ASKED_MS = 60_000

/** Two proxies in a row before a host; the first holds each request for a while. */
async function hops(protocol: string, port: number): Promise<TestProxy> {
  const second = await stage.proxy(
    [listener('rpc', [boltChain([everyCall('host')], { protocol })])],
    [cluster('host', [port])],
  )
  const fault = {
    '@type': 'type.googleapis.com/tulle.filters.v1.Fault',
    delay: { fixed_delay: HELD, percentage: { numerator: 100 } },
  }
  const rpc_filters = [{ name: 'fault', typed_config: fault }]
  return stage.proxy(
    [listener('rpc', [boltChain([everyCall('next')], { protocol, rpc_filters })])],
    [cluster('next', [second.port('rpc')])],
  )
}

describe('a host behind two hops is told what is left of the time its caller waits', () => {
  it.each(['v1', 'v2', 'crc'] as const)('by Bolt, %s', async (voice) => {
    const host = await stage.boltHost()
    const proxy = await hops('bolt', host.port)
    const client = await stage.boltClient(proxy.port('rpc'), voice)
    expect((await client.call({ timeoutMs: ASKED_MS, content: 'hello' })).text).toBe('hello')
    const { frame } = host.asked[0]!.seen
    const told = frame.protocol.timeoutMs(frame)
    expect(told).toBeLessThanOrEqual(ASKED_MS - AT_LEAST_MS)
    expect(told).toBeGreaterThan(0)
  })

  it.each([
    ['digits', String(ASKED_MS)],
    ['a number', ASKED_MS],
  ])('by Dubbo, in %s', async (_name, timeout) => {
    const host = await stage.rawHost()
    const proxy = await hops('dubbo', host.port)
    const client = await stage.rawClient(proxy.port('rpc'))
    client.write(requestBytes({ attachments: { timeout, zone: 'east' } }))
    const peer = await host.next()
    await peer.until((it) => it.receivedBytes > 0)
    const frame = frameOf(Buffer.from(peer.received))
    expect(dubboCodec.timeoutMs(frame)).toBeLessThanOrEqual(ASKED_MS - AT_LEAST_MS)
    expect(dubboCodec.timeoutMs(frame)).toBeGreaterThan(0)
    expect(dubboCodec.header(frame, 'zone')).toBe('east')
    peer.write(frameBytes(2, 20, Buffer.concat([Buffer.from([0x91]), value('done')])))
    await client.until((it) => it.receivedBytes > 0)
    expect(dubboCodec.status(frameOf(Buffer.from(client.received)))).toBe(200)
  })

  it('and nothing where it said that it waits for ever, or said nothing', async () => {
    const host = await stage.boltHost()
    const proxy = await hops('bolt', host.port)
    const client = await stage.boltClient(proxy.port('rpc'))
    for (const timeoutMs of [0, -1]) await client.call({ timeoutMs })
    const told = host.asked.map(({ seen: { frame } }) => frame.protocol.timeoutMs(frame))
    expect(told).toEqual([0, -1])
  })
})
