import { Catalog } from '@tulle/core'
import {
  boltChain,
  cluster,
  everyCall,
  listener,
  type RawHost,
  type RawPeer,
  Stage,
  type TestProxy,
  until,
  XExample,
  xBytes,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../builtins.ts'
import type { Frame } from '../frame.ts'
import { FrameKind } from '../frame.ts'
import { FrameDecoder } from '../framed/decoder.ts'
import { Depth, type Protocol } from '../protocol.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const METHODS = {
  virtual_hosts: [
    {
      name: 'all',
      domains: ['*'],
      routes: [{ match: { method: { exact: 'put' } }, route: { cluster: 'b' } }, everyCall('a')],
    },
  ],
}
const SERVICES = {
  virtual_hosts: [
    { name: 'stock', domains: ['Stock'], routes: [everyCall('a')] },
    { name: 'rest', domains: ['*'], routes: [everyCall('b')] },
  ],
}

describe('a protocol whose frames alone are read', () => {
  it('shares one connection to a host among clients that use the same ids, and is counted', async () => {
    const { proxy, hosts } = await started(new XExample(Depth.Frames), {})
    const clients = await Promise.all([client(proxy), client(proxy)])
    clients[0]!.ask(5, 'of the first')
    clients[1]!.ask(5, 'of the second')
    expect(await clients[0]!.answer()).toEqual([5, 'a: of the first'])
    expect(await clients[1]!.answer()).toEqual([5, 'a: of the second'])
    expect(hosts.a!.peers).toHaveLength(1)
    expect(proxy.cluster('a')).toMatchObject({ rq_total: 2, rq_2xx: 2 })
    expect(proxy.listener('x')).toMatchObject({ rq_total: 2 })
  })

  it('has failures counted by the status of its answers', async () => {
    const { proxy } = await started(new XExample(Depth.Frames), {})
    const one = await client(proxy)
    one.ask(1, 'fail')
    expect(await one.answer()).toEqual([1, 'a: fail'])
    expect(proxy.cluster('a').rq_5xx).toBe(1)
  })
})

describe('what a frame says', () => {
  it('is never read where no rule asks for it', async () => {
    const x = new XExample(Depth.Headers)
    const fault = {
      '@type': 'type.googleapis.com/tulle.filters.v1.Fault',
      abort: { http_status: 503, percentage: { numerator: 0 } },
    }
    const { proxy } = await started(x, {
      rpc_filters: [{ name: 'fault', typed_config: fault }],
      access_log: logged('%PROTOCOL% %RESPONSE_CODE% %DURATION% %UPSTREAM_HOST% %BYTES_SENT%'),
    })
    expect(proxy.runtime.plan!.listeners[0]!.chains[0]!.reads).toEqual({
      depth: 'nothing',
      why: 'no rule looks inside a frame',
    })
    const one = await client(proxy)
    for (const id of [1, 2, 3]) {
      one.ask(id, 'Stock take color=red')
      expect(await one.answer()).toEqual([id, 'a: Stock take color=red'])
    }
    expect(x.asked).toEqual({ service: 0, method: 0, header: 0 })
  })

  it.each([
    ['the method', { route_config: METHODS }, { service: 0, method: 2, header: 0 }],
    ['the service', { route_config: SERVICES }, { service: 2, method: 0, header: 0 }],
  ])('is read as far as %s where that is all a route asks for', async (_what, manager, asked) => {
    const x = new XExample(Depth.Headers)
    const { proxy } = await started(x, manager)
    const one = await client(proxy)
    one.ask(1, 'Stock take')
    expect(await one.answer()).toEqual([1, 'a: Stock take'])
    one.ask(2, 'Cart put')
    expect(await one.answer()).toEqual([2, 'b: Cart put'])
    expect(x.asked).toEqual(asked)
  })
})

/** A proxy that speaks `x`, and two hosts that answer with their name and what they were asked. */
async function started(
  x: XExample,
  manager: object,
): Promise<{ proxy: TestProxy; hosts: Record<string, RawHost> }> {
  const hosts = { a: await host(x, 'a'), b: await host(x, 'b') }
  const protocols = new Catalog<Protocol>('protocol', [...builtins.protocols.parts, x.protocol])
  const chain = boltChain([everyCall('a')], { protocol: 'x', ...manager })
  const proxy = await stage.proxy(
    [listener('x', [chain])],
    [cluster('a', [hosts.a.port]), cluster('b', [hosts.b.port])],
    {},
    { parts: { ...builtins, protocols } },
  )
  return { proxy, hosts }
}

function host(x: XExample, name: string): Promise<RawHost> {
  return stage.rawHost((peer) => {
    peer.socket.on('end', () => peer.end())
    hear(x, peer, (frame) => {
      const text = textOf(frame)
      const status = text === 'fail' ? 1 : 0
      peer.socket.write(xBytes(FrameKind.Response, frame.id, status, `${name}: ${text}`))
    })
  })
}

async function client(proxy: TestProxy) {
  const peer = await stage.rawClient(proxy.port('x'))
  const answers: (readonly [number, string])[] = []
  hear(new XExample(), peer, (frame) => answers.push([frame.id, textOf(frame)]))
  return {
    ask: (id: number, text: string) => peer.socket.write(xBytes(FrameKind.Request, id, 0, text)),
    answer: async () => {
      await until(() => answers.length > 0)
      return answers.shift()
    },
  }
}

function hear(x: XExample, peer: RawPeer, onFrame: (frame: Frame) => void): void {
  const fail = (what: string): never => {
    throw new Error(what)
  }
  const sink = { onFrame, onInvalid: fail, onTooLarge: () => fail('too large') }
  const decoder = new FrameDecoder(x.codec, sink, 65_536)
  peer.socket.on('data', (chunk: Buffer) => decoder.push(chunk))
}

/** The payload: 11 bytes stand before a request's, 13 before an answer's. */
function textOf({ kind, buf, start, end }: Frame): string {
  return buf.toString('utf8', start + (kind === FrameKind.Response ? 13 : 11), end)
}

function logged(inline_string: string): object[] {
  const typed_config = {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
    path: '/dev/null',
    log_format: { text_format_source: { inline_string } },
  }
  return [{ name: 'log', typed_config }]
}
