import type { Struct, ValueType } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import { type CommonAnswer, Untranslatable } from '../../transcoder.ts'
import type { Asked } from './directory.ts'
import { motan1, motan1Exception, motan1Value, motan1Void } from './encode.ts'
import { Flag, isMotan2 } from './frame.ts'
import { header } from './header.ts'
import { readHessian, writeHessian } from './hessian.ts'
import { valueClass } from './java-types.ts'
import { argumentAt } from './object-stream.ts'
import { pairs } from './pairs.ts'

const BUSINESS = 'com.weibo.api.motan.exception.MotanBizException'
const UNAVAILABLE = 503

/** What a call of either version names its method by. */
export function asked(frame: Frame): Asked {
  const { known, stream } = pairs.of(frame)
  const motan2 = isMotan2(frame.buf, frame.start)
  if (!known)
    throw new Untranslatable(
      motan2 ? 'metadata' : 'attachments',
      'cannot be read by rules that all hosts share',
    )
  const { head, serviceAt, methodAt, classesAt, namesEnd } = stream
  const text = (name: string, at: number, end: number): string =>
    motan2 ? (header(frame, name) ?? '') : head.toString('utf8', at + 2, end)
  const path = text('M_p', serviceAt, methodAt)
  const method = text('M_m', methodAt, classesAt)
  const classes = text('M_md', classesAt, namesEnd)
  return {
    path,
    method,
    classes,
    group: (header(frame, 'M_g') || header(frame, 'group')) ?? '',
    version: (header(frame, 'M_v') || header(frame, 'version')) ?? '',
  }
}

/** The arguments of a Motan1 call: a body of Hessian each, which is what its hosts use where nothing else is set. */
export function readArguments(frame: Frame): unknown[] {
  const { buf } = frame
  const { argumentsAt, argumentsEnd } = pairs.of(frame).stream
  const values: unknown[] = []
  for (let at = argumentsAt; at < argumentsEnd; ) {
    const from = argumentAt(buf, at, argumentsEnd)
    if (from === -1) {
      values.push(null)
      at++
      continue
    }
    at = from + buf.readInt32BE(from - 4)
    values.push(...readHessian(buf.subarray(from, at), 1, `arguments[${values.length}]`))
  }
  return values
}

/** The answer to a Motan1 call, which has no place for headers. */
export function writeMotan1(
  answer: Exclude<CommonAnswer, { readonly kind: 'failure' }>,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  { protocol }: Frame,
): Frame {
  const { Response } = FrameKind
  if (answer.kind === 'exception') {
    const said = answer.type === '' ? answer.message : `${answer.type}: ${answer.message}`
    const stream = motan1Exception(BUSINESS, UNAVAILABLE, said)
    return motan1(protocol, Response, Flag.Exception, 0, 0, stream)
  }
  const { value } = answer
  if (value === null || type.kind === 'void')
    return motan1(protocol, Response, Flag.Void, 0, 0, motan1Void)
  const body = writeHessian([{ value, type, field: 'result' }], structs)
  const stream = motan1Value(valueClass(type, structs), body)
  return motan1(protocol, Response, Flag.Value, 0, 0, stream)
}
