import { createRequire } from 'node:module'
import type { Socket } from 'node:net'

/** A provider of SOFARPC services. */
export interface RpcServer {
  addService(info: ServiceInfo, methods: Readonly<Record<string, Method>>): void
  start(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'connection', listener: (connection: { readonly socket: Socket }) => void): void
}

export interface ServiceInfo {
  readonly interfaceName: string
  readonly version: string
}

// biome-ignore lint/suspicious/noExplicitAny: what a method takes is between it and its callers
export type Method = (...args: any[]) => Promise<unknown>

/** Calls the methods of one service. */
export interface Consumer {
  ready(): Promise<void>
  invoke(method: string, args: readonly unknown[], options?: CallOptions): Promise<unknown>
}

export interface CallOptions {
  /** Milliseconds. */
  readonly responseTimeout: number
}

export interface ConsumerInit extends ServiceInfo {
  /** A direct address, `bolt://127.0.0.1:12200` or `dubbo://127.0.0.1:20880`; no registry is asked. */
  readonly serverHost: string
  /** How long until a lost connection is tried again, milliseconds. */
  readonly retryFaultInterval: number
}

interface RpcClient {
  createConsumer(init: ConsumerInit & { readonly group: string }): Consumer
  on(event: 'error', listener: (error: Error) => void): void
}

/** What the shop uses of the npm package `sofa-rpc-node`, which has no types. */
const require = createRequire(import.meta.url)
const sofa = require('sofa-rpc-node') as {
  readonly server: { readonly RpcServer: new (options: object) => RpcServer }
  readonly client: { readonly RpcClient: new (options: object) => RpcClient }
}

const CONNECT_TIMEOUT_MS = 3000
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error }

/** What the package speaks: Bolt by itself, Dubbo with the help of another. */
export type Speech = 'bolt' | 'dubbo'

function protocolOf(speech: Speech): { readonly protocol?: unknown } {
  return speech === 'bolt' ? {} : { protocol: require('dubbo-remoting') }
}

/** A provider on a port of loopback. */
export function createServer(port: number, speech: Speech): RpcServer {
  const server = new sofa.server.RpcServer({
    ...protocolOf(speech),
    logger: quiet,
    // Handed on to `net.Server.listen`, which takes an address as well.
    port: { host: '127.0.0.1', port },
  })
  server.on('error', (error) => console.error(error.message))
  // All callers share the sidecar's one connection. Were small answers allowed to wait for the acknowledgement of the one
  // before (RFC 896), each would wait for the next request, which is what brings it.
  server.on('connection', ({ socket }) => socket.setNoDelay(true))
  return server
}

/** A consumer of one service at one address. */
export function createConsumer(init: ConsumerInit, speech: Speech): Consumer {
  // A protocol given beside these would become that of every client in this process.
  const connectionOpts = {
    ...protocolOf(speech),
    noDelay: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
  }
  const client = new sofa.client.RpcClient({ logger: quiet, connectionOpts })
  client.on('error', (error) => console.error(error.message))
  // Without a word of it, Dubbo's calls would be for services of the group "SOFA".
  return client.createConsumer({ group: '', ...init })
}
