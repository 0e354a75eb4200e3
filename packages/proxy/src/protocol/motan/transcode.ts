import type { Problem } from '@tulle/core'
import { nameIn, type ServiceInterface } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import type { Callees } from '../../transcode/callees.ts'
import { headersOf } from '../../transcode/headers.ts'
import { argumentsFromJava, fromJava } from '../../transcode/java-read.ts'
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
import { readBody, serializationFor, writeArguments, writeResult } from './body.ts'
import { frameOf, motan2 } from './encode.ts'
import { readThrown, writeThrown } from './exception.ts'
import { isMotan2, serializationAt, Type } from './frame.ts'
import { classes, header, method, service, timeoutMs } from './header.ts'
import { isOwn, metadata } from './metadata.ts'
import { readArguments, writeMotan1 } from './motan1.ts'
import { classesOf, isOverloaded, naming } from './naming.ts'

/**
 * Calls of Motan. Those that are written are Motan2, in simple serialisation where all of a method is simple, else in
 * Hessian. Read are both, JSON, and calls of Motan1, which are answered in it.
 */
export function motanTranscoder(motan: Protocol): Transcoder {
  return rpcTranscoder(naming, unsayable, (callees) => new MotanTongue(motan, callees))
}

/** Methods of one name are told apart by their parameters' classes, which therefore must be known. */
function unsayable(services: readonly ServiceInterface[], at: string): Problem[] {
  const problems: Problem[] = []
  for (const [i, service] of services.entries())
    for (const [m, method] of service.methods.entries()) {
      if (!isOverloaded(method, service) || classesOf(method, service) !== '') continue
      const what = `"${method.name}" is there more than once: Motan needs the Java class of every parameter`
      problems.push({ at: `${at}[${i}].methods[${m}]`, what })
    }
  return problems
}

class MotanTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #callees: Callees

  constructor(protocol: Protocol, callees: Callees) {
    this.#protocol = protocol
    this.#callees = callees
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const name = service(frame)
    const called = method(frame)
    if (name === undefined || called === undefined)
      throw new Untranslatable('headers', 'name no method by rules that all hosts share')
    const callee = this.#callees.find(name, called, classes(frame))
    const read = isMotan2(frame.buf, frame.start)
      ? readBody(frame, callee.method.parameters.length)
      : readArguments(frame)
    return {
      ...callee,
      args: argumentsFromJava(read, callee),
      headers: headersOf(frame, isOwn),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || callee.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { method, oneway, headers } = call
    const serialization = serializationFor(method)
    const body = writeArguments(serialization, call)
    const said = metadata(headers, saidOf(call))
    const bytes = motan2(oneway ? Type.Oneway : 0, 0, serialization, said, body)
    const kind = oneway ? FrameKind.Oneway : FrameKind.Request
    return whole(frameOf(this.#protocol, kind, bytes, 0, 0))
  }

  readAnswer({ frame }: WholeMessage, { service, method }: CommonCall): CommonAnswer {
    const headers = headersOf(frame, isOwn)
    if ((frame.buf[frame.start + 3]! & 7) !== 0)
      return readThrown(header(frame, 'M_e') ?? '', headers)
    const read = readBody(frame, 1)
    if (read.length !== 1)
      throw new Untranslatable('result', `the answer has ${read.length} values`)
    const value = fromJava(read[0], method.returns, service.structs, 'result')
    return { kind: 'value', value, headers }
  }

  writeAnswer(answer: MethodAnswer, call: CommonCall, request: Frame): WholeMessage {
    const { buf, start, protocol } = request
    if (!isMotan2(buf, start)) return whole(writeMotan1(answer, call, protocol))
    const serialization = serializationAt(buf, start)
    const threw = answer.kind === 'exception'
    const said = metadata(answer.headers, threw ? [['M_e', writeThrown(answer)]] : [])
    const body = threw ? null : writeResult(serialization, answer.value, call)
    const bytes = motan2(Type.Response, threw ? 1 : 0, serialization, said, body)
    return whole(frameOf(this.#protocol, FrameKind.Response, bytes, 0, 0))
  }
}

/**
 * What a call says of itself. The parameters' classes only where hosts need them or somebody has said them: a class
 * that is not the host's own finds no method, while no class at all finds the only one of its name.
 */
function saidOf({ service, method, timeoutMs }: CommonCall): (readonly [string, string])[] {
  const exact = isOverloaded(method, service) || method.parameters.some(({ java }) => java !== '')
  return [
    ['M_g', service.group],
    ['M_v', service.version],
    ['M_tmo', timeoutMs > 0 ? String(Math.ceil(timeoutMs)) : ''],
    ['M_md', exact ? classesOf(method, service) : ''],
    ['M_m', nameIn('motan', method)],
    ['M_p', nameIn('motan', service)],
  ]
}
