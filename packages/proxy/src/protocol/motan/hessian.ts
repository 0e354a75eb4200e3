import { createRequire } from 'node:module'
import type { Struct, ValueType } from '@tulle/model'
import { Untranslatable, type Value } from '../../transcoder.ts'
import { keyOf } from './simple.ts'

/** What is used of `hessian.js`, which has no types. */
interface Encoder {
  objects: unknown
  write(value: unknown): void
  get(): Buffer
}
interface Decoder {
  readonly byteBuffer: { position(): number }
  read(): unknown
}
const { EncoderV2, DecoderV2 } = createRequire(import.meta.url)('hessian.js') as {
  readonly EncoderV2: new (options: { size: number }) => Encoder
  readonly DecoderV2: new (bytes: Buffer) => Decoder
}

const FIRST_BYTES = 1024
/** More values than this are in no honest body: references make one of few bytes as large as its writer likes. */
const MAX_VALUES = 1_000_000
const MAX_INT = 0x7fffffff
const MIN_INT = -0x80000000
/** In place of the objects written so far, which are never written again: to look for them would cost their square. */
const NO_OBJECTS = { indexOf: () => -1, push: () => 0 }

/** A value and what it is. */
export interface Typed {
  readonly value: Value
  readonly type: ValueType
  readonly field: string
}

/** Values one after the other, in one body of Hessian 2.0. A struct without a class of its own goes as a map. */
export function writeHessian(
  values: readonly Typed[],
  structs: ReadonlyMap<string, Struct>,
): Buffer {
  const encoder = new EncoderV2({ size: FIRST_BYTES })
  encoder.objects = NO_OBJECTS
  for (const { value, type, field } of values) encoder.write(dressed(value, type, structs, field))
  return values.length === 0 ? Buffer.alloc(0) : Buffer.from(encoder.get())
}

/** The value as the library wants it, with the class that decides its form. */
function dressed(
  value: Value,
  type: ValueType,
  structs: ReadonlyMap<string, Struct>,
  field: string,
): unknown {
  if (value === null) return null
  switch (type.kind) {
    case 'void':
      return null
    case 'i8':
    case 'i16':
    case 'i32':
      return { $class: 'int', $: value }
    case 'i64':
      return { $class: 'long', $: typeof value === 'bigint' ? value.toString() : value }
    case 'float':
    case 'double':
      return { $class: 'double', $: value }
    case 'bytes':
      return Buffer.from(value as Uint8Array)
    case 'list':
      return (value as readonly Value[]).map((one, i) =>
        dressed(one, type.of, structs, `${field}[${i}]`),
      )
    case 'map':
      return new Map(
        Object.entries(value as object).map(([name, one]) => [
          dressed(keyOf(name, type.key, field), type.key, structs, field),
          dressed(one as Value, type.value, structs, `${field}.${name}`),
        ]),
      )
    case 'struct':
      return object(
        value as { readonly [name: string]: Value },
        structs.get(type.name)!,
        structs,
        field,
      )
    case 'any':
      return undressed(value)
    default:
      return value
  }
}

function object(
  value: { readonly [name: string]: Value },
  { java, fields }: Struct,
  structs: ReadonlyMap<string, Struct>,
  field: string,
): unknown {
  const all = fields.map(
    ({ name, type }) =>
      [name, dressed(value[name] ?? null, type, structs, `${field}.${name}`)] as const,
  )
  return java === '' ? new Map(all) : { $class: java, $: Object.fromEntries(all) }
}

/** What no type says more about. */
function undressed(value: Value): unknown {
  if (typeof value === 'bigint') return { $class: 'long', $: value.toString() }
  if (typeof value === 'number') return { $class: numberClass(value), $: value }
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(undressed)
  return new Map(Object.entries(value).map(([name, one]) => [name, undressed(one as Value)]))
}

function numberClass(value: number): string {
  if (!Number.isSafeInteger(value)) return 'double'
  return value > MAX_INT || value < MIN_INT ? 'long' : 'int'
}

/** The values of a body. Throws `Untranslatable` when it is not Hessian, or does not end behind `count` of them. */
export function readHessian(body: Buffer, count: number, field: string): unknown[] {
  const values: unknown[] = []
  const decoder = new DecoderV2(body)
  try {
    for (let i = 0; i < count; i++) values.push(decoder.read())
  } catch (error) {
    throw new Untranslatable(field, `is no Hessian 2.0: ${(error as Error).message}`)
  }
  if (decoder.byteBuffer.position() !== body.length)
    throw new Untranslatable(field, `has ${body.length} bytes, of which ${count} values need less`)
  bound(values, field)
  return values
}

/** Refuses what references have made larger than anybody could send. */
function bound(values: readonly unknown[], field: string): void {
  const open: unknown[] = [...values]
  for (let seen = 0; open.length > 0; seen++) {
    if (seen + open.length > MAX_VALUES)
      throw new Untranslatable(field, `has more than ${MAX_VALUES} values`)
    const one = open.pop()
    if (typeof one !== 'object' || one === null || Buffer.isBuffer(one)) continue
    for (const part of Object.values(one)) open.push(part)
  }
}
