import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { freePort } from '../measure/network.ts'
import type { Found } from '../measure/programs.ts'
import { find } from '../measure/programs.ts'

/** Where the upstream has a gRPC-shaped answer: one message of 100 bytes and `grpc-status` in the trailers. */
export const GRPC_PATH = '/bench.Echo/Call'
/** Where it has the file it was given. */
export const FILE_PATH = '/bench.Echo/Many'
/** A gRPC message of 100 bytes behind its head: not compressed, its length. */
export const GRPC_MESSAGE: Buffer = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 100]),
  Buffer.alloc(100, 'm'),
])

/** Streams that a proxy may have open on one connection; every load stays below. */
const STREAMS = 1000

/** Why there is no HTTP/2 upstream here, or null. */
export function http2UpstreamMissing(): string | null {
  const found = findNghttpd()
  return 'missing' in found ? `nghttpd serves as the upstream: ${found.missing}` : null
}

/** Starts nghttpd without TLS; `/` is 130 bytes, with a query or without. Its port. */
export async function startHttp2Upstream(
  bench: Bench,
  kind: 'plain' | 'grpc' = 'plain',
  file: string | null = null,
): Promise<number> {
  const found = findNghttpd()
  if ('missing' in found) throw new Error(found.missing)
  const port = await freePort()
  const root = fillRoot(bench.newFolder('upstream'), file)
  const trailers = kind === 'grpc' ? ['--trailer', 'grpc-status: 0'] : []
  const flags = ['--no-tls', '-a', '127.0.0.1', '-m', `${STREAMS}`, '-d', root, ...trailers]
  await bench.startUpstream(port, [found.program, ...flags, `${port}`])
  return port
}

function fillRoot(root: string, file: string | null): string {
  mkdirSync(join(root, 'bench.Echo'))
  writeFileSync(join(root, 'index.html'), `${'b'.repeat(129)}\n`)
  writeFileSync(join(root, GRPC_PATH), GRPC_MESSAGE)
  if (file !== null) linkSync(file, join(root, FILE_PATH))
  return root
}

function findNghttpd(): Found {
  return find('nghttpd', 'Debian package nghttp2-server')
}
