import { createRequire } from 'node:module'
import { freePort } from '../process.ts'

/** A provider or consumer's service. */
export interface Service {
  readonly interfaceName: string
  readonly version: string
}

/** Calls the methods of one service. */
export interface Consumer {
  /** `args` are typed as sofa-hessian-node wants them where a plain value does not tell. */
  invoke(method: string, args: readonly unknown[], timeoutMs?: number): Promise<unknown>
  stop(): void
}

/** A provider of the basket on a port of its own. */
export interface Provider {
  readonly port: number
  stop(): Promise<void>
}

/** The little of the npm package `sofa-rpc-node` that is used here; it has no types. */
const sofa = createRequire(import.meta.url)('sofa-rpc-node') as {
  readonly server: { readonly RpcServer: new (options: object) => RpcServer }
  readonly client: { readonly RpcClient: new (options: object) => RpcClient }
}
interface RpcServer {
  addService(service: Service, methods: object): void
  start(): Promise<void>
  close(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
}
interface RpcClient {
  createConsumer(init: object): {
    ready(): Promise<void>
    invoke(method: string, args: readonly unknown[], options: object): Promise<unknown>
  }
  close(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** The service as Java declares it. */
export const BASKET: Service = { interfaceName: 'dev.tulle.interop.sofa.Basket', version: '1.0' }

/** A provider of the basket in this process. */
export async function startProvider(): Promise<Provider> {
  const port = await freePort()
  const server = new sofa.server.RpcServer({ logger: quiet, port: { host: '127.0.0.1', port } })
  server.on('error', () => {})
  let notes = 0
  server.addService(BASKET, {
    echo: async (text: string) => text,
    plus: async (a: number, b: number) => ({ $class: 'int', $: a + b }),
    data: async (data: Buffer) => data,
    async fail(why: string) {
      throw new Error(why)
    },
    async sleep(ms: number) {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return 'awake'
    },
    async note() {
      notes++
    },
    noted: async () => ({ $class: 'int', $: notes }),
  })
  await server.start()
  return { port, stop: () => server.close() }
}

/** A consumer of a service at a port of loopback; every consumer has a connection of its own. */
export async function consume(port: number, service: Service): Promise<Consumer> {
  const client = new sofa.client.RpcClient({ logger: quiet })
  client.on('error', () => {})
  const consumer = client.createConsumer({ ...service, serverHost: `bolt://127.0.0.1:${port}` })
  await consumer.ready()
  return {
    invoke: (method, args, responseTimeout = 10_000) =>
      consumer.invoke(method, args, { responseTimeout }),
    stop: () => {
      client.close().catch((error: unknown) => console.error(`sofa-rpc-node: ${error}`))
    },
  }
}
