import { type Frame, FrameKind } from '../frame.ts'
import type { HttpHead } from '../http.ts'
import { Outcome } from '../outcome.ts'
import type { Protocol } from '../protocol.ts'
import type { CommonCall, Tongue, WholeMessage } from '../transcoder.ts'
import { settled } from './settled.ts'
import { unwrapAnswer, unwrapRequest, wrapAnswer, wrapRequest } from './wrap.ts'

/** One change between what a caller says and what a host hears, and the way back. */
export interface Step {
  readonly request: WholeMessage
  /** What comes back, in the caller's words; null is the end of a one-way call. Throws `Untranslatable`. */
  answer(message: WholeMessage | null): WholeMessage
}

/** A call that came in an HTTP request is taken out of it. */
export class Unwrap implements Step {
  readonly request: WholeMessage
  readonly #protocol: Protocol

  constructor(protocol: Protocol, around: WholeMessage) {
    this.#protocol = protocol
    this.request = wholeFrame(unwrapRequest(protocol, around))
  }

  answer(message: WholeMessage | null): WholeMessage {
    return wrapAnswer(this.#protocol, message?.frame ?? null)
  }
}

/** A call goes in an HTTP request. */
export class Wrap implements Step {
  readonly request: WholeMessage
  readonly #call: Frame

  constructor({ frame }: WholeMessage, timeoutMs: number) {
    this.#call = frame
    this.request = wrapRequest(frame, timeoutMs)
  }

  answer(message: WholeMessage | null): WholeMessage {
    const { protocol } = this.#call
    const answer = message === null ? null : unwrapAnswer(protocol, message)
    if (answer !== null) return wholeFrame(answer)
    const status = message === null ? 200 : message.frame.protocol.status(message.frame)
    const said = message === null ? '' : textOf(message)
    return reply(this.#call, status < 400 ? 502 : status, said || `the far side answered ${status}`)
  }
}

/** A call is said in another protocol. */
export class Convert implements Step {
  readonly request: WholeMessage
  readonly #call: CommonCall
  readonly #asked: Frame
  readonly #from: Tongue
  readonly #to: Tongue

  constructor(from: Tongue, to: Tongue, asked: WholeMessage, timeoutMs: number) {
    const call = from.readCall(withChanges(asked))
    const oneway = call.oneway || asked.frame.kind === FrameKind.Oneway
    this.#call = { ...call, timeoutMs: shorter(timeoutMs, call.timeoutMs), oneway }
    this.#asked = asked.frame
    this.#from = from
    this.#to = to
    this.request = to.writeCall(this.#call)
  }

  answer(message: WholeMessage | null): WholeMessage {
    if (message === null)
      return this.#say({ kind: 'value', value: null, headers: new Map<string, string>() })
    const answer = this.#to.readAnswer(message, this.#call)
    return answer.kind === 'failure'
      ? reply(this.#asked, answer.status, answer.message)
      : this.#say(answer)
  }

  #say(answer: Parameters<Tongue['writeAnswer']>[0]): WholeMessage {
    return this.#from.writeAnswer(answer, this.#call, this.#asked)
  }
}

/** Changes made on the way are part of the call; heads of HTTP are read with them. */
function withChanges(asked: WholeMessage): WholeMessage {
  const { frame } = asked
  return frame.edits === null || frame.protocol.speech === 'http'
    ? asked
    : wholeFrame(settled(frame))
}

/** Of two times, of which 0 does not say. */
function shorter(one: number, other: number): number {
  return one > 0 && other > 0 ? Math.min(one, other) : one > 0 ? one : other
}

const TEXT_TYPE = /^text\/|\bjson\b/i

/** What an answer of HTTP's own has to say. */
function textOf({ frame, body }: WholeMessage): string {
  const type = (frame.view as HttpHead).header('content-type') ?? ''
  return body !== null && TEXT_TYPE.test(type) ? body.toString().trim().slice(0, 1024) : ''
}

function wholeFrame(frame: Frame): WholeMessage {
  return { frame, body: null, trailers: null }
}

/** What the host said went wrong, in the caller's words: the status alone decides which. */
function reply(asked: Frame, status: number, message: string): WholeMessage {
  const { frame, body } = asked.protocol.reply(asked, Outcome.FaultAbort, message, status)
  frame.last = body === null
  return { frame, body, trailers: null }
}
