import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'

/** What tests use of the npm packages `@tars/rpc` and `@tars/stream`, as far as their types are of no help. */
export interface BinBuffer {
  toNodeBuffer(): Buffer
}
/** A map of texts. */
export interface TarsMap {
  readonly value: Readonly<Record<string, string>>
}
/** A body of TUP. */
export interface Attributes {
  tupVersion: number
  encode(): BinBuffer
  decode(buffer: BinBuffer): void
  writeString(name: string, value: string): void
  readString(name: string): string
  readInt32(name: string): number
}
/** A call at its servant. */
export interface Current {
  getContext(): TarsMap
  getRequestStatus(): TarsMap
  setResponseContext(context: object): void
  sendResponse(...values: unknown[]): void
  doResponse(buffer: BinBuffer): void
  sendErrorResponse(code: number, message: string): void
}
type Dispatch = (current: Current, name: string, body: BinBuffer) => number
/** The class of a servant. */
export interface Servant {
  new (): object
  readonly prototype: { initialize(): void; onDispatch: Dispatch }
}
/** What became of a call; of one that failed, it is thrown. */
export interface Told {
  readonly response: {
    readonly return?: unknown
    readonly arguments?: Readonly<Record<string, unknown>>
    readonly error?: { readonly code: number; readonly message: string }
  }
}
interface Worker {
  version: number
  timeout: number
  tars_invoke(name: string, body: BinBuffer, property?: object): Promise<Raw>
  tup_invoke(name: string, attributes: Attributes, property?: object): Promise<Raw>
}
/** What `tars_invoke` gives, undecoded. */
export interface Raw {
  readonly response: {
    readonly sBuffer: BinBuffer
    readonly context: TarsMap
    readonly tup: Attributes
  }
}
interface Proxy {
  readonly _worker: Worker
}
/** A client of the example's servant. */
export interface DemoProxy extends Proxy {
  getUsrName(name: string, property?: object): Promise<Told>
  getall(user: object, property?: object): Promise<Told>
}
interface Communicator {
  stringToProxy<T>(proxy: new () => T, name: string): T
  destroy(): void
}
interface Rpc {
  readonly server: {
    createServer(servant: Servant): {
      start(options: object): void
      stop(): void
      readonly _server: {
        readonly _adapters: readonly {
          readonly _netthread: {
            readonly _listener: Server
            readonly _connections: Readonly<Record<string, object>>
          }
        }[]
      }
    }
  }
  readonly Communicator: { New(): Communicator }
  readonly ServantProxy: new () => Proxy
}
interface Generated {
  /** To be extended by a class that answers: what this makes of it is a `Servant`. */
  readonly NodeTarsImp: new () => object
  readonly NodeTarsProxy: new () => DemoProxy
  readonly User_t: new () => { id: number; name: string }
}

const load = createRequire(import.meta.url)
/** The package that makes servers and clients. */
export const rpc = load('@tars/rpc') as Rpc
/** The package that writes bodies. */
export const stream = load('@tars/stream') as { readonly UniAttribute: new () => Attributes }
const demo = '@tars/rpc/examples/rpc-tars/demo.1'
/** What the package's own example has generated for the servant of the demo, and for its clients. */
export const generated: Generated = {
  ...(load(`${demo}/server.node.1/NodeTars.js`) as { tars: Generated }).tars,
  ...(load(`${demo}/client.node.proxy/NodeTarsProxy.js`) as { tars: Generated }).tars,
}

/** The servant's name: servers do not look at it, there is one at each port. */
export const STOCK = 'Shop.Stock.StockObj'

/** A server that listens. */
export interface Running {
  readonly port: number
  /** How many clients are connected. */
  readonly connections: () => number
  readonly stop: () => void
}

/** A server of the package with this servant. */
export async function startServer(servant: Servant): Promise<Running> {
  const server = rpc.server.createServer(servant)
  server.start({ endpoint: 'tcp -h 127.0.0.1 -p 0 -t 60000', servant: STOCK, protocol: 'tars' })
  const net = server._server._adapters[0]!._netthread
  await once(net._listener, 'listening')
  const { port } = net._listener.address() as AddressInfo
  const connections = () => Object.keys(net._connections).length
  return { port, connections, stop: () => server.stop() }
}

/** A servant that is told of every call; it answers by `current`, and returns 0 or why it does not. */
export function servantOf(dispatch: Dispatch): Servant {
  return class {
    initialize(): void {}
    onDispatch(current: Current, name: string, body: BinBuffer): number {
      return dispatch(current, name, body)
    }
  }
}

/** A client of the package for what listens at a port. */
export function client<T extends Proxy>(
  proxy: new () => T,
  port: number,
  name: string = STOCK,
): { readonly proxy: T; readonly stop: () => void } {
  const communicator = rpc.Communicator.New()
  const made = communicator.stringToProxy(proxy, `${name}@tcp -h 127.0.0.1 -p ${port} -t 60000`)
  return { proxy: made, stop: () => communicator.destroy() }
}
