import { gunzipSync } from 'node:zlib'
import type { Method } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import { HessianReader, HessianWriter } from '../../transcode/hessian.ts'
import { JavaWriting } from '../../transcode/java-write.ts'
import { parseJson, toJson } from '../../transcode/json.ts'
import { type CommonCall, Untranslatable, type Value } from '../../transcoder.ts'
import { bodyLengthAt, LENGTH_BYTES, Serialization, serializationAt, Type } from './frame.ts'
import { readSimple } from './read-simple.ts'
import { isSimple, isSimpleMember } from './simple.ts'
import { writeSimple } from './write-simple.ts'

/** A body may grow so much out of its gzip. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024
/** What fastjson says an object's class by. */
const JSON_CLASS = '@type'

/** What bodies are written in that are not read here. */
const foreign: Readonly<Record<number, string>> = {
  1: 'gRPC with protobuf',
  3: 'msgpack',
  4: 'hprose',
  5: 'protobuf',
  7: 'gRPC with JSON',
  8: 'breeze',
}

/**
 * The serialisation for a call that we write. Hosts answer in that of the call, so its result counts too: simple where
 * all of it is, which every language reads, else Hessian.
 */
export function serializationFor({ parameters, returns }: Method): number {
  return parameters.every(isSimpleMember) && isSimple(returns)
    ? Serialization.Simple
    : Serialization.Hessian2
}

/** The arguments in a Motan2 request, or the one value in a response, as they come. */
export function readBody({ buf, start, end, kind }: Frame, count: number): readonly unknown[] {
  const answer = kind === FrameKind.Response
  const field = answer ? 'result' : 'arguments'
  const packed = buf.subarray(bodyLengthAt(buf, start) + LENGTH_BYTES, end)
  if (packed.length === 0) return answer ? [null] : []
  const body = (buf[start + 2]! & Type.Gzip) === 0 ? packed : unpacked(packed, field)
  const id = serializationAt(buf, start)
  switch (id) {
    case Serialization.Hessian2:
      return readHessian(body, count, field)
    case Serialization.Simple:
      return readSimple(body, field)
    case Serialization.Json: {
      const value = forgetClasses(parseJson(body, field))
      if (answer) return [value]
      if (Array.isArray(value)) return value as unknown[]
      throw new Untranslatable(field, 'are JSON, but no list')
    }
    default:
      throw new Untranslatable('body', `is written in ${nameOf(id)}, which is not read here`)
  }
}

/** So many values, and nothing behind them. */
export function readHessian(body: Buffer, count: number, field: string): readonly unknown[] {
  const reader = new HessianReader('final', body)
  const values = Array.from({ length: count }, () => reader.read(field))
  if (reader.left === 0) return values
  throw new Untranslatable(field, `has more bytes than ${count} values need: ${reader.left}`)
}

/** The arguments of a call, one after the other. */
export function writeArguments(serialization: number, call: CommonCall): Buffer {
  const { structs } = call.service
  if (serialization !== Serialization.Simple)
    return writeHessian(new JavaWriting(structs).arguments(call))
  return Buffer.concat(
    call.method.parameters.map(({ name, type }, i) =>
      writeSimple(call.args[i] ?? null, type, `arguments.${name}`, structs),
    ),
  )
}

/** A result in the serialisation that its caller chose. */
export function writeResult(
  serialization: number,
  value: Value,
  { method: { returns }, service: { structs } }: CommonCall,
): Buffer {
  switch (serialization) {
    case Serialization.Hessian2:
      return writeHessian([new JavaWriting(structs).value(value, returns)])
    case Serialization.Simple:
      return writeSimple(value, returns, 'result', structs)
    case Serialization.Json:
      return toJson(value)
    default: {
      const why = `cannot be written in ${nameOf(serialization)}, in which the call was`
      throw new Untranslatable('result', why, 500)
    }
  }
}

/** Values that `JavaWriting` made, in one body. */
export function writeHessian(values: readonly unknown[]): Buffer {
  const writer = new HessianWriter('final')
  for (const one of values) writer.write(one)
  return writer.bytes()
}

/** The classes of objects are their readers' to know. */
function forgetClasses(value: unknown): unknown {
  const open = [value]
  while (open.length > 0) {
    const one = open.pop()
    if (typeof one !== 'object' || one === null) continue
    delete (one as Record<string, unknown>)[JSON_CLASS]
    for (const part of Object.values(one)) open.push(part)
  }
  return value
}

function nameOf(id: number): string {
  const known = foreign[id]
  return `serialisation ${id}${known === undefined ? '' : ` (${known})`}`
}

function unpacked(body: Buffer, field: string): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_UNPACKED_BYTES })
  } catch (error) {
    throw new Untranslatable(field, `is no gzip: ${(error as Error).message}`)
  }
}
