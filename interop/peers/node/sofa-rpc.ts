import { createRequire } from 'node:module'
import { int, order, string } from './hessian.ts'
import { type Client, type Order, run, Service } from './peer.ts'

/** The little of the npm package `sofa-rpc-node` that is used here; it has no types. */
const sofa = createRequire(import.meta.url)('sofa-rpc-node') as {
  readonly server: { readonly RpcServer: new (options: object) => RpcServer }
  readonly client: { readonly RpcClient: new (options: object) => RpcClient }
}
interface RpcServer {
  addService(service: object, methods: object): void
  start(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
}
interface RpcClient {
  createConsumer(init: object): Consumer
  on(event: 'error', listener: (error: Error) => void): void
}
interface Consumer {
  ready(): Promise<void>
  invoke(method: string, args: readonly unknown[], options: object): Promise<unknown>
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const LONG_MS = 10_000

/** sofa-rpc-node with one of the protocols it can speak. `cannot`: cases its clients have no means for. */
export async function runSofaRpc(
  protocol: object,
  service: { readonly interfaceName: string; readonly version: string },
  cannot: Readonly<Record<string, string>>,
): Promise<void> {
  await run({ serve, connect })

  async function serve(port: number): Promise<void> {
    const place = { host: '127.0.0.1', port }
    const server = new sofa.server.RpcServer({
      logger: quiet,
      protocol,
      port: place,
      // It would take the fields of a class to have one order on a connection; clients that share one have several.
      disableDecodeCache: true,
    })
    server.on('error', () => {})
    const own = new Service()
    server.addService(service, {
      echo: async (text: string) => string(text),
      nested: async (it: Order) => order(it),
      fail: async (why: string) => own.fail(why),
      // dubbo-remoting leaves out of what kind the answer is when it is a bare null.
      nothing: async () => ({ $class: 'java.lang.String', $: null }),
      fire: async () => own.fire(),
      fired: async () => int(own.fired),
      sleep: async (ms: number) => string(await own.sleep(ms)),
    })
    await server.start()
  }

  async function connect(host: string, port: number): Promise<Client> {
    const client = new sofa.client.RpcClient({ logger: quiet, protocol })
    client.on('error', () => {})
    const consumer = client.createConsumer({
      ...service,
      group: '',
      serverHost: `bolt://${host}:${port}`,
    })
    await consumer.ready()
    const call = <T>(method: string, args: readonly unknown[], responseTimeout = LONG_MS) =>
      consumer.invoke(method, args, { responseTimeout }) as Promise<T>
    return {
      echo: (text) => call('echo', [string(text)]),
      nested: (it) => call('nested', [order(it)]),
      fail: (why) => call('fail', [string(why)]),
      nothing: () => call('nothing', []),
      fire: (text) => call('fire', [string(text)]),
      fired: () => call('fired', []),
      sleep: (ms, timeoutMs) => call('sleep', [int(ms)], timeoutMs),
      isTimeout,
      cannot,
    }
  }
}

/** Its own, and what it makes of a sidecar that was quicker to tell: it does not look which status an answer without content has. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    error.name === 'RpcResponseTimeoutError' ||
    error.message.startsWith('Server exception when invoke with callback')
  )
}
