import { startProxy, type TestProxy } from '../proxy.ts'
import { BoltClient } from './bolt-client.ts'
import { type BoltAsked, type BoltHost, startBoltHost } from './bolt-host.ts'
import type { BoltVoice } from './bolt-message.ts'
import { bootstrap } from './config.ts'
import { GrpcClient, type GrpcHost, type GrpcMethods, startGrpcHost } from './grpc.ts'
import { type Answerer, type HttpHost, startHttpHost } from './http-host.ts'
import { ProxyProcess } from './proxy-process.ts'
import { type RawHost, startRawHost } from './raw-host.ts'
import { RawPeer } from './raw-peer.ts'

/** Starts what a test needs, and stops all of it when the test is over, the latest first. */
export class Stage {
  readonly #stops: (() => unknown)[] = []

  async clear(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop()
  }

  /** Has something stopped with the rest. */
  later(stop: () => unknown): void {
    this.#stops.push(stop)
  }

  /** A proxy in this process; listeners and clusters as the functions of config.ts make them. */
  async proxy(
    listeners: Parameters<typeof bootstrap>[0],
    clusters: Parameters<typeof bootstrap>[1],
    extra: Parameters<typeof bootstrap>[2] = {},
    options: Parameters<typeof startProxy>[1] = {},
  ): Promise<TestProxy> {
    const proxy = await startProxy(bootstrap(listeners, clusters, extra), options)
    this.later(() => proxy.stop())
    return proxy
  }

  /** A proxy in a process of its own; not waited for until it is ready. */
  process(config: string, ...args: readonly string[]): ProxyProcess {
    const process = new ProxyProcess(config, args)
    this.later(() => process.stop())
    return process
  }

  async boltHost(answer?: (asked: BoltAsked) => void, port = 0): Promise<BoltHost> {
    const host = await startBoltHost(answer, port)
    this.later(() => host.close())
    return host
  }

  async httpHost(answer?: Answerer, port = 0): Promise<HttpHost> {
    const host = await startHttpHost(answer, port)
    this.later(() => host.close())
    return host
  }

  async grpcHost(methods: GrpcMethods, port = 0): Promise<GrpcHost> {
    const host = await startGrpcHost(methods, port)
    this.later(() => host.close())
    return host
  }

  async grpcClient(port: number): Promise<GrpcClient> {
    const client = await GrpcClient.to(port)
    this.later(() => client.close())
    return client
  }

  async rawHost(onPeer?: (peer: RawPeer, index: number) => void, port = 0): Promise<RawHost> {
    const host = await startRawHost(onPeer, port)
    this.later(() => host.close())
    return host
  }

  async boltClient(port: number, voice: BoltVoice = 'v1'): Promise<BoltClient> {
    const client = await BoltClient.connect(port, voice)
    this.later(() => client.close())
    return client
  }

  async rawClient(port: number): Promise<RawPeer> {
    const peer = await RawPeer.connect(port)
    this.later(() => peer.destroy())
    return peer
  }
}
