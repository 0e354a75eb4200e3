import { createRequire } from 'node:module'
import type { Order } from './peer.ts'

/** The kinds of values there are here, by the numbers of Thrift. */
const Type: { readonly STOP: 0; readonly I32: 8; readonly STRING: 11 } & {
  readonly STRUCT: 12
  readonly LIST: 15
} = createRequire(import.meta.url)('thrift').Thrift.Type

/** A protocol of the library, on its reading side. */
export interface In {
  readMessageBegin(): { readonly fname: string; readonly mtype: number; readonly rseqid: number }
  readMessageEnd(): void
  readStructBegin(): void
  readStructEnd(): void
  readFieldBegin(): { readonly ftype: number; readonly fid: number }
  readFieldEnd(): void
  readListBegin(): { readonly size: number }
  readListEnd(): void
  readString(): string
  readI32(): number
  skip(type: number): void
}

/** A protocol of the library, on its writing side. */
export interface Out {
  writeMessageBegin(name: string, type: number, id: number): void
  writeMessageEnd(): void
  writeStructBegin(name: string): void
  writeStructEnd(): void
  writeFieldBegin(name: string, type: number, id: number): void
  writeFieldEnd(): void
  writeFieldStop(): void
  writeListBegin(type: number, size: number): void
  writeListEnd(): void
  writeString(value: string): void
  writeI32(value: number): void
  flush(): void
}

/** Fields of a structure by their numbers: what kind of value, or which structure, or a list of which. */
export interface Shape {
  readonly [id: number]: 'string' | 'i32' | Shape | readonly [Shape]
}
/** Values of fields by their numbers. */
export type Struct = Readonly<Record<number, unknown>>

const ITEM: Shape = { 1: 'string', 2: 'i32' }
const ORDER: Shape = { 1: 'string', 2: [ITEM], 3: 'string' }
const FAILURE: Shape = { 1: 'string' }

/** The methods of echo.thrift; those without a result are one-way. */
export const METHODS: Readonly<
  Record<string, { readonly args: Shape; readonly result: Shape | null }>
> = {
  echo: { args: { 1: 'string' }, result: { 0: 'string' } },
  nested: { args: { 1: ORDER }, result: { 0: ORDER } },
  fail: { args: { 1: 'string' }, result: { 0: 'string', 1: FAILURE } },
  fire: { args: { 1: 'string' }, result: null },
  fired: { args: {}, result: { 0: 'i32' } },
  sleep: { args: { 1: 'i32' }, result: { 0: 'string' } },
}

export function readStruct(from: In, shape: Shape): Struct {
  const struct: Record<number, unknown> = {}
  from.readStructBegin()
  for (;;) {
    const { ftype, fid } = from.readFieldBegin()
    if (ftype === Type.STOP) break
    const kind = shape[fid]
    if (kind === undefined || typeOf(kind) !== ftype) from.skip(ftype)
    else struct[fid] = readValue(from, kind)
    from.readFieldEnd()
  }
  from.readStructEnd()
  return struct
}

function readValue(from: In, kind: Shape[number]): unknown {
  if (kind === 'string') return from.readString()
  if (kind === 'i32') return from.readI32()
  if (!isList(kind)) return readStruct(from, kind)
  const { size } = from.readListBegin()
  const list = Array.from({ length: size }, () => readStruct(from, kind[0]))
  from.readListEnd()
  return list
}

export function writeStruct(out: Out, shape: Shape, struct: Struct): void {
  out.writeStructBegin('')
  for (const [id, kind] of Object.entries(shape)) {
    const value = struct[Number(id)]
    if (value === undefined) continue
    out.writeFieldBegin('', typeOf(kind), Number(id))
    writeValue(out, kind, value)
    out.writeFieldEnd()
  }
  out.writeFieldStop()
  out.writeStructEnd()
}

function writeValue(out: Out, kind: Shape[number], value: unknown): void {
  if (kind === 'string') out.writeString(value as string)
  else if (kind === 'i32') out.writeI32(value as number)
  else if (!isList(kind)) writeStruct(out, kind, value as Struct)
  else {
    const list = value as Struct[]
    out.writeListBegin(Type.STRUCT, list.length)
    for (const each of list) writeStruct(out, kind[0], each)
    out.writeListEnd()
  }
}

function typeOf(kind: Shape[number]): number {
  if (kind === 'string') return Type.STRING
  if (kind === 'i32') return Type.I32
  return isList(kind) ? Type.LIST : Type.STRUCT
}

function isList(kind: Shape[number]): kind is readonly [Shape] {
  return Array.isArray(kind)
}

export function toStruct({ id, items, note }: Order): Struct {
  const list = items.map(({ sku, count }) => ({ 1: sku, 2: count }))
  return { 1: id, 2: list, ...(note === null ? {} : { 3: note }) }
}

export function toOrder(struct: Struct): Order {
  const items = (struct[2] as Struct[]).map((it) => ({
    sku: it[1] as string,
    count: it[2] as number,
  }))
  return { id: struct[1] as string, items, note: (struct[3] as string | undefined) ?? null }
}
