import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo, Server, Socket } from 'node:net'

/**
 * A service in the npm package `thrift`, for tests: what its compiler would make of
 *
 * ```
 * exception SoldOut { 1: string what }
 * service Shop {
 *   string echo(1: string text) throws (1: SoldOut none)
 *   oneway void fire(1: string text)
 * }
 * ```
 */
interface Message {
  readonly fname: string
  readonly mtype: number
  readonly rseqid: number
}

/** As much of the package's protocols as generated code uses; it has no types. */
export interface Wire {
  readMessageBegin(): Message
  readMessageEnd(): void
  readStructBegin(): void
  readStructEnd(): void
  readFieldBegin(): { readonly ftype: number; readonly fid: number }
  readFieldEnd(): void
  readString(): string
  skip(type: number): void
  writeMessageBegin(name: string, type: number, seqId: number): void
  writeMessageEnd(): void
  writeStructBegin(name: string): void
  writeStructEnd(): void
  writeFieldBegin(name: string, type: number, id: number): void
  writeFieldEnd(): void
  writeFieldStop(): void
  writeString(text: string): void
  flush(): void
}
export interface Headers {
  setWriteHeader(name: string, value: string): void
  getReadHeaders(): Readonly<Record<string, string>>
  setSeqId(id: number): void
  setProtocolId(id: number): void
}
type WireClass = new (transport: unknown, ...rest: unknown[]) => Wire
interface Options {
  readonly transport: unknown
  readonly protocol: WireClass
}
interface ThriftConnection {
  readonly connection: Socket
  on(event: string, listener: (value: Error) => void): void
  end(): void
}
export interface ShopClient {
  readonly output: Headers
  echo(text: string): Promise<string>
  fire(text: string): void
  /** A method that no server has. */
  absent(): Promise<string>
}
type ClientClass = new (output: Headers, protocol: WireClass) => ShopClient
interface Application extends Error {
  readonly type: number
  read(input: Wire): void
  write(output: Wire): void
}
interface Thrift {
  readonly Thrift: {
    readonly TApplicationException: new (type?: number, message?: string) => Application
  }
  readonly TBufferedTransport: unknown
  readonly TFramedTransport: unknown
  readonly TBinaryProtocol: WireClass
  readonly TCompactProtocol: WireClass
  readonly THeaderProtocol: WireClass
  readonly MultiplexedProcessor: new () => {
    registerProcessor(name: string, processor: unknown): void
    process(input: Wire, output: Wire): void
  }
  readonly Multiplexer: new () => {
    createClient(name: string, client: ClientClass, connection: ThriftConnection): ShopClient
  }
  createServer(processor: unknown, handler: unknown, options: Options): Server
  createMultiplexServer(processor: unknown, options: Options): Server
  createConnection(host: string, port: number, options: Options): ThriftConnection
  createClient(client: ClientClass, connection: ThriftConnection): ShopClient
}
const thrift = createRequire(import.meta.url)('thrift') as Thrift

const Type = { Stop: 0, I32: 8, String: 11, Struct: 12 } as const
const Call = { Call: 1, Reply: 2, Exception: 3, Oneway: 4 } as const

export type VoiceName = 'binary' | 'old' | 'compact' | 'theader' | 'theader in two frames'

/** How the package can speak, all in frames. */
export const VOICES: Readonly<Record<VoiceName, Options>> = {
  binary: { transport: thrift.TFramedTransport, protocol: thrift.TBinaryProtocol },
  old: { transport: thrift.TFramedTransport, protocol: oldBinary() },
  compact: { transport: thrift.TFramedTransport, protocol: thrift.TCompactProtocol },
  theader: { transport: thrift.TBufferedTransport, protocol: thrift.THeaderProtocol },
  'theader in two frames': {
    transport: thrift.TFramedTransport,
    protocol: thrift.THeaderProtocol,
  },
}

export class SoldOut extends Error {
  readonly what: string

  constructor(what: string) {
    super(`sold out: ${what}`)
    this.what = what
  }
}

export interface ShopServer {
  readonly port: number
  /** What `fire` was called with, and the headers that came with every call, so far. */
  readonly fired: string[]
  readonly headers: Readonly<Record<string, string>>[]
  close(): Promise<void>
}

