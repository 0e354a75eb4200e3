import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Side } from '../peer.ts'
import { servedBy } from './readiness.ts'

/** Below the range that outgoing connections take theirs from, so that ten thousand of them cannot be in the way. */
const PORTS = { first: 20_000, count: 12_000 }
const POLL_MS = 5

let next = Math.floor(Math.random() * PORTS.count)

/** A port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1000; tries++) {
    const port = PORTS.first + (next++ % PORTS.count)
    if (await canListen(port)) return port
  }
  throw new Error('no free port on loopback')
}

/** Resolves as soon as a GET is answered with 200; the milliseconds it took. Throws after the deadline. */
export async function untilServed(
  side: Side,
  port: number,
  host: string,
  pki: string,
  timeoutMs: number,
): Promise<number> {
  const plain = side.version === 1 && side.tls === 'none'
  return until(timeoutMs, `no answer 200 on port ${port}`, () =>
    plain ? answers(port, host) : servedBy(side, port, host, pki),
  )
}

/** Resolves as soon as a connection is accepted. */
export async function untilListening(port: number, timeoutMs: number): Promise<number> {
  return until(timeoutMs, `nobody listens on port ${port}`, () => answers(port, null))
}

async function until(
  timeoutMs: number,
  what: string,
  check: () => Promise<boolean>,
): Promise<number> {
  const begun = performance.now()
  while (performance.now() - begun < timeoutMs) {
    if (await check()) return performance.now() - begun
    await sleep(POLL_MS)
  }
  throw new Error(`${what} after ${timeoutMs} ms`)
}

/** Whether a connection is made and, given a host, a GET gets 200. */
function answers(port: number, host: string | null): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (well: boolean): void => {
      socket.destroy()
      resolve(well)
    }
    socket.setTimeout(2000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('end', () => end(false))
    socket.on('connect', () => {
      if (host === null) end(true)
      else socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    })
    socket.on('data', (bytes: Buffer) => end(bytes.toString('latin1').startsWith('HTTP/1.1 200')))
  })
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
