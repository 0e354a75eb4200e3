import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Server } from 'node:net'
import { type Client, run, Service } from './peer.ts'
import {
  type In,
  METHODS,
  type Out,
  readStruct,
  type Struct,
  toOrder,
  toStruct,
  writeStruct,
} from './thrift-struct.ts'

/**
 * The npm package `thrift`: the binary or the compact protocol in frames, or the binary one behind a THeader.
 *
 *   thrift.ts binary|compact|header server|client …
 */
const thrift = createRequire(import.meta.url)('thrift') as {
  readonly TBinaryProtocol: ProtocolClass
  readonly TCompactProtocol: ProtocolClass
  readonly THeaderProtocol: ProtocolClass
  readonly TFramedTransport: unknown
  readonly TBufferedTransport: unknown
  readonly Thrift: Words
  createServer(processor: new () => object, handler: null, options: object): Server
  createConnection(host: string, port: number, options: object): Connection
  createClient<T>(client: new (output: unknown, protocol: ProtocolClass) => T, on: Connection): T
}
type ProtocolClass = new (transport: unknown) => In & Out
interface Words {
  readonly MessageType: { readonly CALL: 1; readonly REPLY: 2 } & {
    readonly EXCEPTION: 3
    readonly ONEWAY: 4
  }
  readonly TApplicationException: new (
    type?: number,
    message?: string,
  ) => Error & { read(from: In): void; write(out: Out): void }
  readonly TApplicationExceptionType: { readonly UNKNOWN_METHOD: number }
}
interface Connection {
  on(event: 'error' | 'timeout', listener: (error?: Error) => void): void
  destroy(): void
}

const { Thrift } = thrift
const { MessageType } = Thrift

/** Where a THeader is, frames of one's own would be a second length. */
const modes: Readonly<Record<string, { protocol: ProtocolClass; transport: unknown }>> = {
  binary: { protocol: thrift.TBinaryProtocol, transport: thrift.TFramedTransport },
  compact: { protocol: thrift.TCompactProtocol, transport: thrift.TFramedTransport },
  header: { protocol: thrift.THeaderProtocol, transport: thrift.TBufferedTransport },
}
const mode = modes[process.argv[2] ?? '']
if (mode === undefined) throw new Error('the first argument is binary, compact or header')

/** What a generated processor does, with the service. */
class Processor {
  readonly #service = new Service()
  readonly #methods: Readonly<Record<string, (args: Struct) => Struct | Promise<Struct>>> = {
    echo: (args) => ({ 0: args[1] }),
    nested: (args) => ({ 0: toStruct(toOrder(args[1] as Struct)) }),
    fail: (args) => this.#fail(args[1] as string),
    fire: () => {
      this.#service.fire()
      return {}
    },
    fired: () => ({ 0: this.#service.fired }),
    sleep: async (args) => ({ 0: await this.#service.sleep(args[1] as number) }),
  }

  process(input: In, output: Out): void {
    const { fname, rseqid } = input.readMessageBegin()
    const about = METHODS[fname]
    const args = readStruct(input, about?.args ?? {})
    input.readMessageEnd()
    if (about === undefined) {
      unknown(output, fname, rseqid)
      return
    }
    const answer = this.#methods[fname]!(args)
    if (about.result === null) return
    const reply = (result: Struct): void => {
      output.writeMessageBegin(fname, MessageType.REPLY, rseqid)
      writeStruct(output, about.result!, result)
      output.writeMessageEnd()
      output.flush()
    }
    if (answer instanceof Promise) answer.then(reply, (error) => console.error(error))
    else reply(answer)
  }

  #fail(why: string): Struct {
    try {
      return this.#service.fail(why)
    } catch (error) {
      return { 1: { 1: (error as Error).message } }
    }
  }
}

function unknown(output: Out, name: string, id: number): void {
  const code = Thrift.TApplicationExceptionType.UNKNOWN_METHOD
  output.writeMessageBegin(name, MessageType.EXCEPTION, id)
  new Thrift.TApplicationException(code, `Unknown function ${name}`).write(output)
  output.writeMessageEnd()
  output.flush()
}

/** What a generated client does. */
class EchoClient {
  readonly #output: unknown
  readonly #protocol: ProtocolClass
  #id = 0
  /** By the library's own name, which looks for the callback of an answer here. */
  readonly _reqs: Record<number, (error: Error | null, result?: Struct) => void> = {}

  constructor(output: unknown, protocol: ProtocolClass) {
    this.#output = output
    this.#protocol = protocol
    for (const name of Object.keys(METHODS))
      Object.assign(this, { [`recv_${name}`]: this.#receive.bind(this, name) })
  }

  call(name: string, args: Struct): Promise<Struct> {
    const { promise, resolve, reject } = Promise.withResolvers<Struct>()
    const about = METHODS[name]!
    const id = ++this.#id
    const out = new this.#protocol(this.#output)
    const type = about.result === null ? MessageType.ONEWAY : MessageType.CALL
    out.writeMessageBegin(name, type, id)
    writeStruct(out, about.args, args)
    out.writeMessageEnd()
    if (about.result === null) resolve({})
    else this._reqs[id] = (error, result) => (error === null ? resolve(result!) : reject(error))
    out.flush()
    return promise
  }

  #receive(name: string, input: In, type: number, id: number): void {
    const done = this._reqs[id]!
    delete this._reqs[id]
    if (type === MessageType.EXCEPTION) {
      const error = new Thrift.TApplicationException()
      error.read(input)
      input.readMessageEnd()
      done(error)
      return
    }
    const result = readStruct(input, METHODS[name]!.result!)
    input.readMessageEnd()
    done(null, result)
  }
}

async function serve(port: number): Promise<void> {
  const server = thrift.createServer(Processor, null, mode!)
  server.on('error', (error) => console.error(error))
  await once(server.listen(port, '127.0.0.1'), 'listening')
}

/** The library's time-out: nothing was heard on a connection for so long. */
class TimedOut extends Error {}

async function connect(host: string, port: number): Promise<Client> {
  const open = (timeout?: number): [EchoClient, Connection] => {
    const connection = thrift.createConnection(host, port, { ...mode, timeout })
    return [thrift.createClient(EchoClient, connection), connection]
  }
  const [client, connection] = open()
  connection.on('error', (error) => console.error(error))
  return {
    echo: async (text) => (await client.call('echo', { 1: text }))[0] as string,
    async nested(order) {
      const result = await client.call('nested', { 1: toStruct(order) })
      return toOrder(result[0] as Struct)
    },
    async fail(why) {
      const result = await client.call('fail', { 1: why })
      if (result[1] !== undefined) throw new Error((result[1] as Struct)[1] as string)
    },
    nothing: async () => null,
    async fire(text) {
      await client.call('fire', { 1: text })
    },
    fired: async () => (await client.call('fired', {}))[0] as number,
    async sleep(ms, timeoutMs) {
      const [sleeper, line] = open(timeoutMs)
      const { promise, reject } = Promise.withResolvers<never>()
      line.on('timeout', () => reject(new TimedOut()))
      line.on('error', (error) => reject(error))
      try {
        return (await Promise.race([promise, sleeper.call('sleep', { 1: ms })]))[0] as string
      } finally {
        line.destroy()
      }
    },
    isTimeout: (error) => error instanceof TimedOut,
    cannot: { null: 'Thrift has no null result' },
  }
}

await run({ serve, connect })
