import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { conform } from '../../transcode/conform.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  Untranslatable,
  type Value,
  type WholeMessage,
} from '../../transcoder.ts'
import { readBody, serializationFor, writeArguments, writeResult } from './body.ts'
import type { Directory, Entry } from './directory.ts'
import { frameOf, motan2 } from './encode.ts'
import { isMotan2, serializationAt, Type } from './frame.ts'
import { header, timeoutMs } from './header.ts'
import { headersOf, metadata } from './metadata.ts'
import { asked, readArguments, writeMotan1 } from './motan1.ts'
import { readThrown, writeThrown } from './thrown.ts'

/** The calls of declared services in Motan. Calls of Motan1 are read and answered; those we write are Motan2. */
export class MotanTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #directory: Directory

  constructor(protocol: Protocol, directory: Directory) {
    this.#protocol = protocol
    this.#directory = directory
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const entry = this.#directory.find(asked(frame))
    const { service, method } = entry
    const { parameters } = method
    const values = isMotan2(frame.buf, frame.start)
      ? readBody(frame, parameters.length)
      : readArguments(frame)
    if (values.length !== parameters.length)
      throw new Untranslatable(
        'arguments',
        `the call has ${values.length}, ${entry.name} takes ${parameters.length}`,
      )
    return {
      service,
      method,
      args: parameters.map(({ name, type }, i) =>
        conform(values[i], type, service.structs, `arguments.${name}`),
      ),
      headers: headersOf(frame),
      timeoutMs: timeoutMs(frame),
      oneway: frame.kind === FrameKind.Oneway || method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const { service, method, oneway } = call
    const entry = this.#directory.of(service, method)
    const serialization = serializationFor(method)
    const values = method.parameters.map(({ name, type }, i) => ({
      value: call.args[i] ?? null,
      type,
      field: `arguments.${name}`,
    }))
    const body = writeArguments(serialization, values, service.structs)
    const buf = motan2(
      oneway ? Type.Oneway : 0,
      0,
      serialization,
      metadata(call.headers, saidOf(entry, call)),
      body,
    )
    return whole(frameOf(this.#protocol, oneway ? FrameKind.Oneway : FrameKind.Request, buf, 0, 0))
  }

  readAnswer({ frame }: WholeMessage, { service, method }: CommonCall): CommonAnswer {
    const headers = headersOf(frame)
    if ((frame.buf[frame.start + 3]! & 7) !== 0)
      return readThrown(header(frame, 'M_e') ?? '', headers)
    return { kind: 'value', value: this.#result(frame, method.returns, service.structs), headers }
  }

  writeAnswer(
    answer: Exclude<CommonAnswer, { readonly kind: 'failure' }>,
    { service, method }: CommonCall,
    request: Frame,
  ): WholeMessage {
    const { buf, start } = request
    if (!isMotan2(buf, start))
      return whole(writeMotan1(answer, method.returns, service.structs, request))
    const serialization = serializationAt(buf, start)
    const thrown = answer.kind === 'exception'
    const said = metadata(answer.headers, thrown ? [['M_e', writeThrown(answer)]] : [])
    const body = thrown
      ? null
      : writeResult(
          serialization,
          { value: answer.value, type: method.returns, field: 'result' },
          service.structs,
        )
    const out = motan2(Type.Response, thrown ? 1 : 0, serialization, said, body)
    return whole(frameOf(this.#protocol, FrameKind.Response, out, 0, 0))
  }

  #result(
    frame: Frame,
    type: CommonCall['method']['returns'],
    structs: CommonCall['service']['structs'],
  ): Value {
    const values = readBody(frame, 1)
    if (values.length !== 1)
      throw new Untranslatable('result', `the answer has ${values.length} values`, 502)
    return conform(values[0], type, structs, 'result')
  }
}

/**
 * What a call says of itself. The parameters' classes only where hosts need them or somebody has said them: a class
 * that is not the host's own finds no method, while no class at all finds the only one of its name.
 */
function saidOf(entry: Entry, { timeoutMs }: CommonCall): (readonly [string, string])[] {
  const { service, method } = entry
  const exact = entry.overloaded || method.parameters.some(({ java }) => java !== '')
  return [
    ['M_g', service.group],
    ['M_v', service.version],
    ['M_tmo', timeoutMs > 0 ? String(Math.ceil(timeoutMs)) : ''],
    ['M_md', exact ? entry.classes : ''],
    ['M_m', entry.name],
    ['M_p', entry.path],
  ]
}

function whole(frame: Frame): WholeMessage {
  return { frame, body: null, trailers: null }
}
