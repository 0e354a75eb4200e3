import { createRequire } from 'node:module'
import { Untranslatable } from '../transcoder.ts'

/**
 * Bodies in Hessian, by the libraries `hessian.js` and, for the dialect that SOFA kept of Hessian's draft, its first
 * line `hessian.js-1`. Both write what they are given with its class; read they are by readers of our own on top, that
 * keep the class of each object, the order of maps, and whole numbers of any size.
 *
 * ```
 *  dialect   map      object          used by
 *  final     H … Z    C … 60 …        Dubbo; Bolt of sofa-hessian 4
 *  draft     M … z    O … o 90 …      Bolt
 * ```
 */
export type Dialect = 'final' | 'draft'

/** What is used of the libraries, which have no types. */
interface Encoder {
  readonly byteBuffer: { put(byte: number): void; putRawString(text: string): void }
  /** Names of the classes defined so far; objects are written by their places. */
  readonly _classRefs: (string | null)[]
  readonly _classRefFields: Record<string, readonly string[]>
  write(value: unknown): void
  writeInt(value: number): void
  writeString(value: string): void
  get(): Buffer
  _writeObject(value: Typed): void
  _writeObjectBegin(name: string, fields: readonly string[]): number
}
interface Decoder {
  readonly byteBuffer: { get(): number; get(at: number): number; position(): number }
  readonly classes: readonly { readonly name: string; readonly fields: readonly string[] }[]
  read(): unknown
  readInt(): number
  readLong(): unknown
  readType(): string
  _readObjectDefinition(): void
  _addRef(value: unknown): void
}
interface Library {
  readonly EncoderV2: new (options: { readonly size: number }) => Encoder
  readonly DecoderV2: new (bytes: Buffer) => Decoder
}

const load = createRequire(import.meta.url)
const final = load('hessian.js') as Library
const draft = load('hessian.js-1') as Library

/** An object of a class. */
export class JavaObject {
  readonly className: string
  readonly fields: Map<string, unknown> = new Map()

  constructor(className: string) {
    this.className = className
  }
}

/** A value with the class it is written as, in the form the libraries take. */
export interface Typed {
  readonly $class: string
  readonly $: unknown
}

/** What a class is defined by, before the first object of it. */
const CLASS = { final: 0x43, draft: 0x4f } as const
const WRITERS = {
  final: treeWriter('final', final.EncoderV2),
  draft: treeWriter('draft', draft.EncoderV2),
}
const READERS = { final: finalReader(final.DecoderV2), draft: draftReader(draft.DecoderV2) }
const FIRST_BYTES = 1024

/** Values one after the other. They share what classes they define. */
export class HessianWriter {
  readonly #encoder: Encoder

  constructor(dialect: Dialect) {
    this.#encoder = new WRITERS[dialect]({ size: FIRST_BYTES })
  }

  write(value: unknown): this {
    this.#encoder.write(value)
    return this
  }

  bytes(): Buffer {
    return Buffer.from(this.#encoder.get())
  }
}

/** Values one after the other, from bytes that nobody has checked. */
export class HessianReader {
  readonly #decoder: Decoder
  readonly #length: number

  constructor(dialect: Dialect, bytes: Buffer) {
    this.#decoder = new READERS[dialect](bytes)
    this.#length = bytes.length
  }

  /**
   * The next value: null, booleans, numbers, bigints, text, dates, buffers, lists, maps and `JavaObject`s, which may
   * point to each other. Throws `Untranslatable` with this field when there is none.
   */
  read(field: string): unknown {
    let value: unknown
    try {
      value = this.#decoder.read()
    } catch (error) {
      throw new Untranslatable(field, `is no Hessian: ${(error as Error).message}`)
    }
    if (this.#decoder.byteBuffer.position() > this.#length)
      throw new Untranslatable(field, 'ends before its value does')
    return value
  }

  /** How many bytes there are behind the values read so far. */
  get left(): number {
    return this.#length - this.#decoder.byteBuffer.position()
  }
}

function treeWriter(dialect: Dialect, base: Library['EncoderV2']): Library['EncoderV2'] {
  return class extends base {
    /** What is written is a tree: looking for values that came before would cost the square of their number. */
    _checkRef(): boolean {
      return false
    }
    /** The library gives all objects of a class the fields of the first: others are a class of their own. */
    override _writeObject(value: Typed): void {
      const { $class } = value
      const place = this._classRefs.indexOf($class)
      if (place !== -1) {
        const known = this._classRefFields[$class]!
        const fields = Object.keys(value.$ as object)
        if (fields.length !== known.length || fields.some((name, i) => name !== known[i]))
          this._classRefs[place] = null
      }
      super._writeObject(value)
    }
    /** The library keeps the name of every class for ever, and exceptions bring names from anywhere. */
    override _writeObjectBegin(name: string, fields: readonly string[]): number {
      if (this._classRefs.includes(name)) return super._writeObjectBegin(name, fields)
      this._classRefs.push(name)
      this._classRefFields[name] = fields
      this.byteBuffer.put(CLASS[dialect])
      if (dialect === 'final') this.writeString(name)
      else {
        this.writeInt(name.length)
        this.byteBuffer.putRawString(name)
      }
      return -1
    }
  }
}

/** The library gives whole numbers beyond 2⁵³ as text. */
function whole(read: unknown): unknown {
  return typeof read === 'string' ? BigInt(read) : read
}

function objectOf(decoder: Decoder, place: number): JavaObject {
  const known = decoder.classes[place]
  if (known === undefined) throw new Error(`class ${place} was not defined`)
  const made = new JavaObject(known.name)
  decoder._addRef(made)
  for (const name of known.fields) made.fields.set(name, decoder.read())
  return made
}

function mapOf(decoder: Decoder, end: number): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  decoder._addRef(map)
  const { byteBuffer } = decoder
  while (byteBuffer.get(byteBuffer.position()) !== end) {
    const key = decoder.read()
    map.set(key, decoder.read())
  }
  byteBuffer.get()
  return map
}

function finalReader(base: Library['DecoderV2']): Library['DecoderV2'] {
  return class extends base {
    override readLong(): unknown {
      return whole(super.readLong())
    }
    readObject(): JavaObject {
      let tag = this.byteBuffer.get()
      while (tag === CLASS.final) {
        this._readObjectDefinition()
        tag = this.byteBuffer.get()
      }
      if (tag >= 0x60 && tag <= 0x6f) return objectOf(this, tag - 0x60)
      if (tag !== 0x4f) throw new Error('a class without an object')
      return objectOf(this, this.readInt())
    }
    readHashMap(): Map<unknown, unknown> {
      this.byteBuffer.get()
      return mapOf(this, 0x5a)
    }
    readMap(): Map<unknown, unknown> {
      this.byteBuffer.get()
      this.readType()
      return mapOf(this, 0x5a)
    }
  }
}

function draftReader(base: Library['DecoderV2']): Library['DecoderV2'] {
  return class extends base {
    override readLong(): unknown {
      return whole(super.readLong())
    }
    readObject(): JavaObject {
      let tag = this.byteBuffer.get()
      while (tag === CLASS.draft) {
        this._readObjectDefinition()
        tag = this.byteBuffer.get()
      }
      if (tag !== 0x6f) throw new Error('a class without an object')
      return objectOf(this, this.readInt())
    }
    readMap(): Map<unknown, unknown> {
      this.byteBuffer.get()
      this.readType()
      return mapOf(this, 0x7a)
    }
  }
}
