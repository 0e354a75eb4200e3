import net, { type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** A port on loopback to which connections neither come about nor fail. */
export interface BlackHole {
  readonly port: number
  close(): Promise<void>
}

/** A thread that listens and then never looks at its sockets again. */
const DEAF = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })
`
/** How long a connection on loopback takes at most that comes about at all. */
const SOON_MS = 40

/** Fills the queue of a listener that accepts nothing: the system drops what comes after. */
export async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(DEAF, { eval: true })
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  const fillers: Socket[] = []
  do fillers.push(net.connect({ port, host: '127.0.0.1' }).on('error', () => {}))
  while (await connects(fillers.at(-1)!))
  return {
    port,
    async close() {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
}

function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    setTimeout(() => resolve(false), SOON_MS)
  })
}
