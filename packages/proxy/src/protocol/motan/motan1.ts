import type { ValueType } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'
import { exceptionText } from '../../transcode/exception-text.ts'
import { javaType } from '../../transcode/java-type.ts'
import { JavaWriting } from '../../transcode/java-write.ts'
import type { CommonCall, MethodAnswer } from '../../transcoder.ts'
import { readHessian, writeHessian } from './body.ts'
import { motan1, motan1Exception, motan1Value, motan1Void } from './encode.ts'
import { Flag } from './frame.ts'
import { argumentAt } from './object-stream.ts'
import { pairs } from './pairs.ts'
import { BUSINESS, ErrorCode } from './status.ts'

/** The arguments of a Motan1 call: a body of Hessian each, which is what its hosts use where nothing else is set. */
export function readArguments(frame: Frame): readonly unknown[] {
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
    values.push(...readHessian(buf.subarray(from, at), 1, 'arguments'))
  }
  return values
}

/** The answer to a Motan1 call, which has no place for headers. */
export function writeMotan1(
  answer: MethodAnswer,
  { method: { returns }, service: { structs } }: CommonCall,
  protocol: Protocol,
): Frame {
  const { Response } = FrameKind
  if (answer.kind === 'exception') {
    const stream = motan1Exception(BUSINESS, ErrorCode.Unavailable, exceptionText(answer))
    return motan1(protocol, Response, Flag.Exception, 0, 0, stream)
  }
  const { value } = answer
  if (value === null || returns.kind === 'void')
    return motan1(protocol, Response, Flag.Void, 0, 0, motan1Void)
  const body = writeHessian([new JavaWriting(structs).value(value, returns)])
  const stream = motan1Value(classOf(returns, structs), body)
  return motan1(protocol, Response, Flag.Value, 0, 0, stream)
}

/** Classes of values whose types in an interface are others. A struct without a class goes as a map. */
const CLASSES: Readonly<Record<string, string>> = {
  boolean: 'java.lang.Boolean',
  byte: 'java.lang.Byte',
  short: 'java.lang.Short',
  int: 'java.lang.Integer',
  long: 'java.lang.Long',
  float: 'java.lang.Float',
  double: 'java.lang.Double',
  'byte[]': '[B',
  'java.util.List': 'java.util.ArrayList',
  'java.util.Map': 'java.util.HashMap',
  '': 'java.util.HashMap',
}

/** The class of a value itself. */
function classOf(type: ValueType, structs: CommonCall['service']['structs']): string {
  const name = javaType(type, '', structs)
  return CLASSES[name] ?? name
}
