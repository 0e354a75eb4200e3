import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import type { H2loadRun } from '../load/h2load.ts'
import { h2loadMissing } from '../load/h2load.ts'
import {
  GRPC_MESSAGE,
  GRPC_PATH,
  http2UpstreamMissing,
  startHttp2Upstream,
} from '../load/nghttpd.ts'
import { H2C } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Contestant, Work } from '../work.ts'
import { MEAN_COLUMNS } from '../work.ts'
import { lacking } from './lacking.ts'
import { measureHttp2 } from './requests.ts'

const BATCHED =
  'CPU per request at most 1.25 × HAProxy, aim below 1.0; at most 0.2 × Envoy as a sidecar'
const SINGLE = 'CPU per request at most 1.2 × HAProxy, at most 0.4 × Envoy as a sidecar'

/** The usual shape of a mesh's load: a few connections, each well used. */
export const h2c8x16: Work = h2c(8, 16, BATCHED)
/** All on one connection: what is read and written at once is most. */
export const h2c1x64: Work = h2c(1, 64, BATCHED)
/** One request at a time on each: as dear as HTTP/1.1, and the frames on top. */
export const h2c64x1: Work = h2c(64, 1, SINGLE)

/** A short message there, a short one back, the status in the trailers. */
export const grpc: Work = {
  name: 'grpc',
  title: 'gRPC unary, 8 connections × 16 in flight, with what a sidecar adds',
  bar: 'CPU per request at most 1.1 × HAProxy, at most 0.5 × Envoy as a sidecar',
  reference: REFERENCE,
  columns: MEAN_COLUMNS,
  contestants: (bench) =>
    sidecars(bench, 'grpc', { connections: 8, inFlight: 16, ...grpcCall(bench) }),
}

function h2c(connections: number, inFlight: number, bar: string): Work {
  return {
    name: `h2c-${connections}x${inFlight}`,
    title: `HTTP/2 without TLS, ${connections} connections × ${inFlight} in flight, small body, with what a sidecar adds`,
    bar,
    reference: REFERENCE,
    columns: MEAN_COLUMNS,
    contestants: (bench) => sidecars(bench, 'plain', { connections, inFlight, path: '/' }),
  }
}

function sidecars(bench: Bench, kind: 'plain' | 'grpc', run: H2loadRun): Contestant[] {
  const contestants = bench.contestants({ ...H2C, sidecar: true }, async (start) => {
    const proxy = await start({ to: await startHttp2Upstream(bench, kind) })
    return measureHttp2(bench, proxy, run)
  })
  return lacking(contestants, http2UpstreamMissing(), h2loadMissing())
}

/** What makes h2load call a gRPC method. */
function grpcCall(bench: Bench): { path: string; options: string[] } {
  const message = join(bench.newFolder('message'), 'message')
  writeFileSync(message, GRPC_MESSAGE)
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers']
  return { path: GRPC_PATH, options: ['-d', message, ...headers] }
}
