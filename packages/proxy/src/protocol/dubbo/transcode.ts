import { bad, good } from '@tulle/core'
import { nameIn } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { Callees, type Naming } from '../../transcode/callees.ts'
import { HessianWriter } from '../../transcode/hessian.ts'
import { throwable, thrown } from '../../transcode/java-exception.ts'
import { fromJava } from '../../transcode/java-read.ts'
import { isBuiltIn, javaType, jvmType, needClasses } from '../../transcode/java-type.ts'
import { JavaWriting } from '../../transcode/java-write.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type WholeMessage,
} from '../../transcoder.ts'
import {
  argumentsOf,
  headersOf,
  INVOKE,
  isInvoke,
  kindOf,
  messageOf,
  needHessian,
  OWN,
  resultIn,
  takesAttachments,
} from './call-body.ts'
import { statusAt } from './decode.ts'
import { compose, highOf } from './encode.ts'
import { Flag, ResponseKind, Serialization, serializationAt, WITH_ATTACHMENTS } from './frame.ts'
import { method, service, timeoutMs } from './header.ts'
import { pathIn, serviceName } from './service-name.ts'
import { DubboStatus, toHttp } from './status.ts'

/**
 * Calls of Dubbo with bodies in Hessian. A method is called by the types its parameters have in Java; where one is an
 * object that only its class is known of (`any` with a class in `java`), the call is generic (`$invoke`): objects
 * travel as maps, and the host makes of them what its own method takes. Calls of both kinds are understood, and answered
 * in kind.
 */
export function dubboTranscoder(dubbo: Protocol): Transcoder {
  return {
    configure(services, at) {
      const problems = needClasses(services, at)
      if (problems.length > 0) return bad(...problems)
      return good(new DubboTongue(dubbo, new Callees(services, naming)))
    },
  }
}

const naming: Naming = {
  protocol: 'dubbo',
  full: (service) => serviceName(service.group, nameIn('dubbo', service), service.version),
  bare: pathIn,
}

/** What every Dubbo since 2.6.3 says, and those understand who came before. */
const PROTOCOL_VERSION = '2.0.2'
/** Of a service that has none. */
const NO_VERSION = '0.0.0'
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
    const callee = this.#callees.find(name, called)
    const { parameters } = callee.method
    const read = argumentsOf(frame)
    if (read.length !== parameters.length) {
      const why = `are ${read.length}; "${called}" takes ${parameters.length}`
      throw new Untranslatable('arguments', why)
    }
    const { structs } = callee.service
    const args = parameters.map((one, i) =>
      fromJava(read[i], one.type, structs, `arguments.${one.name}`),
    )
    return {
      ...callee,
      args,
      headers: headersOf(frame),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { version, structs } = call.service
    const { parameters } = call.method
    const types = parameters.map((one) => javaType(one.type, one.java, structs))
    const generic = isGeneric(call)
    const writing = new JavaWriting(structs, generic ? 'maps' : 'typed')
    const args = parameters.map((one, i) =>
      writing.argument(call.args[i] ?? null, one.type, one.java, `arguments.${one.name}`),
    )
    const writer = new HessianWriter('final')
    writer.write(PROTOCOL_VERSION).write(nameIn('dubbo', call.service))
    writer.write(version === '' ? NO_VERSION : version)
    const name = nameIn('dubbo', call.method)
    if (generic) {
      writer.write(INVOKE).write(INVOKE_DESCRIPTOR).write(name)
      writer.write({ $class: '[string', $: types }).write({ $class: '[object', $: args })
    } else {
      writer.write(name).write(types.map((type) => jvmType(type, '/')).join(''))
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
    const headers = headersOf(frame)
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

  writeAnswer(
    answer: Exclude<CommonAnswer, { readonly kind: 'failure' }>,
    call: CommonCall,
    request: Frame,
  ): WholeMessage {
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

function whole(frame: Frame): WholeMessage {
  return { frame, body: null, trailers: null }
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
  const attachments = new Map([...call.headers].filter(([key]) => !OWN.has(key)))
  attachments.set('path', name).set('interface', name).set('dubbo', PROTOCOL_VERSION)
  if (version !== '') attachments.set('version', version)
  if (group !== '') attachments.set('group', group)
  if (call.timeoutMs > 0) attachments.set('timeout', String(Math.ceil(call.timeoutMs)))
  if (generic) attachments.set('generic', 'true')
  return attachments
}
