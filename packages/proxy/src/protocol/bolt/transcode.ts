import { nameIn } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import type { Callees } from '../../transcode/callees.ts'
import { headersOf } from '../../transcode/headers.ts'
import { HessianWriter, JavaObject } from '../../transcode/hessian.ts'
import { isException, throwable, thrown } from '../../transcode/java-exception.ts'
import { argumentsFromJava, fromJava } from '../../transcode/java-read.ts'
import { needClasses } from '../../transcode/java-type.ts'
import { JavaWriting, typed } from '../../transcode/java-write.ts'
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
import { contentOf, dialectOf, objectIn, readerOf, SOFA_REQUEST, SOFA_RESPONSE } from './body.ts'
import { statusAt, timeoutMs } from './decode.ts'
import { pairBytes } from './edit.ts'
import { compose, ERROR_HEADER, type Voice, voiceOf } from './encode.ts'
import { CodecId, Generation, MAX_SHORT_LENGTH } from './frame.ts'
import { header, methodHeader, service } from './header.ts'
import { naming, signatures, uniqueName } from './naming.ts'
import { BoltStatus, toHttp } from './status.ts'

/**
 * Calls of SOFARPC with contents in Hessian: `SofaRequest` with the arguments behind it, and `SofaResponse`. Requests are
 * written in version 1 and the dialect that all peers read; answers in the version and the dialect of their request.
 */
export function boltTranscoder(bolt: Protocol): Transcoder {
  return rpcTranscoder(naming, needClasses, (callees) => new BoltTongue(bolt, callees))
}

const SERVICE = 'service'
const TARGET_SERVICE = 'sofa_head_target_service'
const METHOD = 'sofa_head_method_name'
const FAILED = 'sofa_head_response_error'
/** Headers by which SOFA itself finds its way; the rest is the caller's. */
const OWN = /^(?:service|sofa_head_.*|type|protocol|tulle_error)$/
/** What SOFA keeps together; in the header map its parts have the prefix. */
const TRACE = 'rpc_trace_context'
const STRINGS = '[java.lang.String'
/** Any id does: what sends the request gives it one of its own. */
const ANY_ID = 1
const VERSION_1: Voice = { key: Generation.V1 << 8, checked: false, codec: CodecId.Hessian }
const REQUEST_CLASS = Buffer.from(SOFA_REQUEST)
const RESPONSE_CLASS = Buffer.from(SOFA_RESPONSE)

class BoltTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #callees: Callees

  constructor(protocol: Protocol, callees: Callees) {
    this.#protocol = protocol
    this.#callees = callees
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const reader = readerOf(frame)
    const { fields } = objectIn(reader, SOFA_REQUEST)
    // Java hosts go by the header where both are there, and so do routes.
    const target = service(frame) ?? textOf(fields.get('targetServiceUniqueName'))
    const called = methodHeader(frame) ?? textOf(fields.get('methodName'))
    const types = typesIn(fields.get('methodArgSigs'))
    const callee = this.#callees.find(target, called, types.join())
    const read = types.map(() => reader.read('arguments'))
    return {
      ...callee,
      args: argumentsFromJava(read, callee),
      headers: headersIn(frame, fields.get('requestProps')),
      timeoutMs: Math.max(timeoutMs(frame), 0),
      oneway: frame.kind === FrameKind.Oneway || callee.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { service, method } = call
    const target = uniqueName(service)
    const called = nameIn('bolt', method)
    const headers = [...call.headers].filter(([name]) => !isOwn(name))
    const writer = new HessianWriter('draft').write(
      typed(SOFA_REQUEST, {
        methodName: called,
        methodArgSigs: typed(STRINGS, signatures(method, service)),
        targetServiceUniqueName: target,
        targetAppName: null,
        requestProps: propsOf(headers),
      }),
    )
    for (const one of new JavaWriting(service.structs).arguments(call)) writer.write(one)
    const named: [string, string][] = [
      [SERVICE, target],
      [TARGET_SERVICE, target],
      [METHOD, called],
    ]
    const kind = call.oneway ? FrameKind.Oneway : FrameKind.Request
    // 0 does not say; sofa-rpc-node answers nothing to a request that waits less than no time.
    const left = Math.max(Math.ceil(call.timeoutMs), 0)
    const map = mapOf([...named, ...headers])
    const content = writer.bytes()
    return whole(
      compose(this.#protocol, kind, ANY_ID, VERSION_1, left, map, REQUEST_CLASS, content),
    )
  }

  readAnswer({ frame }: WholeMessage, call: CommonCall): CommonAnswer {
    const status = statusAt(frame)
    if (status !== BoltStatus.Success)
      return { kind: 'failure', status: toHttp(status), message: messageOf(frame, status) }
    const { structs } = call.service
    const { fields } = objectIn(readerOf(frame), SOFA_RESPONSE)
    if (fields.get('isError') === true)
      return { kind: 'failure', status: 500, message: textOf(fields.get('errorMsg')) }
    const headers = headersIn(frame, fields.get('responseProps'))
    const read = fields.get('appResponse')
    if (header(frame, FAILED) === 'true' || isException(read)) return thrown(read, structs, headers)
    return { kind: 'value', value: fromJava(read, call.method.returns, structs, 'result'), headers }
  }

  writeAnswer(answer: MethodAnswer, call: CommonCall, request: Frame): WholeMessage {
    const { structs } = call.service
    const failed = answer.kind === 'exception'
    const appResponse = failed
      ? throwable(answer, structs)
      : new JavaWriting(structs).value(answer.value, call.method.returns)
    const headers = [...answer.headers].filter(([name]) => !isOwn(name))
    const writer = new HessianWriter(dialectOf(contentOf(request))).write(
      typed(SOFA_RESPONSE, {
        isError: false,
        errorMsg: null,
        appResponse,
        responseProps: propsOf(headers),
      }),
    )
    const map = mapOf(failed ? [[FAILED, 'true'], ...headers] : headers)
    const { id } = request
    const voice = voiceOf(request)
    const content = writer.bytes()
    return whole(
      compose(
        this.#protocol,
        FrameKind.Response,
        id,
        voice,
        BoltStatus.Success,
        map,
        RESPONSE_CLASS,
        content,
      ),
    )
  }
}

function textOf(read: unknown): string {
  return typeof read === 'string' ? read : ''
}

/** There are as many arguments as types are told. */
function typesIn(signatures: unknown): readonly string[] {
  if (Array.isArray(signatures)) return signatures.map(textOf)
  if (signatures === null || signatures === undefined) return []
  throw new Untranslatable('arguments', 'come without a list of their types')
}

function isOwn(name: string): boolean {
  return OWN.test(name)
}

/** What travels beside, in the header map or, as sofa-rpc-node has it, in the content: text alone. */
function headersIn(frame: Frame, props: unknown): Map<string, string> {
  const headers = new Map<string, string>()
  flatten(props, '', headers)
  for (const name of headers.keys()) if (isOwn(name)) headers.delete(name)
  for (const [name, value] of headersOf(frame, isOwn)) headers.set(name, value)
  return headers
}

function flatten(props: unknown, prefix: string, into: Map<string, string>): void {
  if (!(props instanceof Map)) return
  for (const [name, value] of props as Map<unknown, unknown>) {
    if (typeof value === 'string') into.set(`${prefix}${String(name)}`, value)
    // One below another: that is all SOFA writes, and so nothing can point back to itself.
    else if (prefix === '') flatten(value, `${String(name)}.`, into)
  }
}

/** The same as Java has it in an object; null where there is nothing. */
function propsOf(headers: readonly (readonly [string, string])[]): Map<string, unknown> | null {
  if (headers.length === 0) return null
  const props = new Map<string, unknown>()
  const trace = new Map<string, string>()
  for (const [name, value] of headers)
    if (name.startsWith(`${TRACE}.`)) trace.set(name.slice(TRACE.length + 1), value)
    else props.set(name, value)
  if (trace.size > 0) props.set(TRACE, trace)
  return props
}

function mapOf(pairs: readonly (readonly [string, string])[]): Buffer {
  const map = Buffer.concat(pairs.map(([name, value]) => pairBytes(name, value)))
  if (map.length <= MAX_SHORT_LENGTH) return map
  const why = `take ${map.length} bytes; a Bolt frame has room for ${MAX_SHORT_LENGTH}`
  throw new Untranslatable('headers', why)
}

/** What a host has to say against a call: an exception, a text, or, where the proxy of a hop answers, a header. */
function messageOf(frame: Frame, status: number): string {
  const told = header(frame, ERROR_HEADER)
  if (told !== undefined) return told
  const nothing = `the host answered status ${status}`
  if (contentOf(frame).length === 0) return nothing
  try {
    const read = readerOf(frame).read('result')
    if (typeof read === 'string') return read
    const message = read instanceof JavaObject ? thrown(read, new Map(), new Map()).message : ''
    return message || nothing
  } catch (error) {
    if (error instanceof Untranslatable) return nothing
    throw error
  }
}
