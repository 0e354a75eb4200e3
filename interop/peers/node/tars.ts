import { createRequire } from 'node:module'
import { connect as connectTo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, run, Service } from './peer.ts'
import { type In, OrderStruct, type Out, stream } from './tars-order.ts'

/** The little of the npm package `@tars/rpc` that is used here; it has no types for it. */
const { server, client, error } = createRequire(import.meta.url)('@tars/rpc') as {
  readonly server: {
    createServer(servant: new () => object): { start(options: object): unknown }
  }
  readonly client: { stringToProxy(proxy: new () => EchoProxy, name: string): EchoProxy }
  readonly error: {
    readonly SERVER: { readonly FUNC_NOT_FOUND: number }
    readonly CLIENT: { readonly REQUEST_TIMEOUT: number }
  }
}
/** What a generated proxy calls by. */
interface Worker {
  timeout: number
  tars_invoke(
    method: string,
    body: unknown,
    property?: object,
  ): PromiseLike<{ readonly response: { readonly sBuffer: unknown } }>
}
interface Current {
  doResponse(body: unknown): void
  sendErrorResponse(code: number, message: string): void
}

const SERVANT = 'Tulle.EchoServer.EchoObj'
const LONG_MS = 10_000
/** What a server answers when the servant throws. */
const FAILED = -99

/** What a generated proxy is, before it has methods. */
class EchoProxy {
  declare _worker: Worker
}

/** What the generated code of a servant does, with the servant. */
class Servant {
  readonly #service = new Service()
  readonly #methods: Readonly<Record<string, Method>> = {
    echo: (args) => text(0, args.readString(1, true, '')),
    nested: (args) => order(0, args.readStruct(1, true, OrderStruct)),
    fail: (args) => this.#service.fail(args.readString(1, true, '')),
    fire: () => {
      this.#service.fire()
      return nothing
    },
    fired: () => number(0, this.#service.fired),
    sleep: async (args) => text(0, await this.#service.sleep(args.readInt32(1, true, 0))),
  }

  initialize(): void {}

  onDispatch(current: Current, name: string, body: unknown): number {
    const method = this.#methods[name]
    if (method === undefined) return error.SERVER.FUNC_NOT_FOUND
    void answer(current, method, new stream.TarsInputStream(body))
    return 0
  }
}

async function answer(current: Current, method: Method, args: In): Promise<void> {
  try {
    current.doResponse(written(await method(args)))
  } catch (problem) {
    current.sendErrorResponse(FAILED, (problem as Error).message)
  }
}

type Method = (args: In) => Write | Promise<Write>
/** Writes arguments or a result. */
type Write = (out: Out) => void
const nothing: Write = () => {}
const text =
  (tag: number, value: string): Write =>
  (out) =>
    out.writeString(tag, value)
const number =
  (tag: number, value: number): Write =>
  (out) =>
    out.writeInt32(tag, value)
const order =
  (tag: number, value: OrderStruct): Write =>
  (out) =>
    out.writeStruct(tag, value)

function written(write: Write): unknown {
  const out = new stream.TarsOutputStream()
  write(out)
  return out.getBinBuffer()
}

async function serve(port: number): Promise<void> {
  const endpoint = `tcp -h 127.0.0.1 -p ${port} -t 60000`
  server.createServer(Servant).start({ endpoint, servant: SERVANT, protocol: 'tars' })
  while (!(await answers(port))) await sleep(10)
}

/** Whether somebody listens there: the library does not say when. */
function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connectTo(port, '127.0.0.1', () => resolve(true))
  socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  return promise
}

/** A call tells its time-out, and who is between may be the first to say that it is over. */
const INVOKE_TIMEOUT = -7

/** What the library fails with, which is no message by itself. */
class TarsError extends Error {
  readonly code: number | undefined

  constructor({ error }: { readonly error: { readonly code?: number; readonly message: string } }) {
    super(`${error.code}: ${error.message}`)
    this.code = error.code
  }
}

async function connect(host: string, port: number): Promise<Client> {
  const { _worker } = client.stringToProxy(
    EchoProxy,
    `${SERVANT}@tcp -h ${host} -p ${port} -t 60000`,
  )
  const call = async (method: string, write: Write, timeoutMs = LONG_MS): Promise<In> => {
    _worker.timeout = timeoutMs
    try {
      const { response } = await _worker.tars_invoke(method, written(write))
      return new stream.TarsInputStream(response.sBuffer)
    } catch (error) {
      throw new TarsError(error as ConstructorParameters<typeof TarsError>[0])
    }
  }
  return {
    echo: async (value) => (await call('echo', text(1, value))).readString(0, true, ''),
    async nested(value) {
      const answer = await call('nested', order(1, OrderStruct.of(value)))
      return answer.readStruct(0, true, OrderStruct).order
    },
    fail: (why) => call('fail', text(1, why)),
    nothing: async () => null,
    async fire(value) {
      _worker.timeout = LONG_MS
      // The end of a one-way call is an error by itself: there is no answer.
      const call = _worker.tars_invoke('fire', written(text(1, value)), { packetType: 1 })
      await call.then(null, () => {})
    },
    fired: async () => (await call('fired', nothing)).readInt32(0, true, 0),
    async sleep(ms, timeoutMs) {
      const answer = await call('sleep', number(1, ms), timeoutMs)
      return answer.readString(0, true, '')
    },
    isTimeout: (problem) =>
      problem instanceof TarsError &&
      (problem.code === error.CLIENT.REQUEST_TIMEOUT || problem.code === INVOKE_TIMEOUT),
    cannot: { null: 'Tars has no null result' },
  }
}

await run({ serve, connect })
