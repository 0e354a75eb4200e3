import { EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/** The little of the npm package `ws` that is used here; it has its own package.json, beside this file. */
export interface Socket {
  readonly protocol: string
  readonly extensions: string
  send(data: string | Buffer, options?: { readonly fin?: boolean }): void
  ping(data: string): void
  close(code?: number, reason?: string): void
  terminate(): void
  on(event: 'message', listener: (data: Buffer, binary: boolean) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'close', listener: (code: number, reason: Buffer) => void): void
}
interface SocketServer {
  readonly clients: Set<Socket>
  address(): AddressInfo
  close(): void
  on(event: 'connection', listener: (socket: Socket, request: { url: string }) => void): void
}
interface Ws {
  readonly WebSocket: new (url: string, options?: object) => Socket
  readonly WebSocketServer: new (options: object) => SocketServer
}

const load = (): Ws => createRequire(import.meta.url)('ws') as Ws

/** A WebSocket server on a free port. */
export interface Peer {
  readonly port: number
  /** Resolves when a client has closed with this code. */
  closedWith(code: number): Promise<void>
  stop(): void
}

/** Says hello, sends back what it hears; `/leave` closes after the hello, `/die` breaks the connection. */
export async function startPeer(): Promise<Peer> {
  const { WebSocketServer } = load()
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true })
  await once(server as unknown as NodeJS.EventEmitter, 'listening')
  const closes = new EventEmitter()
  server.on('connection', (socket, { url }) => {
    socket.on('message', (data, binary) => socket.send(binary ? data : data.toString()))
    socket.on('close', (code) => closes.emit(String(code)))
    socket.on('error', () => {})
    socket.send('hello')
    if (url === '/leave') socket.close(4001, 'enough')
    if (url === '/die') setTimeout(() => socket.terminate(), 50)
  })
  return {
    port: server.address().port,
    async closedWith(code) {
      await once(closes, String(code))
    },
    stop() {
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}

/** A client of the package `ws`, when it is connected and has been greeted. */
export async function connect(url: string, options: object = {}): Promise<Socket> {
  const { WebSocket } = load()
  const socket = new WebSocket(url, options)
  const greeting = (await heard(socket)).toString()
  if (greeting !== 'hello') throw new Error(`the greeting is ${greeting}`)
  return socket
}

/** The next message. */
export function heard(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const emitter = socket as unknown as NodeJS.EventEmitter
    emitter.once('message', resolve)
    emitter.once('error', reject)
  })
}

/** What comes of the event. */
export async function happens<T extends unknown[]>(socket: Socket, event: string): Promise<T> {
  return (await once(socket as unknown as NodeJS.EventEmitter, event)) as T
}

/** The status and body of the answer that came instead of a socket. */
export async function refused(url: string): Promise<{ status: number; text: string }> {
  const { WebSocket } = load()
  const socket = new WebSocket(url)
  const [, response] = await happens<[unknown, NodeJS.ReadableStream & { statusCode: number }]>(
    socket,
    'unexpected-response',
  )
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, text }
}
