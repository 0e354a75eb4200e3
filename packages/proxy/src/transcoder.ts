import type { Result } from '@tulle/core'
import type { Method, ServiceInterface } from '@tulle/model'
import type { Frame } from './frame.ts'

/**
 * A value as every protocol can say it. Objects are structs, or maps whose keys are text; whole numbers beyond 2⁵³ are
 * bigints, and times are dates.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

/** A call in words that all protocols share. */
export interface CommonCall {
  readonly service: ServiceInterface
  readonly method: Method
  /** One for each parameter of the method, in order, as its type wants them. */
  readonly args: readonly Value[]
  /** What travels beside the arguments: headers, attachments, metadata. */
  readonly headers: ReadonlyMap<string, string>
  /** How long the caller waits, milliseconds: 0 does not say. */
  readonly timeoutMs: number
  readonly oneway: boolean
}

/** What came of a call. */
export type CommonAnswer = MethodAnswer | FailureAnswer

/** What a method gave back, or threw. */
export type MethodAnswer = ValueAnswer | ExceptionAnswer

/** The method gave something back; null is nothing. */
export interface ValueAnswer {
  readonly kind: 'value'
  readonly value: Value
  readonly headers: ReadonlyMap<string, string>
}

/** The method threw. */
export interface ExceptionAnswer {
  readonly kind: 'exception'
  /** Its class or name, such as `com.shop.SoldOut`; empty where the protocol does not say. */
  readonly type: string
  readonly message: string
  /** What else it carries; null is nothing. */
  readonly detail: Value
  readonly headers: ReadonlyMap<string, string>
}

/** The method was not reached, or did not get to an end; `status` in HTTP's words. */
export interface FailureAnswer {
  readonly kind: 'failure'
  readonly status: number
  readonly message: string
}

/** A message of a protocol, whole. */
export interface WholeMessage {
  readonly frame: Frame
  /** Behind the head, where the protocol's data streams; null otherwise, and where there is none. */
  readonly body: Buffer | null
  readonly trailers: Frame | null
}

/** The message that a frame is by itself. */
export function whole(frame: Frame): WholeMessage {
  return { frame, body: null, trailers: null }
}

/** How the calls of some services are said in one protocol. What cannot be said is thrown as `Untranslatable`. */
export interface Tongue {
  readCall(request: WholeMessage): CommonCall
  /** The call as a request. A one-way call is a frame of that kind where the protocol has it. */
  writeCall(call: CommonCall): WholeMessage
  readAnswer(answer: WholeMessage, call: CommonCall): CommonAnswer
  /** The answer to `request`, which `readCall` made `call` of. Failures are told by `Protocol.reply` instead. */
  writeAnswer(answer: MethodAnswer, call: CommonCall, request: Frame): WholeMessage
}

/** What turns messages of a protocol into common calls and back. */
export interface Transcoder {
  /**
   * The tongue for these services. A type that the protocol cannot say, or a number that it needs and nobody gave, is a
   * problem with its place below `at`.
   */
  configure(services: readonly ServiceInterface[], at: string): Result<Tongue>
}

/** A call or an answer that cannot be said in a protocol: which of its parts, and why. */
export class Untranslatable extends Error {
  /** Such as `arguments.count` or `result.items[2].price`. */
  readonly field: string
  readonly why: string
  /** What a caller is told by, in HTTP's words. */
  readonly status: number

  constructor(field: string, why: string, status = 400) {
    super(`${field}: ${why}`)
    this.name = 'Untranslatable'
    this.field = field
    this.why = why
    this.status = status
  }
}
