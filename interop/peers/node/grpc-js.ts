import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Client, type Order, run, Service } from './peer.ts'

/** The little of the npm package `@grpc/grpc-js` that is used here. */
interface GrpcJs {
  readonly Server: new (options: object) => Server
  readonly ServerCredentials: { createInsecure(): object }
  readonly credentials: { createInsecure(): object }
  readonly status: { readonly DEADLINE_EXCEEDED: number }
  loadPackageDefinition(definition: object): object
}
interface Server {
  addService(definition: object, methods: Readonly<Record<string, Method>>): void
  bindAsync(address: string, credentials: object, done: (error: Error | null) => void): void
}
type Done = (error: Error | null, answer?: unknown) => void
type Method = (call: { readonly request: Message }, done: Done) => void
type Stub = Readonly<Record<string, (request: object, options: object, done: Done) => void>>
interface StubClass {
  new (address: string, credentials: object): Stub
  readonly service: object
}
/** All that the messages of echo.proto have; what is not there is undefined. */
interface Message {
  readonly text?: string
  readonly number?: number
  readonly note?: string
}

const require = createRequire(import.meta.url)
const grpc = require('@grpc/grpc-js') as GrpcJs
const { loadSync } = require('@grpc/proto-loader') as {
  loadSync(file: string, options: object): object
}
const Echo = (
  grpc.loadPackageDefinition(
    loadSync(join(import.meta.dirname, '../echo.proto'), { keepCase: true }),
  ) as { readonly tulle: { readonly Echo: StubClass } }
).tulle.Echo
const LONG_MS = 10_000

await run({ serve, connect })

async function serve(port: number): Promise<void> {
  const own = new Service()
  const server = new grpc.Server({})
  server.addService(Echo.service, {
    echo: ({ request }, done) => done(null, request),
    nested: ({ request }, done) => done(null, request),
    fail: ({ request }, done) => done(new Error(request.text)),
    nothing: (_, done) => done(null, {}),
    fire(_, done) {
      own.fire()
      done(null, {})
    },
    fired: (_, done) => done(null, { number: own.fired }),
    sleep({ request }, done) {
      own.sleep(request.number!).then((text) => done(null, { text }), done)
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) =>
    error === null ? resolve() : reject(error),
  )
  await promise
}

async function connect(host: string, port: number): Promise<Client> {
  const stub = new Echo(`${host}:${port}`, grpc.credentials.createInsecure())
  const call = (method: string, request: object, timeoutMs = LONG_MS): Promise<Message> => {
    const { promise, resolve, reject } = Promise.withResolvers<Message>()
    stub[method]!(request, { deadline: Date.now() + timeoutMs }, (error, answer) =>
      error === null ? resolve(answer as Message) : reject(error),
    )
    return promise
  }
  return {
    echo: async (text) => (await call('echo', { text })).text!,
    async nested(order) {
      const { note, ...rest } = await call('nested', { ...order, note: order.note ?? undefined })
      return { ...rest, note: note ?? null } as Order
    },
    fail: (why) => call('fail', { text: why }),
    nothing: async () => (await call('nothing', {})).text ?? null,
    fire: async (text) => {
      await call('fire', { text })
    },
    fired: async () => (await call('fired', {})).number ?? 0,
    sleep: async (number, timeoutMs) => (await call('sleep', { number }, timeoutMs)).text!,
    isTimeout: (error) => (error as { code?: number }).code === grpc.status.DEADLINE_EXCEEDED,
    cannot: { oneway: 'gRPC has no one-way calls' },
  }
}
