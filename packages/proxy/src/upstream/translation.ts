import type { Translator } from '../convert/translator.ts'
import { type Frame, FrameKind } from '../frame.ts'
import type { HttpHead } from '../http.ts'
import { Outcome } from '../outcome.ts'
import { Untranslatable, type WholeMessage } from '../transcoder.ts'
import type { Call } from './call.ts'
import type { Host } from './host.ts'

/** More of a client's own words than this does not help anybody, and goes to logs. */
const MAX_SENTENCE = 512

/** Puts the call into the words of a host; false when that cannot be done and the caller was told. */
export function translated(call: Call, host: Host, translator: Translator): boolean {
  const { request, trailers } = call
  if (!isWhole(call) && translator.needsWhole(request, host.speaks)) {
    const sentence = `${host.address}: the request cannot be converted, as not all of it is here any more`
    call.answer(Outcome.NoHealthyHost, sentence)
    return false
  }
  const body = call.kept === null ? null : call.kept.whole()
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
  if (call.request.kind === FrameKind.Oneway) return call.end()
  const done = doneOf(call)
  if (done !== null) deliverWhole(call, done)
}

/** Null when the caller's protocol has no words for it and the caller was told so. */
function doneOf(call: Call): WholeMessage | null {
  try {
    return call.exchange!.done()
  } catch (error) {
    const { message } = untranslatable(error)
    call.answer(Outcome.UpstreamProtocol, `the call went out, and nobody answers it: ${message}`)
    return null
  }
}

/** Sends a whole answer down to the caller. */
export function deliverWhole(call: Call, message: WholeMessage): void {
  if (call.request.kind === FrameKind.Oneway) {
    call.end()
    return
  }
  const { frame, body, trailers } = wantsHeadOnly(call.request)
    ? { frame: message.frame, body: null, trailers: null }
    : message
  const { exit } = call.chain
  frame.last = body === null && trailers === null
  const { protocol } = frame
  call.callStatus = protocol.callStatus?.(trailers ?? frame) ?? -1
  exit.onResponse(call, frame)
  if (body !== null && !call.ended) exit.onResponseData(call, body, trailers === null)
  if (trailers !== null && !call.ended) exit.onResponseTrailers(call, trailers)
}

/** Nothing of the request is missing that has to be converted. */
function isWhole({ whole, keptBytes, kept }: Call): boolean {
  return whole && (keptBytes === 0 || kept !== null)
}

function wantsHeadOnly({ protocol, view }: Frame): boolean {
  return protocol.speech === 'http' && (view as HttpHead).method === 'HEAD'
}

/** What libraries throw on bytes they cannot read is said as well as they say it. */
function untranslatable(error: unknown): { readonly message: string; readonly status: number } {
  const known = error instanceof Untranslatable
  const said = known ? error.message : `the message cannot be read: ${(error as Error).message}`
  const message = said.length > MAX_SENTENCE ? `${said.slice(0, MAX_SENTENCE)}…` : said
  return { message, status: known ? error.status : 400 }
}
