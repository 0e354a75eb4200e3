import { createRequire } from 'node:module'

/**
 * Values in Tars, by the library `@tars/stream`. What is written and read is driven by objects that know their type, as
 * those are that its code generator makes: `_write` and `_read` for values, `_writeTo` and `_readFrom` for structs.
 */
export interface Output {
  writeBoolean(tag: number, value: boolean): void
  writeInt8(tag: number, value: number): void
  writeInt16(tag: number, value: number): void
  writeInt32(tag: number, value: number): void
  /** Text, said so by `asText`, is exact where a number would not be. */
  writeInt64(tag: number, value: number | string, asText: boolean): void
  writeFloat(tag: number, value: number): void
  writeDouble(tag: number, value: number): void
  writeString(tag: number, value: string): void
  writeBytes(tag: number, value: Bytes): void
  writeStruct(tag: number, value: { _writeTo(out: Output): void }): void
  writeList(tag: number, value: ListOut): void
  writeMap(tag: number, value: MapOut): void
  getBinBuffer(): Bytes
}

/** What reads values, one field after the other. */
export interface Input {
  /** Moves on to a field of this tag; false where none follows. */
  _skipToTag(tag: number, required: false): boolean
  readBoolean(tag: number, required: true): boolean
  readInt8(tag: number, required: true): number
  readInt16(tag: number, required: true): number
  readInt32(tag: number, required: true): number
  /** With `asText`, text where a number would not be exact. */
  readInt64(tag: number, required: true, none: undefined, asText: true): number | string
  readFloat(tag: number, required: true): number
  readDouble(tag: number, required: true): number
  readString(tag: number, required: true): string
  readBytes(tag: number, required: true): Bytes
  readStruct<T>(tag: number, required: true, type: { _readFrom(input: Input): T }): T
  readList<T>(tag: number, required: true, type: ListIn<T>): { readonly value: readonly T[] }
  readMap<T>(tag: number, required: true, type: MapIn<T>): { readonly value: Record<string, T> }
}

/** The library's own buffer. */
export interface Bytes {
  toNodeBuffer(): Buffer
}

/** How elements, keys and values are written and read. */
interface Writer<T> {
  _write(out: Output, tag: number, value: T): void
}
interface Reader<T> {
  /** The library puts a list's or a map's own name together of these. */
  readonly _classname: string
  _read(input: Input, tag: number): T
}

interface ListOut {
  readonly length: number
  readonly value: readonly unknown[]
  readonly _proto: Writer<unknown>
}
interface MapOut {
  size(): number
  forEach(visit: (key: string, value: unknown) => void): void
  readonly _kproto: Writer<string>
  readonly _vproto: Writer<unknown>
}
interface ListIn<T> {
  readonly _proto: Reader<T>
}
interface MapIn<T> {
  readonly _kproto: Reader<string>
  readonly _vproto: Reader<T>
}

interface Library {
  readonly TarsOutputStream: new () => Output
  readonly TarsInputStream: new (bytes: Bytes) => Input
  readonly BinBuffer: new (bytes: Buffer) => Bytes
}

const library = createRequire(import.meta.url)('@tars/stream') as Library

/** A stream to write to. */
export function output(): Output {
  return new library.TarsOutputStream()
}

/** A stream that reads these bytes. */
export function input(bytes: Buffer): Input {
  return new library.TarsInputStream(new library.BinBuffer(bytes))
}

/** Bytes as the library has them, not copied. */
export function bytesOf(value: Uint8Array): Bytes {
  return new library.BinBuffer(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
}
