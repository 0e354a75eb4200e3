import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { CommandCode, contentOffset, encodeResponse, FrameType, ID_AT } from './bolt-frame.ts'
import { Frames } from './frames.ts'

/** A Bolt server that answers every request with the request's content. */
export interface BoltEcho {
  readonly port: number
  /** Requests that came, one-way ones too. */
  readonly requests: number
  readonly connections: number
  close(): Promise<void>
}

export interface BoltEchoOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** Status of every answer. @default 0 */
  readonly status?: number
  /** Whether requests are answered at all. @default true */
  readonly answers?: boolean
}

/** Starts an echo server on loopback. Heartbeats are acknowledged, one-way requests counted. */
export async function startBoltEcho(options: BoltEchoOptions = {}): Promise<BoltEcho> {
  const echo = new Echo(options.status ?? 0, options.answers ?? true)
  await new Promise<void>((resolve, reject) => {
    echo.server.once('error', reject)
    echo.server.listen(options.port ?? 0, '127.0.0.1', 4096, resolve)
  })
  return echo
}

class Echo implements BoltEcho {
  requests = 0
  readonly server: Server
  readonly #sockets = new Set<Socket>()
  readonly #status: number
  readonly #answers: boolean

  constructor(status: number, answers: boolean) {
    this.#status = status
    this.#answers = answers
    this.server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  get port(): number {
    const address = this.server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  get connections(): number {
    return this.#sockets.size
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => {
      this.server.close(() => resolve())
    })
  }

  #accept(socket: Socket): void {
    const frames = new Frames()
    const answers: Buffer[] = []
    const onFrame = (bytes: Buffer, at: number, end: number): void => {
      const answer = this.#answer(bytes, at, end)
      if (answer !== null) answers.push(answer)
    }
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // A client that goes away is no event for an echo.
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk, onFrame)
      if (answers.length > 0) socket.write(Buffer.concat(answers))
      answers.length = 0
    })
  }

  #answer(bytes: Buffer, at: number, end: number): Buffer | null {
    if (bytes[at + 1] === FrameType.Response) return null
    const id = bytes.readUInt32BE(at + ID_AT)
    if (bytes.readUInt16BE(at + 2) === CommandCode.Heartbeat) {
      return encodeResponse(id, CommandCode.Heartbeat, 0, Buffer.alloc(0))
    }
    this.requests++
    if (bytes[at + 1] === FrameType.OneWay || !this.#answers) return null
    const content = bytes.subarray(contentOffset(bytes, at), end)
    return encodeResponse(id, CommandCode.Response, this.#status, content)
  }
}
