import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import http2, {
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificates } from '../certificates.ts'
import { nodeTls } from '../tls-config.ts'
import { MOST_MEGABYTES } from './client.ts'

/** Node's HTTP/2 server, behind the proxy. */
export interface Host {
  readonly port: number
  /** Resolves with the code when a client resets a stream of `/wait`. */
  resetWith(): Promise<number>
  /** Sends GOAWAY to everybody; streams that are open go on. Gives how many were told. */
  goAway(): number
  stop(): Promise<void>
}

const OPTIONS = { maxSessionMemory: MOST_MEGABYTES }

/** Starts it on a free port of loopback, with TLS when there are certificates. */
export async function startHost(of: Certificates | null = null): Promise<Host> {
  const server =
    of === null
      ? http2.createServer(OPTIONS)
      : http2.createSecureServer({ ...nodeTls(of, of.server), ...OPTIONS })
  const sessions = new Set<ServerHttp2Session>()
  const resets = new EventEmitter()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.on('error', () => {})
  })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    // A stream that a client resets ends in an error here; `/wait` tells of it by its close.
    stream.on('error', () => {})
    const path = headers[':path'] ?? '/'
    if (path === '/wait') stream.on('close', () => resets.emit('reset', stream.rstCode))
    const answer = answers[path.replace(/\?.*/, '')] ?? notFound
    answer(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async resetWith() {
      return (await once(resets, 'reset'))[0] as number
    },
    goAway() {
      const told = [...sessions].filter(({ closed }) => !closed)
      for (const session of told) session.close()
      return told.length
    },
    async stop() {
      for (const session of sessions) session.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

const answers: Readonly<Record<string, Answer>> = {
  '/hello': (stream) => {
    stream.respond({ ':status': 200 })
    stream.end('hello\n')
  },
  /** Sends back what comes, with its hash and the trailers of the request as trailers. */
  '/echo': echo,
  '/told': (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(JSON.stringify(headers))
  },
  '/wait': (stream) => {
    stream.respond({ ':status': 200 })
    stream.write('wait\n')
  },
  '/reset': (stream, headers) => stream.close(codeOf(headers)),
  /** Ends before the length it promised. */
  '/short': (stream) => {
    stream.respond({ ':status': 200, 'content-length': 2000 })
    stream.end(Buffer.alloc(1000))
  },
  /** The whole connection breaks in the middle of the body. */
  '/die': async (stream) => {
    stream.respond({ ':status': 200 })
    stream.write(Buffer.alloc(1000))
    await sleep(50)
    stream.session?.destroy()
  },
  '/slow': async (stream) => {
    await sleep(100)
    if (stream.destroyed) return
    stream.respond({ ':status': 200 })
    stream.end('slow\n')
  },
  '/hints': (stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</style.css>; rel=preload' })
    stream.respond({ ':status': 200 })
    stream.end('hinted\n')
  },
  '/empty': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
}

const notFound: Answer = (stream) => stream.respond({ ':status': 404 }, { endStream: true })

function echo(stream: ServerHttp2Stream): void {
  const hash = createHash('sha256')
  let brought: IncomingHttpHeaders = {}
  stream.on('trailers', (trailers) => {
    brought = trailers
  })
  stream.on('wantTrailers', () => {
    const { 'x-sum': sum = 'none' } = brought
    stream.sendTrailers({ 'x-hash': hash.digest('hex'), 'x-sum': String(sum) })
  })
  stream.respond({ ':status': 200, trailer: 'x-hash, x-sum' }, { waitForTrailers: true })
  stream.on('data', (chunk: Buffer) => {
    hash.update(chunk)
    if (stream.write(chunk)) return
    stream.pause()
    stream.once('drain', () => stream.resume())
  })
  stream.on('end', () => stream.end())
}

function codeOf(headers: IncomingHttpHeaders): number {
  return Number(new URL(headers[':path']!, 'http://host').searchParams.get('code'))
}
