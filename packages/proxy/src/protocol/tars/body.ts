import type { Method, ServiceInterface, ValueType } from '@tulle/model'
import type { Callee } from '../../transcode/callees.ts'
import { conform } from '../../transcode/conform.ts'
import { parseJson, toJson } from '../../transcode/json.ts'
import { type CommonCall, Untranslatable, type Value } from '../../transcoder.ts'
import { readAttributes, writeAttributes } from './attributes.ts'
import { Version } from './frame.ts'
import { argumentTag, inOrder } from './members.ts'
import { output } from './stream.ts'
import { inputOf, ValueReader } from './value-reader.ts'
import { ValueWriter } from './value-writer.ts'

type Structs = ServiceInterface['structs']
type Loose = ReadonlyMap<string, unknown>

/** Where results stand: under this tag, and in JSON under this name. In TUP, values of any name have the tag. */
const RESULT_TAG = 0
const RESULT_MEMBER = 'tars_ret'

/** The arguments of a call, by tags. */
export function writeArguments({ service, method: { parameters }, args }: CommonCall): Buffer {
  const out = output()
  const writer = new ValueWriter(service.structs)
  for (const one of inOrder(parameters)) {
    const value = args[parameters.indexOf(one)] ?? null
    writer.write(out, argumentTag(one), value, one.type, `arguments.${one.name}`)
  }
  return out.getBinBuffer().toNodeBuffer()
}

/** Arguments as the version of their packet has them: by tags, by names, in JSON. */
export function readArguments(
  version: number,
  body: Buffer,
  { service: { structs }, method }: Callee,
): readonly Value[] {
  const loose = looseArguments(version, body, method, structs)
  return method.parameters.map(({ name, type }) =>
    conform(loose.get(name), type, structs, `arguments.${name}`),
  )
}

function looseArguments(version: number, body: Buffer, method: Method, structs: Structs): Loose {
  switch (version) {
    case Version.Tars:
      return byTags(body, method, structs)
    case Version.Tup:
      return byNames(body, method, structs)
    case Version.Json:
      return inJson(body)
    default:
      throw new Untranslatable(
        'body',
        `is TUP of version ${version}; only ${Version.Tup} is known here`,
      )
  }
}

function byTags(body: Buffer, { parameters }: Method, structs: Structs): Loose {
  const from = inputOf(body, 'arguments')
  const reader = new ValueReader(structs)
  return new Map(
    inOrder(parameters).map((one) => [
      one.name,
      reader.read(from, argumentTag(one), one.type, `arguments.${one.name}`),
    ]),
  )
}

function byNames(body: Buffer, { parameters }: Method, structs: Structs): Loose {
  const all = readAttributes(body, 'arguments')
  return new Map(
    parameters.map(({ name, type }) => {
      const bytes = all.get(name)
      return [name, bytes && readAlone(bytes, type, structs, `arguments.${name}`)]
    }),
  )
}

function inJson(body: Buffer): Loose {
  const said = parseJson(body, 'arguments')
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new Untranslatable('arguments', 'are no object')
  return new Map(Object.entries(said))
}

/** A result in the version of its request; null is left out, as Java hosts do. */
export function writeResult(
  version: number,
  value: Value,
  type: ValueType,
  structs: Structs,
): Buffer {
  const none = type.kind === 'void' || value === null
  if (version === Version.Json) return toJson(none ? {} : { [RESULT_MEMBER]: value })
  const out = output()
  if (!none) new ValueWriter(structs).write(out, RESULT_TAG, value, type, 'result')
  const bytes = out.getBinBuffer().toNodeBuffer()
  return version === Version.Tup ? writeAttributes(new Map(none ? [] : [['', bytes]])) : bytes
}

/** The result in an answer of version 1. */
export function readResult(body: Buffer, type: ValueType, structs: Structs): Value {
  if (type.kind === 'void') return null
  return conform(readAlone(body, type, structs, 'result'), type, structs, 'result')
}

/** The value that stands alone in a body. */
function readAlone(body: Buffer, type: ValueType, structs: Structs, at: string): unknown {
  return new ValueReader(structs).read(inputOf(body, at), RESULT_TAG, type, at)
}
