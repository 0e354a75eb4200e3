import { gunzipSync } from 'node:zlib'
import { bad, good, type Problem } from '@tulle/core'
import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import {
  decodeGrpcMessage,
  encodeGrpcMessage,
  GrpcStatus,
  grpcCode,
  grpcName,
  grpcTimeoutText,
  grpcToHttp,
} from '../http/grpc.ts'
import { PlainHead, plainRequest, plainResponse, plainTrailers } from '../http/plain.ts'
import type { HttpHead } from '../http.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type WholeMessage,
} from '../transcoder.ts'
import { carriedIn, putCarried } from './http-headers.ts'
import { type Messages, messagesOf } from './protobuf.ts'

/** Calls of gRPC with one message each way; an exception is UNKNOWN, its class beside it in `exception-type`. */
export const grpcTranscoder: Transcoder = {
  configure(services, at) {
    const problems: Problem[] = []
    const entries = services.flatMap((service, i) => {
      const messages = messagesOf(service, `${at}[${i}]`, problems)
      return service.methods.map((method) => ({
        path: `/${nameIn('grpc', service)}/${nameIn('grpc', method)}`,
        service,
        method,
        messages: messages.get(method)!,
      }))
    })
    return problems.length > 0 ? bad(...problems) : good(new GrpcTongue(entries))
  },
}

interface Entry {
  readonly path: string
  readonly service: ServiceInterface
  readonly method: Method
  readonly messages: Messages
}

const PREFIX_BYTES = 5
/** A few bytes may stand for a great many. */
const MAX_UNZIPPED_BYTES = 64 * 1024 * 1024
const EXCEPTION_TYPE = 'exception-type'
/** Codes that say the method was not reached or did not end, with those for which HTTP has no own word. */
const FAILURES: readonly number[] = [
  GrpcStatus.CANCELLED,
  GrpcStatus.DEADLINE_EXCEEDED,
  GrpcStatus.RESOURCE_EXHAUSTED,
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.UNAVAILABLE,
  GrpcStatus.UNAUTHENTICATED,
  GrpcStatus.PERMISSION_DENIED,
]

class GrpcTongue implements Tongue {
  readonly #byPath: ReadonlyMap<string, Entry>
  readonly #byMethod: ReadonlyMap<Method, Entry>

  constructor(entries: readonly Entry[]) {
    this.#byPath = new Map(entries.map((entry) => [entry.path, entry]))
    this.#byMethod = new Map(entries.map((entry) => [entry.method, entry]))
  }

  readCall({ frame, body }: WholeMessage): CommonCall {
    const path = frame.header(':path') ?? ''
    const entry = this.#byPath.get(path)
    if (entry === undefined) {
      const known = [...this.#byPath.keys()].slice(0, 8).join(', ')
      throw new Untranslatable(':path', `no method is called by ${path}; there is ${known}`, 404)
    }
    const { service, method, messages } = entry
    const head = frame.view as HttpHead
    const message = messageIn(head, body, 'arguments')
    const args = messages.request.decode(message, 'arguments')
    const { oneway } = method
    return { service, method, args, headers: carriedIn(frame), timeoutMs: 0, oneway }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { path, messages } = this.#byMethod.get(call.method)!
    const body = framed(messages.request.encode(call.args))
    const fields: [string, string][] = [['content-type', 'application/grpc+proto']]
    if (call.timeoutMs > 0) fields.push(['grpc-timeout', grpcTimeoutText(call.timeoutMs)])
    putCarried(fields, call.headers)
    const authority = nameIn('grpc', call.service)
    const told = { method: 'POST', path, authority, takesTrailers: true, fields }
    return { frame: plainRequest(new PlainHead(told), false), body, trailers: null }
  }

  readAnswer({ frame, body, trailers }: WholeMessage, call: CommonCall): CommonAnswer {
    const head = frame.view as HttpHead
    const end = (trailers ?? frame).view as HttpHead
    const code = grpcCode(end.header('grpc-status'))
    if (code < 0 && head.status !== 200)
      return { kind: 'failure', status: head.status, message: `the host answered ${head.status}` }
    if (code < 0) throw new Untranslatable('grpc-status', 'the host ended its answer without one')
    if (code !== GrpcStatus.OK) return failed(code, end)
    const { messages } = this.#byMethod.get(call.method)!
    const [value = null] = messages.response.decode(messageIn(head, body, 'result'), 'result')
    return { kind: 'value', value, headers: carriedIn(frame) }
  }

  writeAnswer(answer: Exclude<CommonAnswer, { kind: 'failure' }>, call: CommonCall): WholeMessage {
    const fields: [string, string][] = [['content-type', 'application/grpc+proto']]
    putCarried(fields, answer.headers)
    if (answer.kind === 'exception') {
      fields.push(['grpc-status', String(GrpcStatus.UNKNOWN)])
      fields.push(['grpc-message', encodeGrpcMessage(answer.message)])
      if (answer.type !== '') fields.push([EXCEPTION_TYPE, encodeGrpcMessage(answer.type)])
      const head = new PlainHead({ status: 200, fields })
      return { frame: plainResponse(head, true), body: null, trailers: null }
    }
    const { messages } = this.#byMethod.get(call.method)!
    const body = framed(messages.response.encode([answer.value]))
    const head = new PlainHead({ status: 200, fields })
    return {
      frame: plainResponse(head, false),
      body,
      trailers: plainTrailers([['grpc-status', '0']]),
    }
  }
}

function failed(code: number, end: HttpHead): CommonAnswer {
  const said = decodeGrpcMessage(end.header('grpc-message') ?? '')
  const type = decodeGrpcMessage(end.header(EXCEPTION_TYPE) ?? '')
  if (type === '' && FAILURES.includes(code))
    return { kind: 'failure', status: grpcToHttp(code), message: said || grpcName(code) }
  const name = type || (code === GrpcStatus.UNKNOWN ? '' : grpcName(code))
  return { kind: 'exception', type: name, message: said, detail: null, headers: new Map() }
}

/** The one message of a call or an answer (gRPC over HTTP/2, "Length-Prefixed-Message"). */
function messageIn(head: HttpHead, body: Buffer | null, what: string): Uint8Array {
  if (body === null || body.length < PREFIX_BYTES) throw new Untranslatable(what, 'no message came')
  const length = body.readUInt32BE(1)
  if (body.length !== PREFIX_BYTES + length)
    throw new Untranslatable(what, 'more than one message came: streams cannot be converted')
  const message = body.subarray(PREFIX_BYTES)
  if (body[0] === 0) return message
  const encoding = head.header('grpc-encoding') ?? 'identity'
  if (encoding === 'gzip') return unzipped(message, what)
  throw new Untranslatable(what, `is compressed by "${encoding}"; only gzip is known here`)
}

function unzipped(message: Buffer, what: string): Buffer {
  try {
    return gunzipSync(message, { maxOutputLength: MAX_UNZIPPED_BYTES })
  } catch (error) {
    throw new Untranslatable(what, `cannot be decompressed: ${(error as Error).message}`)
  }
}

function framed(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  message.copy(framed, PREFIX_BYTES)
  return framed
}
