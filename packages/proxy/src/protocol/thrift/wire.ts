import { createRequire } from 'node:module'
import type { ValueType } from '@tulle/model'
import { shortest } from '../../transcode/number.ts'
import { Form } from './frame.ts'

/** Types of values in binary messages; the package turns those of compact ones into the same. */
export const TType = {
  Stop: 0,
  Bool: 2,
  I8: 3,
  Double: 4,
  I16: 6,
  I32: 8,
  I64: 10,
  String: 11,
  Struct: 12,
  Map: 13,
  Set: 14,
  List: 15,
} as const

/** The type that a value has on the wire. Times are milliseconds since 1970, and there is no float but a double. */
export function wireType(type: ValueType): number {
  switch (type.kind) {
    case 'bool':
      return TType.Bool
    case 'i8':
      return TType.I8
    case 'i16':
      return TType.I16
    case 'i32':
      return TType.I32
    case 'i64':
    case 'date':
      return TType.I64
    case 'float':
    case 'double':
      return TType.Double
    case 'string':
    case 'bytes':
      return TType.String
    case 'list':
      return TType.List
    case 'map':
      return TType.Map
    case 'struct':
      return TType.Struct
    // Neither gets here: `unsayable` refuses them.
    case 'void':
    case 'any':
      return TType.Stop
  }
}

/** 64 bits, as the package has them. */
export interface Int64 {
  readonly buffer: Buffer
  readonly offset: number
}

/** What is used of the package's protocols; it has no types. */
export interface Wire {
  readStructBegin(): void
  readStructEnd(): void
  readFieldBegin(): { readonly ftype: number; readonly fid: number }
  readFieldEnd(): void
  readMapBegin(): { readonly ktype: number; readonly vtype: number; readonly size: number }
  readMapEnd(): void
  readListBegin(): { readonly etype: number; readonly size: number }
  readListEnd(): void
  readBool(): boolean
  readByte(): number
  readI16(): number
  readI32(): number
  readI64(): Int64
  readDouble(): number
  readString(): string
  readBinary(): Buffer
  skip(type: number): void
  writeStructBegin(name: string): void
  writeStructEnd(): void
  writeFieldBegin(name: string, type: number, id: number): void
  writeFieldEnd(): void
  writeFieldStop(): void
  writeMapBegin(keys: number, values: number, size: number): void
  writeMapEnd(): void
  writeListBegin(elements: number, size: number): void
  writeListEnd(): void
  writeBool(value: boolean): void
  writeByte(value: number): void
  writeI16(value: number): void
  writeI32(value: number): void
  writeI64(value: Int64): void
  writeDouble(value: number): void
  writeString(text: string): void
  writeBinary(bytes: Buffer): void
}

type WireClass = new (transport: unknown, strictRead?: boolean, strictWrite?: boolean) => Wire

interface Package {
  readonly TBinaryProtocol: WireClass
  readonly TCompactProtocol: WireClass
  readonly TFramedTransport: new (bytes: Buffer) => Source
  readonly InputBufferUnderrunError: new () => Error
  readonly Int64: new (bytes: Buffer) => Int64
}

/** Bytes being read. */
export interface Source {
  readonly inBuf: Buffer
  readonly readPos: number
}

const thrift = createRequire(import.meta.url)('thrift') as Package

/** Reads a struct from its first byte on. */
export function reading(form: Form, bytes: Buffer): { readonly wire: Wire; readonly from: Source } {
  const from = new thrift.TFramedTransport(bytes)
  return { wire: new (protocolOf(form))(from), from }
}

/** Writes structs; `bytes` is what was written so far. */
export function writing(form: Form): { readonly wire: Wire; bytes(): Buffer } {
  const written: Uint8Array[] = []
  const wire = new (protocolOf(form))({ write: (bytes: Uint8Array) => written.push(bytes) })
  return { wire, bytes: () => Buffer.concat(written) }
}

/** Whether the bytes ended before what was read from them did. */
export function isUnderrun(error: unknown): boolean {
  return error instanceof thrift.InputBufferUnderrunError
}

/** A whole number of 64 bits for the package. */
export function toInt64(value: number | bigint): Int64 {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return new thrift.Int64(bytes)
}

/** The package's 64 bits as a number, or as a bigint where a number would not hold them. */
export function fromInt64({ buffer, offset }: Int64): number | bigint {
  return shortest(buffer.readBigInt64BE(offset))
}

function protocolOf(form: Form): WireClass {
  return form === Form.Compact ? thrift.TCompactProtocol : thrift.TBinaryProtocol
}
