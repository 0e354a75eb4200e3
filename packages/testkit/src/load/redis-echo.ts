import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { commandEnd, RespFrames } from './resp.ts'

/** A Redis server that answers every command with the same text. */
export interface RedisEcho {
  readonly port: number
  readonly commands: number
  readonly connections: number
  close(): Promise<void>
}

/** Starts it on loopback; port 0 takes a free one, `answer` is a whole answer of RESP. */
export async function startRedisEcho(port = 0, answer: Buffer = HUNDRED): Promise<RedisEcho> {
  const sockets = new Set<Socket>()
  let commands = 0
  const server = createServer({ noDelay: true }, (socket) => {
    const frames = new RespFrames(commandEnd)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      let answers = 0
      frames.push(chunk, () => {
        answers++
      })
      commands += answers
      if (answers > 0) socket.write(repeated(answer, answers))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', 4096, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    get commands() {
      return commands
    },
    get connections() {
      return sockets.size
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

/** A value of 100 bytes. */
const HUNDRED: Buffer = Buffer.from(`$100\r\n${'b'.repeat(100)}\r\n`)

function repeated(answer: Buffer, times: number): Buffer {
  return Buffer.alloc(answer.length * times, answer)
}
