import type { Translator } from '../convert/translator.ts'
import { type Frame, FrameKind } from '../frame.ts'
import { Outcome } from '../outcome.ts'
import { Untranslatable, type WholeMessage } from '../transcoder.ts'
import type { Call } from './call.ts'
import type { Host } from './host.ts'

/** Whether the rest of a request must come before it can be said to the hosts of its cluster. */
export function mustGather(call: Call): boolean {
  const { cluster, request, requestDone } = call
  const translator = cluster!.translator
  if (translator === null || requestDone) return false
  return cluster!.hosts.some(({ speaks }) => translator.needsWhole(request, speaks))
}

/** Puts the call into the words of a host; false when that cannot be done and the caller was told. */
export function translated(call: Call, host: Host, translator: Translator): boolean {
  const { request, kept, trailers } = call
  const body = kept === null ? null : kept.length === 1 ? kept[0]! : Buffer.concat(kept)
  const { now } = call.down.intake.turn
  const leftMs = call.timeoutAt > 0 ? Math.max(1, Math.ceil(call.timeoutAt - now)) : 0
  try {
    const exchange = translator.translate({ frame: request, body, trailers }, host.speaks, leftMs)
    call.exchange = exchange
    call.outgoing = exchange === null ? request : exchange.request.frame
    return true
  } catch (error) {
    const { message, status } = untranslatable(error)
    const outcome = status >= 500 ? Outcome.UpstreamProtocol : Outcome.BadRequest
    call.answer(outcome, message, call.chain.exit, status)
    return false
  }
}

/** The answer that has gathered, in the caller's words; null when that cannot be done and the caller was told. */
export function answerOf(call: Call, trailers: Frame | null): WholeMessage | null {
  try {
    return call.exchange!.answer(trailers)
  } catch (error) {
    const { message } = untranslatable(error)
    call.answer(Outcome.UpstreamProtocol, `${call.host!.address}: ${message}`)
    return null
  }
}

/** Tells a caller that waits for an answer that its call went to a host that gives none. */
export function tellDone(call: Call): void {
  if (call.request.kind === FrameKind.Oneway) call.end()
  else deliverWhole(call, call.exchange!.done())
}

/** Sends a whole answer down to the caller. */
export function deliverWhole(call: Call, { frame, body, trailers }: WholeMessage): void {
  if (call.request.kind === FrameKind.Oneway) {
    call.end()
    return
  }
  const { exit } = call.chain
  frame.last = body === null && trailers === null
  const { protocol } = frame
  call.callStatus = protocol.callStatus?.(trailers ?? frame) ?? -1
  exit.onResponse(call, frame)
  if (body !== null && !call.ended) exit.onResponseData(call, body, trailers === null)
  if (trailers !== null && !call.ended) exit.onResponseTrailers(call, trailers)
}

/** What libraries throw on bytes they cannot read is said as well as they say it. */
function untranslatable(error: unknown): { readonly message: string; readonly status: number } {
  if (error instanceof Untranslatable) return error
  return { message: `the message cannot be read: ${(error as Error).message}`, status: 400 }
}
