import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, RunningProxy } from '../bench.ts'
import { h2loadMissing, h2loadOnce } from '../load/h2load.ts'
import { fileOfMessages } from '../load/messages.ts'
import {
  FILE_PATH,
  GRPC_MESSAGE,
  GRPC_PATH,
  http2UpstreamMissing,
  startHttp2Upstream,
} from '../load/nghttpd.ts'
import { H2C } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Contestant, Work } from '../work.ts'
import { lacking } from './lacking.ts'
import { bigSize, LIMIT_MS, TRANSFER_COLUMNS, transfer } from './transfer.ts'

const BAR = "CPU per GiB at most 2 × HAProxy's for HTTP/2, RSS rises by at most 20 MB"
const GRPC = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']

/** A server that sends messages without end. */
export const streamDown: Work = {
  name: 'grpc-down',
  title: 'gRPC over HTTP/2 without TLS, 1 GiB of messages of 16 KB in one stream to the client',
  bar: BAR,
  reference: REFERENCE,
  columns: TRANSFER_COLUMNS,
  contestants: (bench) =>
    streams(bench, (size) => ({
      path: size === bigSize(bench) ? FILE_PATH : GRPC_PATH,
      options: GRPC,
    })),
}

/** A client that does. */
export const streamUp: Work = {
  name: 'grpc-up',
  title: 'gRPC over HTTP/2 without TLS, 1 GiB of messages of 16 KB in one stream to the server',
  bar: BAR,
  reference: REFERENCE,
  columns: TRANSFER_COLUMNS,
  contestants: (bench) =>
    streams(bench, (size, small) => {
      const body = size === bigSize(bench) ? fileOfMessages(bench, size) : small
      return { path: GRPC_PATH, options: ['-d', body, ...GRPC] }
    }),
}

/** The first calls, to warm up, are short. */
function streams(
  bench: Bench,
  call: (size: number, small: string) => { path: string; options: readonly string[] },
): Contestant[] {
  const contestants = bench.contestants(H2C, async (start) => {
    const file = fileOfMessages(bench, bigSize(bench))
    const small = join(bench.newFolder('message'), 'message')
    writeFileSync(small, GRPC_MESSAGE)
    const proxy = await start({ to: await startHttp2Upstream(bench, 'grpc', file) })
    return transfer(bench, proxy, (size) => move(bench, proxy, call(size, small)))
  })
  return lacking(contestants, http2UpstreamMissing(), h2loadMissing())
}

async function move(
  bench: Bench,
  proxy: RunningProxy,
  call: { path: string; options: readonly string[] },
): Promise<number> {
  const { seconds, errors, requests } = await h2loadOnce(bench, proxy, call, LIMIT_MS)
  if (errors > 0 || requests !== 1) throw new Error(`the stream of ${call.path} failed`)
  return seconds
}
