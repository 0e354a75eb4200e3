import { gunzipSync } from 'node:zlib'
import type { Member, Method, Struct } from '@tulle/model'
import { type Frame, FrameKind } from '../../frame.ts'
import { Untranslatable } from '../../transcoder.ts'
import { bodyLengthAt, LENGTH_BYTES, Serialization, serializationAt, Type } from './frame.ts'
import { readHessian, type Typed, writeHessian } from './hessian.ts'
import { isPlainClass } from './java-types.ts'
import { readJson, writeJson } from './json.ts'
import { readSimple } from './read-simple.ts'
import { isSimple } from './simple.ts'
import { writeSimple } from './write-simple.ts'

/** A body may grow so much out of its gzip. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

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
  const simple = (one: Member): boolean => isSimple(one.type) && isPlainClass(one)
  return parameters.every(simple) && isSimple(returns)
    ? Serialization.Simple
    : Serialization.Hessian2
}

/** The arguments in a Motan2 request, or the one value in a response, as they come. */
export function readBody({ buf, start, end, kind }: Frame, count: number): unknown[] {
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
      const value = readJson(body, field)
      if (answer) return [value]
      if (Array.isArray(value)) return value as unknown[]
      throw new Untranslatable(field, 'is JSON, but no list')
    }
    default:
      throw new Untranslatable(field, `${nameOf(id)} is not read here`)
  }
}

/** The arguments of a call, one after the other. */
export function writeArguments(
  serialization: number,
  values: readonly Typed[],
  structs: ReadonlyMap<string, Struct>,
): Buffer {
  return serialization === Serialization.Simple
    ? Buffer.concat(
        values.map(({ value, type, field }) => writeSimple(value, type, field, structs)),
      )
    : writeHessian(values, structs)
}

/** A result in the serialisation that its caller chose. */
export function writeResult(
  serialization: number,
  { value, type, field }: Typed,
  structs: ReadonlyMap<string, Struct>,
): Buffer {
  switch (serialization) {
    case Serialization.Hessian2:
      return writeHessian([{ value, type, field }], structs)
    case Serialization.Simple:
      return writeSimple(value, type, field, structs)
    case Serialization.Json:
      return writeJson(value)
    default:
      throw new Untranslatable(field, `${nameOf(serialization)} is not written here`, 500)
  }
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
