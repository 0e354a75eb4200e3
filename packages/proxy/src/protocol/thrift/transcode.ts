import { type Member, type Method, nameIn, type Struct } from '@tulle/model'
import { Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import type { Callees } from '../../transcode/callees.ts'
import { exceptionText } from '../../transcode/exception-text.ts'
import { headersOf } from '../../transcode/headers.ts'
import { rpcTranscoder } from '../../transcode/rpc-transcoder.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type ExceptionAnswer,
  type MethodAnswer,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type Value,
  type WholeMessage,
  whole,
} from '../../transcoder.ts'
import { exceptionBody, type Fields, thrown } from './body-exception.ts'
import { applyEdits } from './edit.ts'
import { headerSeqIdOf, reply } from './encode.ts'
import { ExceptionType } from './exception.ts'
import { Form, MessageType, Transport } from './frame.ts'
import { methodAt, timeoutMs } from './header.ts'
import { message, type Voice, voice, wrap } from './message.ts'
import { calleeOf, mannerOf, naming } from './naming.ts'
import { place } from './place.ts'
import { readBody } from './read-body.ts'
import { unsayable } from './sayable.ts'
import { toHttp } from './status.ts'
import { writeBody } from './write-body.ts'

/**
 * Calls of Thrift, by the numbers that parameters, fields and exceptions are declared with. Requests and answers of every
 * transport and form are understood, and answered in theirs; `mannerOf` says how hosts are called. Headers travel where
 * the transport has some.
 */
export function thriftTranscoder(thrift: Protocol): Transcoder {
  return rpcTranscoder(naming, unsayable, (callees) => new ThriftTongue(thrift, callees))
}

/** Any id does: what sends the request gives it one of its own. */
const ANY_ID = 1
const NOTHING = Buffer.alloc(0)
/** Headers by which the transports themselves find their way; the rest is the caller's. */
const OWN: ReadonlySet<string> = new Set([
  'transport_type',
  'to_service',
  'to_method',
  'msg_type',
  'rpc_timeout',
  'client_timeout',
  'isn',
  'svc',
])
const APPLICATION: readonly Member[] = [
  { name: 'message', type: { kind: 'string' }, id: 1, java: '' },
  { name: 'type', type: { kind: 'i32' }, id: 2, java: '' },
]
const NO_STRUCTS: ReadonlyMap<string, Struct> = new Map()

class ThriftTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #callees: Callees

  constructor(protocol: Protocol, callees: Callees) {
    this.#protocol = protocol
    this.#callees = callees
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const callee = calleeOf(frame, this.#callees)
    const { parameters } = callee.method
    const fields = bodyOf(frame, parameters, callee.service.structs, 'arguments')
    return {
      ...callee,
      args: parameters.map(({ id }) => fields.get(id) ?? null),
      headers: headersOf(frame, isOwn),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || callee.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { service, method, oneway } = call
    const { voice: spoken, name } = mannerOf(service)!
    const type = oneway ? MessageType.Oneway : MessageType.Call
    const body = writeBody(
      spoken.form,
      method.parameters,
      call.args,
      service.structs,
      (one) => `arguments.${one.name}`,
    )
    const called = nameIn('thrift', method)
    const inMessage = name !== '' && spoken.transport !== Transport.TTHeader
    const said = Buffer.from(inMessage ? `${name}:${called}` : called)
    const bytes = wrap(spoken, ANY_ID, NOTHING, message(spoken.form, type, said, ANY_ID, body))
    const kind = oneway ? FrameKind.Oneway : FrameKind.Request
    const frame = this.#frame(kind, ANY_ID, ANY_ID, spoken, bytes)
    addHeaders(frame, call.headers)
    addWay(frame, call, spoken, name, called)
    if (!applyEdits(frame)) throw new Untranslatable('headers', 'are more than fit a THeader')
    return whole(frame)
  }

  readAnswer({ frame }: WholeMessage, { service, method }: CommonCall): CommonAnswer {
    if (place.of(frame).type === MessageType.Exception) return failureIn(frame)
    const { structs } = service
    const result: Member = { name: 'result', type: method.returns, id: 0, java: '' }
    const throws = method.throws.map((one) => ({ ...one, name: 'exception' }))
    const known = method.returns.kind === 'void' ? throws : [result, ...throws]
    const headers = headersOf(frame, isOwn)
    const fields = bodyOf(frame, known, structs, '')
    for (const { id, type } of method.throws)
      if (fields.has(id) && type.kind === 'struct')
        return thrown(structs.get(type.name)!, fields.get(id) as Fields, headers)
    return { kind: 'value', value: fields.get(0) ?? null, headers }
  }

  writeAnswer(answer: MethodAnswer, { service, method }: CommonCall, request: Frame): WholeMessage {
    place.of(request)
    const spoken = voice()
    const name = request.buf.subarray(methodAt(request.buf), place.nameEnd)
    const body =
      answer.kind === 'exception'
        ? exceptionBody(answer, method, service.structs, spoken.form)
        : resultBody(answer.value, method, service.structs, spoken.form)
    if (body === null) {
      const said = exceptionText(answer as ExceptionAnswer)
      return whole(reply(request, ExceptionType.InternalError, said))
    }
    const content = message(spoken.form, MessageType.Reply, name, request.id, body)
    const seqId = headerSeqIdOf(request)
    const bytes = wrap(spoken, seqId, NOTHING, content)
    const frame = this.#frame(FrameKind.Response, request.id, seqId, spoken, bytes)
    addHeaders(frame, answer.headers)
    // An answer is worth more than its headers.
    if (!applyEdits(frame)) frame.edits = null
    return whole(frame)
  }

  #frame(kind: FrameKind, id: number, seqId: number, spoken: Voice, bytes: Buffer): Frame {
    const view = spoken.transport === Transport.Framed ? null : seqId
    return new Frame(this.#protocol, kind, id, bytes, 0, bytes.length, true, view)
  }
}

function bodyOf(
  frame: Frame,
  members: readonly Member[],
  structs: ReadonlyMap<string, Struct>,
  at: string,
): ReadonlyMap<number, Value> {
  const { form, bodyAt } = place.of(frame)
  if (form === Form.Protobuf)
    throw new Untranslatable('body', 'is written in protobuf; only Thrift is known here')
  return readBody(form, frame.buf.subarray(bodyAt, frame.end), members, structs, at)
}

function isOwn(name: string): boolean {
  return OWN.has(name)
}

/** Frames without a header transport have no place for headers: they are left out. */
function addHeaders(frame: Frame, headers: ReadonlyMap<string, string>): void {
  if (frame.view === null) return
  for (const [name, value] of headers) if (!isOwn(name)) frame.set(name, value)
}

/** What header transports want to know of a call. */
function addWay(
  frame: Frame,
  { timeoutMs: ms, oneway }: CommonCall,
  { transport }: Voice,
  service: string,
  method: string,
): void {
  const timeout = String(Math.ceil(ms))
  if (transport === Transport.THeader && ms > 0) frame.set('client_timeout', timeout)
  if (transport !== Transport.TTHeader) return
  if (service !== '') frame.set('to_service', service)
  frame.set('to_method', method)
  frame.set('msg_type', String(oneway ? MessageType.Oneway : MessageType.Call))
  if (ms > 0) frame.set('rpc_timeout', timeout)
}

function failureIn(frame: Frame): CommonAnswer {
  const fields = bodyOf(frame, APPLICATION, NO_STRUCTS, 'exception')
  const text = fields.get(1)
  const type = fields.get(2)
  const code = typeof type === 'number' ? type : ExceptionType.Unknown
  const message = typeof text === 'string' ? text : `the host answered exception ${code}`
  return { kind: 'failure', status: toHttp(code), message }
}

/** A result that is null is left out, which clients take for the lack of one: Thrift cannot say null. */
function resultBody(
  value: Value,
  { returns }: Method,
  structs: ReadonlyMap<string, Struct>,
  form: Form,
): Buffer {
  if (returns.kind === 'void') return writeBody(form, [], [], structs, () => 'result')
  const result: Member = { name: 'result', type: returns, id: 0, java: '' }
  return writeBody(form, [result], [value], structs, () => 'result')
}