/** A server of the package; `services` are the names of a multiplexed one. */
export async function startShop(
  voice: VoiceName,
  services: readonly string[] = [],
): Promise<ShopServer> {
  const fired: string[] = []
  const headers: Readonly<Record<string, string>>[] = []
  const make = (service: string) => ({
    process: (input: Wire, output: Wire) => processCall(input, output, service, fired, headers),
  })
  const multiplexed = new thrift.MultiplexedProcessor()
  for (const name of services) multiplexed.registerProcessor(name, make(name))
  const processor = services.length === 0 ? make('') : multiplexed
  const server = thrift.createMultiplexServer(processor, VOICES[voice])
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    fired,
    headers,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** A client of the package; with `service` that of a multiplexed one. */
export async function openShop(
  port: number,
  voice: VoiceName,
  service = '',
): Promise<{ readonly shop: ShopClient; close(): void }> {
  const connection = thrift.createConnection('127.0.0.1', port, VOICES[voice])
  connection.on('error', () => {})
  await once(connection.connection, 'connect')
  const shop =
    service === ''
      ? thrift.createClient(Shop, connection)
      : new thrift.Multiplexer().createClient(service, Shop, connection)
  return { shop, close: () => connection.end() }
}

/** What the package's compiler makes of a client. */
class Shop implements ShopClient {
  readonly output: Headers
  readonly pClass: WireClass
  readonly _reqs: Record<number, ((error: Error | null, value?: string) => void) | undefined> = {}
  #last = 0

  constructor(output: Headers, pClass: WireClass) {
    this.output = output
    this.pClass = pClass
  }

  new_seqid(): number {
    return ++this.#last
  }

  echo(text: string): Promise<string> {
    return this.#ask('echo', text)
  }

  fire(text: string): void {
    this.#send('fire', Call.Oneway, this.new_seqid(), text)
  }

  absent(): Promise<string> {
    return this.#ask('absent', '')
  }

  recv_absent(input: Wire, type: number, id: number): void {
    this.recv_echo(input, type, id)
  }

  recv_echo(input: Wire, type: number, id: number): void {
    const done = this._reqs[id]!
    delete this._reqs[id]
    if (type === Call.Exception) {
      const error = new thrift.Thrift.TApplicationException()
      error.read(input)
      input.readMessageEnd()
      return done(error)
    }
    const fields = readFields(input)
    input.readMessageEnd()
    if (fields.get(1) !== undefined) return done(new SoldOut(fields.get(1)!))
    done(fields.has(0) ? null : new Error('echo failed: unknown result'), fields.get(0))
  }

  #ask(name: string, text: string): Promise<string> {
    const id = this.new_seqid()
    return new Promise((resolve, reject) => {
      this._reqs[id] = (error, value) => (error === null ? resolve(value!) : reject(error))
      this.#send(name, Call.Call, id, text)
    })
  }

  #send(name: string, type: number, id: number, text: string): void {
    const output = new this.pClass(this.output)
    output.writeMessageBegin(name, type, id)
    writeText(output, 1, text)
    output.writeMessageEnd()
    output.flush()
  }
}

/** What the package's compiler makes of a server. */
function processCall(
  input: Wire,
  output: Wire,
  service: string,
  fired: string[],
  headers: Readonly<Record<string, string>>[],
): void {
  const { fname, rseqid } = input.readMessageBegin()
  const name = String(fname)
  const transport = (input as unknown as { trans: Headers }).trans
  if (name !== 'echo' && name !== 'fire') {
    input.skip(Type.Struct)
    input.readMessageEnd()
    const error = new thrift.Thrift.TApplicationException(1, `Unknown function ${name}`)
    output.writeMessageBegin(name, Call.Exception, rseqid)
    error.write(output)
    output.writeMessageEnd()
    return output.flush()
  }
  const text = readFields(input).get(1) ?? ''
  input.readMessageEnd()
  headers.push({ ...transport.getReadHeaders() })
  if (name === 'fire') {
    fired.push(text)
    return
  }
  output.writeMessageBegin('echo', Call.Reply, rseqid)
  if (text.startsWith('no ')) writeStruct(output, 1, text.slice(3))
  else writeText(output, 0, service === '' ? text : `${service}: ${text}`)
  output.writeMessageEnd()
  output.flush()
}

/** Texts by field, also those one struct deep. */
function readFields(input: Wire): Map<number, string> {
  const texts = new Map<number, string>()
  input.readStructBegin()
  for (;;) {
    const { ftype, fid } = input.readFieldBegin()
    if (ftype === Type.Stop) break
    if (ftype === Type.String) texts.set(fid, input.readString())
    else if (ftype === Type.Struct) texts.set(fid, readFields(input).get(1) ?? '')
    else input.skip(ftype)
    input.readFieldEnd()
  }
  input.readStructEnd()
  return texts
}

function writeText(output: Wire, id: number, text: string): void {
  output.writeStructBegin('')
  output.writeFieldBegin('text', Type.String, id)
  output.writeString(text)
  output.writeFieldEnd()
  output.writeFieldStop()
  output.writeStructEnd()
}

function writeStruct(output: Wire, id: number, text: string): void {
  output.writeStructBegin('')
  output.writeFieldBegin('none', Type.Struct, id)
  writeText(output, 1, text)
  output.writeFieldEnd()
  output.writeFieldStop()
  output.writeStructEnd()
}

/** Binary as it was before messages had a version. A function, because the package calls its protocols as such. */
function oldBinary(): WireClass {
  const base = thrift.TBinaryProtocol
  const Old = function (this: Wire, transport: unknown) {
    Reflect.apply(base, this, [transport, false, false])
  }
  Old.prototype = Object.create(base.prototype)
  return Old as unknown as WireClass
}
