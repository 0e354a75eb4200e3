import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** An HTTP server on Node's own implementation, behind the proxy. */
export interface Origin {
  /** 0 on a unix socket. */
  readonly port: number
  stop(): Promise<void>
}

/** A head may be larger than Node likes by itself. */
const OPTIONS = { keepAliveTimeout: 60_000, maxHeaderSize: 128 * 1024 }

/** Starts it on a free port of loopback, or on a unix socket. */
export async function startOrigin(path: string | null = null): Promise<Origin> {
  const server = http.createServer(OPTIONS, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://origin')
    const answer = answers[pathname] ?? notFound
    answer(request, response)
  })
  if (path === null) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  return {
    port: path === null ? (server.address() as AddressInfo).port : 0,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Bytes that are the same each time and repeat nowhere near. */
export function bytes(length: number): Buffer<ArrayBuffer> {
  const out = Buffer.allocUnsafe(length)
  let state = 0x9e3779b9
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[i] = state >>> 24
  }
  return out
}

/** In hex. */
export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const LARGE = bytes(16 * 1024 * 1024)

const answers: Readonly<Record<string, Answer>> = {
  '/hello': (_request, response) => response.end('hello\n'),
  /** Tells what came: version, headers, trailers, and the hash of the body. */
  '/mirror': mirror,
  '/large': (_request, response) => {
    response.setHeader('content-length', LARGE.length)
    response.end(LARGE)
  },
  '/chunked': (_request, response) => {
    for (let at = 0; at < LARGE.length; at += 1_000_003)
      response.write(LARGE.subarray(at, at + 1_000_003))
    response.end()
  },
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/unchanged': (_request, response) => response.writeHead(304, { etag: '"1"' }).end(),
  '/zipped': (_request, response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync('hello in few bytes\n'))
  },
  '/part': part,
  '/trailed': (_request, response) => {
    response.setHeader('trailer', 'x-sum')
    response.write('hello\n')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  },
}

/** The hash of what `/large` and `/chunked` give. */
export const LARGE_HASH: string = sha256(LARGE)

const notFound: Answer = (_request, response) => response.writeHead(404).end('no such page\n')

function mirror(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256')
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    hash.update(chunk)
  })
  request.on('end', () => {
    const { method, url, httpVersion, headers, trailers } = request
    const body = { length, hash: hash.digest('hex') }
    const told = { method, url, httpVersion, headers, trailers, ...body }
    response.end(`${JSON.stringify(told)}\n`)
  })
}

function part({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
  const range = `bytes ${first}-${last}/${LARGE.length}`
  response.writeHead(206, { 'content-range': range })
  response.end(LARGE.subarray(Number(first), Number(last) + 1))
}
