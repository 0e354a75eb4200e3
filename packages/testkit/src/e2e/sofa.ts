import { createRequire } from 'node:module'
import type { Server } from 'node:net'

/** Methods of a provider; what they take is between them and their callers. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type SofaMethods = Readonly<Record<string, (...args: any[]) => Promise<unknown>>>

/** A provider of the npm package `sofa-rpc-node`. */
export interface SofaProvider {
  readonly port: number
  close(): Promise<void>
}

/** Calls the methods of one service with that package's client. */
export interface SofaConsumer {
  invoke(method: string, args: readonly unknown[], options?: object): Promise<unknown>
  close(): void
}

/** What is used of the package, which has no types. */
interface Sofa {
  readonly server: {
    readonly RpcServer: new (
      options: object,
    ) => {
      readonly _servers: readonly Server[]
      on(event: 'error', listener: () => void): void
      addService(info: object, methods: SofaMethods): void
      start(): Promise<void>
      close(): Promise<void>
    }
  }
  readonly client: {
    readonly RpcClient: new (
      options: object,
    ) => { createConsumer(init: object): SofaConsumer & { ready(): Promise<void> } }
  }
}

const sofa = createRequire(import.meta.url)('sofa-rpc-node') as Sofa
const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Starts a provider of one service, version 1.0. */
export async function startSofaProvider(
  service: string,
  methods: SofaMethods,
): Promise<SofaProvider> {
  const server = new sofa.server.RpcServer({ logger, port: { host: '127.0.0.1', port: 0 } })
  server.addService({ interfaceName: service, version: '1.0' }, methods)
  server.on('error', () => {})
  await server.start()
  const address = server._servers[0]?.address()
  if (typeof address !== 'object' || address === null) throw new Error('the provider has no port')
  return { port: address.port, close: () => server.close() }
}

/** A consumer of one service, connected. */
export async function connectSofaConsumer(service: string, port: number): Promise<SofaConsumer> {
  const client = new sofa.client.RpcClient({ logger })
  const consumer = client.createConsumer({
    interfaceName: service,
    version: '1.0',
    serverHost: `bolt://127.0.0.1:${port}`,
  })
  await consumer.ready()
  return consumer
}
