import { nameIn } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import type { Callees } from '../../transcode/callees.ts'
import { exceptionText } from '../../transcode/exception-text.ts'
import { headersOf } from '../../transcode/headers.ts'
import { rpcTranscoder } from '../../transcode/rpc-transcoder.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type MethodAnswer,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type WholeMessage,
  whole,
} from '../../transcoder.ts'
import { readArguments, readResult, writeArguments, writeResult } from './body.ts'
import { versionOf } from './decode.ts'
import { frameOf } from './encode.ts'
import { fields } from './field.ts'
import { AnswerTag, isAnswerStruct, RequestTag, Version } from './frame.ts'
import { fifthAt, method, service, textOf, timeoutMs } from './header.ts'
import { naming } from './naming.ts'
import { answerBytes, requestBytes } from './packet.ts'
import { unsayable } from './sayable.ts'
import { resultAt, TarsResult, toHttp } from './status.ts'

/**
 * Calls of Tars. Written are packets of version 1; read are those of TUP and with JSON too, and each is answered in its
 * own. Arguments have the numbers of their parameters as tags, fields of structs theirs less one: tags of Tars count
 * from 0. There are no parameters by which a method gives something back.
 *
 * Exceptions are results: a servant's own (above 0) comes as `detail`, and -99 is what hosts make of a method that threw.
 * All others say that the method was not reached, or did not end.
 */
export function tarsTranscoder(tars: Protocol): Transcoder {
  return rpcTranscoder(naming, unsayable, (callees) => new TarsTongue(tars, callees))
}

/** Any id does: what sends the request gives it one of its own. */
const ANY_ID = 1
const MAX_INT = 0x7fffffff
const NOTHING = Buffer.alloc(0)

class TarsTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #callees: Callees

  constructor(protocol: Protocol, callees: Callees) {
    this.#protocol = protocol
    this.#callees = callees
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const callee = this.#callees.find(service(frame) ?? '', method(frame) ?? '')
    const body = bytesOf(frame, RequestTag.Bytes, 'arguments')
    return {
      ...callee,
      args: readArguments(versionOf(frame), body, callee),
      headers: headersOf(frame, isOwn),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || callee.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const bytes = requestBytes({
      version: Version.Tars,
      oneway: call.oneway,
      id: ANY_ID,
      servant: nameIn('tars', call.service),
      method: nameIn('tars', call.method),
      bytes: writeArguments(call),
      timeoutMs: Math.min(Math.ceil(call.timeoutMs), MAX_INT),
      context: call.headers,
    })
    const kind = call.oneway ? FrameKind.Oneway : FrameKind.Request
    return whole(frameOf(this.#protocol, kind, ANY_ID, bytes))
  }

  readAnswer({ frame }: WholeMessage, call: CommonCall): CommonAnswer {
    if (!isAnswerStruct(frame.view))
      throw new Untranslatable('result', 'is in the form of TUP, in which nobody asked')
    const headers = headersOf(frame, isOwn)
    const result = resultAt(frame)
    if (result !== TarsResult.Success) {
      const message = textOf(frame, AnswerTag.Description) ?? ''
      if (result < 0 && result !== TarsResult.Unknown)
        return { kind: 'failure', status: toHttp(result), message: message || `result ${result}` }
      const detail = result > 0 ? result : null
      return { kind: 'exception', type: '', message, detail, headers }
    }
    const body = bytesOf(frame, AnswerTag.Bytes, 'result')
    const value = readResult(body, call.method.returns, call.service.structs)
    return { kind: 'value', value, headers }
  }

  writeAnswer(answer: MethodAnswer, call: CommonCall, request: Frame): WholeMessage {
    const version = versionOf(request)
    const threw = answer.kind === 'exception'
    const { returns } = call.method
    const bytes = answerBytes({
      version,
      id: request.id,
      result: threw ? resultOf(answer.detail) : TarsResult.Success,
      description: threw ? exceptionText(answer) : '',
      bytes: writeResult(version, threw ? null : answer.value, returns, call.service.structs),
      context: answer.headers,
    })
    return whole(frameOf(this.#protocol, FrameKind.Response, request.id, bytes))
  }
}

/** The bytes in which arguments or a result lie. */
function bytesOf(frame: Frame, tag: number, at: string): Buffer {
  const { buf, end } = frame
  if (!fields.seek(buf, fifthAt(frame), end, tag)) return NOTHING
  if (!fields.isBytes()) throw new Untranslatable(at, 'are no bytes')
  return buf.subarray(fields.textStart, fields.textEnd)
}

/** All headers are the caller's. */
function isOwn(): boolean {
  return false
}

/** A number above 0 is a servant's own; anything else is lost. */
function resultOf(detail: unknown): number {
  const own = typeof detail === 'number' && Number.isInteger(detail)
  return own && detail > 0 && detail <= MAX_INT ? detail : TarsResult.Unknown
}
