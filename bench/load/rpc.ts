import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { freePort } from '../measure/network.ts'
import type { Call, Shape } from './calls/call.ts'
import { compiled } from './compiled.ts'

/** What the generator of RPC calls counted. */
export interface RpcResult {
  readonly answered: number
  readonly failed: number
  readonly rps: number
  readonly p50: number
  readonly p99: number
}

const HEADERS = ['wire.h', 'frames.h']

/** Makes one call over and over, so many at once on each connection. */
export async function rpcLoad(
  bench: Bench,
  port: number,
  call: Call,
  connections: number,
  inFlight: number,
  seconds: number,
): Promise<RpcResult> {
  const { request, answer, goodAt } = call
  const numbers = [port, connections, inFlight, seconds]
  const good = [answer.idAt, goodAt, answer.bytes[goodAt]]
  const frame = [frameFile(bench, request), request.idAt, answer.lengths]
  const argv = [compiled('rpcload', [...HEADERS, 'pace.h']), ...numbers, ...frame, ...good]
  return JSON.parse(await bench.load(argv.map(String), (seconds + 15) * 1000)) as RpcResult
}

/** Starts an upstream that answers each request as the call says; its port. */
export async function startRpcUpstream(bench: Bench, call: Call): Promise<number> {
  const { request, answer } = call
  const port = await freePort()
  const argv = [
    compiled('rpcup', HEADERS),
    port,
    frameFile(bench, answer),
    answer.idAt,
    request.lengths,
    request.idAt,
  ]
  await bench.startUpstream(port, argv.map(String))
  return port
}

function frameFile(bench: Bench, { bytes }: Shape): string {
  const file = join(bench.newFolder('frame'), 'frame')
  writeFileSync(file, bytes)
  return file
}
