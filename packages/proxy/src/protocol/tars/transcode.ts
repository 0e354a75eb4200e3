import { bad, good } from '@tulle/core'
import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type WholeMessage,
} from '../../transcoder.ts'
import { readArguments, readResult, writeArguments, writeResult } from './body.ts'
import { versionOf } from './decode.ts'
import { frameOf } from './encode.ts'
import { fields } from './field.ts'
import { AnswerTag, isAnswerStruct, RequestTag, Version } from './frame.ts'
import { each, fifthAt, method, service, textOf, timeoutMs } from './header.ts'
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
  return {
    configure(services, at) {
      const problems = unsayable(services, at)
      return problems.length > 0 ? bad(...problems) : good(new TarsTongue(tars, services))
    },
  }
}

/** Any id does: what sends the request gives it one of its own. */
const ANY_ID = 1
const MAX_INT = 0x7fffffff
const NOTHING = Buffer.alloc(0)

interface Entry {
  readonly service: ServiceInterface
  readonly method: Method
}

class TarsTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #servants: ReadonlyMap<string, ReadonlyMap<string, Entry>>

  constructor(protocol: Protocol, services: readonly ServiceInterface[]) {
    this.#protocol = protocol
    this.#servants = new Map(
      services.map((one) => [
        nameIn('tars', one),
        new Map(one.methods.map((each) => [nameIn('tars', each), { service: one, method: each }])),
      ]),
    )
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const entry = this.#find(frame)
    const body = bytesOf(frame, RequestTag.Bytes, 'arguments')
    return {
      ...entry,
      args: readArguments(versionOf(frame), body, entry.method, entry.service.structs),
      headers: headersOf(frame),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || entry.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const bytes = requestBytes({
      version: Version.Tars,
      oneway: call.oneway,
      id: ANY_ID,
      servant: nameIn('tars', call.service),
      method: nameIn('tars', call.method),
      bytes: writeArguments(call.method, call.args, call.service.structs),
      timeoutMs: Math.min(Math.ceil(call.timeoutMs), MAX_INT),
      context: call.headers,
    })
    const kind = call.oneway ? FrameKind.Oneway : FrameKind.Request
    return whole(frameOf(this.#protocol, kind, ANY_ID, bytes))
  }

  readAnswer({ frame }: WholeMessage, call: CommonCall): CommonAnswer {
    if (!isAnswerStruct(frame.view))
      throw new Untranslatable('result', 'is in the form of TUP, in which nobody asked')
    const headers = headersOf(frame)
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

  writeAnswer(
    answer: Exclude<CommonAnswer, { readonly kind: 'failure' }>,
    call: CommonCall,
    request: Frame,
  ): WholeMessage {
    const version = versionOf(request)
    const threw = answer.kind === 'exception'
    const { returns } = call.method
    const bytes = answerBytes({
      version,
      id: request.id,
      result: threw ? resultOf(answer.detail) : TarsResult.Success,
      description: threw ? described(answer) : '',
      bytes: writeResult(version, threw ? null : answer.value, returns, call.service.structs),
      context: answer.headers,
    })
    return whole(frameOf(this.#protocol, FrameKind.Response, request.id, bytes))
  }

  #find(frame: Frame): Entry {
    const name = service(frame) ?? ''
    const servant = this.#servants.get(name)
    if (servant === undefined) {
      const why = `"${name}" is not declared; there is ${list(this.#servants)}`
      throw new Untranslatable('sServantName', why, 404)
    }
    const called = method(frame) ?? ''
    const entry = servant.get(called)
    if (entry === undefined) {
      const why = `"${name}" has no "${called}"; it has ${list(servant)}`
      throw new Untranslatable('sFuncName', why, 404)
    }
    return entry
  }
}

function list(named: ReadonlyMap<string, unknown>): string {
  return [...named.keys()].slice(0, 8).join(', ')
}

function whole(frame: Frame): WholeMessage {
  return { frame, body: null, trailers: null }
}

/** The bytes in which arguments or a result lie. */
function bytesOf(frame: Frame, tag: number, at: string): Buffer {
  const { buf, end } = frame
  if (!fields.seek(buf, fifthAt(frame), end, tag)) return NOTHING
  if (!fields.isBytes()) throw new Untranslatable(at, 'are no bytes')
  return buf.subarray(fields.textStart, fields.textEnd)
}

function headersOf(frame: Frame): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  each(frame, (name, value) => headers.set(name, value))
  return headers
}

/** A number above 0 is a servant's own; anything else is lost. */
function resultOf(detail: unknown): number {
  const own = typeof detail === 'number' && Number.isInteger(detail)
  return own && detail > 0 && detail <= MAX_INT ? detail : TarsResult.Unknown
}

function described({ type, message }: Extract<CommonAnswer, { kind: 'exception' }>): string {
  if (type === '') return message
  return message === '' ? type : `${type}: ${message}`
}
