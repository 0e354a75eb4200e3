import { plainInterim } from '../http/plain.ts'
import type { HttpHead } from '../http.ts'
import { Outcome } from '../outcome.ts'
import type { Call } from './call.ts'

/** What is gathered of a request where the cluster does not allow more, bytes: as large as a call may be. */
const MAX_BYTES = 8 * 1024 * 1024

/** Whether the rest of a request must come before it can be said to the hosts of its cluster. */
export function mustGather({ cluster, request, whole }: Call): boolean {
  const translator = cluster!.translator
  if (translator === null || whole) return false
  return cluster!.hosts.some(
    (host) => cluster!.suits(host, request) && translator.needsWhole(request, host.speaks),
  )
}

/** From now on data is gathered, unless the request was answered. */
export function beginGathering(call: Call): void {
  const { request } = call
  const upgrade = request.protocol.upgrade(request)
  if (upgrade !== null) {
    const sentence = `upgrade to "${upgrade}": what hosts of cluster "${call.clusterName}" speak has no such thing`
    return call.answer(Outcome.UpgradeRefused, sentence, call.chain.exit)
  }
  const { length, expectsContinue } = request.view as HttpHead
  if (length > limitOf(call)) return tooLarge(call)
  call.gathering = true
  // Nobody else tells a client to send the body that it holds back: no host has the request yet.
  if (expectsContinue) call.down.respondInterim(call, plainInterim(100))
}

/** Keeps data. False: the request was answered. `overload` says why no more can be kept; null: it can. */
export function gather(call: Call, chunk: Buffer, overload: string | null): boolean {
  const limit = limitOf(call)
  call.keep(chunk, limit)
  if (overload !== null) call.answer(Outcome.Overloaded, overload, call.chain.exit)
  else if (call.keptBytes > limit) tooLarge(call)
  else return true
  return false
}

function limitOf({ cluster }: Call): number {
  return Math.max(cluster!.config.bufferLimitBytes, MAX_BYTES)
}

function tooLarge(call: Call): void {
  const sentence = `a body of more than ${limitOf(call)} bytes cannot be converted (per_connection_buffer_limit_bytes raises that)`
  call.answer(Outcome.TooLarge, sentence, call.chain.exit)
}
