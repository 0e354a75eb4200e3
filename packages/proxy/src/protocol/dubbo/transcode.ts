import { nameIn } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import type { Callees } from '../../transcode/callees.ts'
import { headersOf } from '../../transcode/headers.ts'
import { HessianWriter } from '../../transcode/hessian.ts'
import { throwable, thrown } from '../../transcode/java-exception.ts'
import { argumentsFromJava, fromJava } from '../../transcode/java-read.ts'
import { isBuiltIn, javaType, needClasses } from '../../transcode/java-type.ts'
import { JavaWriting } from '../../transcode/java-write.ts'
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
import {
  calledWith,
  INVOKE,
  isInvoke,
  isOwn,
  kindOf,
  messageOf,
  needHessian,
  resultIn,
  takesAttachments,
} from './body.ts'
import { statusAt } from './decode.ts'
import { compose, highOf } from './encode.ts'
import { Flag, ResponseKind, Serialization, serializationAt, WITH_ATTACHMENTS } from './frame.ts'
import { method, NO_VERSION, service, timeoutMs } from './header.ts'
import { descriptorOf, naming, typesOf } from './naming.ts'
import { DubboStatus, toHttp } from './status.ts'

/**
 * Calls of Dubbo with bodies in Hessian. A method is called by the types its parameters have in Java; where one is an
 * object that only its class is known of (`any` with a class in `java`), the call is generic (`$invoke`): objects
 * travel as maps, and the host makes of them what its own method takes. Calls of both kinds are understood, and answered
 * in kind.
 */
export function dubboTranscoder(dubbo: Protocol): Transcoder {
  return rpcTranscoder(naming, needClasses, (callees) => new DubboTongue(dubbo, callees))
}

/** What every Dubbo since 2.6.3 says, and those understand who came before. */
const PROTOCOL_VERSION = '2.0.2'
const INVOKE_DESCRIPTOR = 'Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/Object;'
/** Any id does: what sends the request gives it one of its own. */
const ANY_ID = 1

class DubboTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #callees: Callees

  constructor(protocol: Protocol, callees: Callees) {
    this.#protocol = protocol
    this.#callees = callees
  }

  readCall({ frame }: WholeMessage): CommonCall {
    needHessian(frame)
    const name = service(frame)
    const called = method(frame)
    if (name === undefined || called === undefined)
      throw new Untranslatable('body', 'is no call that can be read')
    const { args, descriptor } = calledWith(frame)
    const callee = this.#callees.find(name, called, descriptor)
    return {
      ...callee,
      args: argumentsFromJava(args, callee),
      headers: headersOf(frame, isOwn),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || callee.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { version, structs } = call.service
    const types = typesOf(call.method, call.service)
    const generic = isGeneric(call)
    const args = new JavaWriting(structs, generic ? 'maps' : 'typed').arguments(call)
    const writer = new HessianWriter('final')
    writer.write(PROTOCOL_VERSION).write(nameIn('dubbo', call.service))
    writer.write(version === '' ? NO_VERSION : version)
    const name = nameIn('dubbo', call.method)
    if (generic) {
      writer.write(INVOKE).write(INVOKE_DESCRIPTOR).write(name)
      writer.write({ $class: '[string', $: types }).write({ $class: '[object', $: args })
    } else {
      writer.write(name).write(descriptorOf(types))
      for (const one of args) writer.write(one)
    }
    writer.write(attachmentsOf(call, generic))
    const kind = call.oneway ? FrameKind.Oneway : FrameKind.Request
    const flag = Flag.Request | (call.oneway ? 0 : Flag.TwoWay) | Serialization.Hessian2
    return whole(compose(this.#protocol, kind, flag, 0, 0, ANY_ID, writer.bytes()))
  }

  readAnswer({ frame }: WholeMessage, call: CommonCall): CommonAnswer {
    const status = statusAt(frame)
    if (status !== DubboStatus.Ok)
      return { kind: 'failure', status: toHttp(status), message: messageOf(frame, status) }
    needHessian(frame)
    const headers = headersOf(frame, isOwn)
    const { structs } = call.service
    switch (kindOf(frame)) {
      case ResponseKind.Null:
        return { kind: 'value', value: null, headers }
      case ResponseKind.Value: {
        const read = resultIn(frame)
        return {
          kind: 'value',
          value: fromJava(read, call.method.returns, structs, 'result'),
          headers,
        }
      }
      case ResponseKind.Exception:
        return thrown(resultIn(frame), structs, headers)
      default:
        throw new Untranslatable('result', 'is of no kind that Dubbo has')
    }
  }

  writeAnswer(answer: MethodAnswer, call: CommonCall, request: Frame): WholeMessage {
    const { structs } = call.service
    const generic = isInvoke(request)
    const writer = new HessianWriter('final')
    let kind: number = ResponseKind.Null
    if (answer.kind === 'exception') {
      kind = ResponseKind.Exception
      writer.write(throwable(answer, structs, generic))
    } else if (answer.value !== null) {
      kind = ResponseKind.Value
      const writing = new JavaWriting(structs, generic ? 'maps' : 'typed')
      writer.write(writing.value(answer.value, call.method.returns))
    }
    if (answer.headers.size > 0 && takesAttachments(request)) {
      kind += WITH_ATTACHMENTS
      writer.write(new Map(answer.headers))
    }
    const said = Buffer.concat([Buffer.from([kind]), writer.bytes()])
    const flag = serializationAt(request.buf, request.start)
    return whole(
      compose(
        this.#protocol,
        FrameKind.Response,
        flag,
        DubboStatus.Ok,
        highOf(request),
        request.id,
        said,
      ),
    )
  }
}

/** Whether some parameter is an object of which nothing but the class is known. */
function isGeneric({ service: { structs }, method: { parameters } }: CommonCall): boolean {
  return parameters.some(
    ({ type, java }) => type.kind === 'any' && !isBuiltIn(javaType(type, java, structs)),
  )
}

function attachmentsOf(call: CommonCall, generic: boolean): Map<string, string> {
  const { version, group } = call.service
  const name = nameIn('dubbo', call.service)
  const attachments = new Map([...call.headers].filter(([key]) => !isOwn(key)))
  attachments.set('path', name).set('interface', name).set('dubbo', PROTOCOL_VERSION)
  if (version !== '') attachments.set('version', version)
  if (group !== '') attachments.set('group', group)
  if (call.timeoutMs > 0) attachments.set('timeout', String(Math.ceil(call.timeoutMs)))
  if (generic) attachments.set('generic', 'true')
  return attachments
}
