import { type Frame, FrameKind } from '../../frame.ts'
import { countArguments } from './descriptor.ts'
import { HEADER_BYTES, isHessian, ResponseKind } from './frame.ts'
import { beginBody, skipInt, skipValues } from './skip.ts'
import { isStringTag, isText, skipString } from './text.ts'

/** What stands where the attachments belong. */
export const Attached = {
  /** Nobody can say: the body is no Hessian, is broken, ends before them or has something there that is no map. */
  Unknown: 0,
  /** Null, or a response that has no room for them. */
  Nothing: 1,
  Map: 2,
} as const
export type Attached = (typeof Attached)[keyof typeof Attached]

/** More attachments than anybody sends. */
const MAX_PAIRS = 1024
const NULL = 0x4e
const MAP = 0x48
const TYPED_MAP = 0x4d
const MAP_END = 0x5a

/** A name to look for, with its text in bytes. */
export interface Name {
  readonly text: string
  readonly bytes: Buffer
}

/**
 * Where things stand in the body of a frame. There is one, for the frame looked at last: a request is asked for its
 * service, its method, its time-out and some headers in a row, and its arguments are walked over once for all of them.
 */
export class Body {
  /** Places of the head's strings; each ends where the next begins. 0 when the head cannot be read. */
  serviceAt = 0
  versionAt = 0
  methodAt = 0
  descriptorAt = 0
  argumentsAt = 0
  /** How many arguments follow. */
  argumentCount = 0
  attached: Attached = Attached.Unknown
  /** The attachments, or where they would stand. */
  mapAt = 0
  mapEnd = 0
  pairCount = 0
  /** Of each pair where its key and where its value begins, and the end of the last: a pair ends where the next begins. */
  readonly #places = new Int32Array(2 * MAX_PAIRS + 1)
  #frame: Frame | null = null
  #buf: Buffer | null = null

  /** Looks into the body of this frame; does nothing when it has just done so. */
  of(frame: Frame): this {
    if (this.#frame === frame && this.#buf === frame.buf) return this
    this.#frame = frame
    this.#buf = frame.buf
    this.serviceAt = 0
    this.argumentCount = 0
    this.attached = Attached.Unknown
    this.pairCount = 0
    const { buf, start, end, kind } = frame
    if (!isHessian(buf, start)) return this
    beginBody()
    if (kind === FrameKind.Request || kind === FrameKind.Oneway) this.#request(buf, start, end)
    else if (kind === FrameKind.Response) this.#response(buf, start, end)
    return this
  }

  /** Where the key of this pair begins; of the one behind the last, where the pairs end. */
  keyAt(pair: number): number {
    return this.#places[2 * pair]!
  }

  valueAt(pair: number): number {
    return this.#places[2 * pair + 1]!
  }

  /** The last pair of this name, which is the one that maps keep; -1 when there is none. */
  find(name: Name): number {
    for (let pair = this.pairCount - 1; pair >= 0; pair--) if (this.isNamed(pair, name)) return pair
    return -1
  }

  isNamed(pair: number, { text, bytes }: Name): boolean {
    const buf = this.#buf!
    const at = this.#places[2 * pair]!
    const end = this.#places[2 * pair + 1]!
    const tag = buf[at]!
    // What is written in the short way, and is ASCII: its tag is its length.
    if (end - at === tag + 1 && tag < 0x20) {
      if (tag !== bytes.length) return false
      for (let i = 0; i < tag; i++) if (buf[at + 1 + i] !== bytes[i]) return false
      return true
    }
    return isStringTag(tag) && isText(buf, at, end, text)
  }

  #request(buf: Buffer, start: number, end: number): void {
    const service = skipString(buf, start + HEADER_BYTES, end)
    if (service === -1) return
    const version = skipString(buf, service, end)
    if (version === -1) return
    const method = buf[version] === NULL ? version + 1 : skipString(buf, version, end)
    if (method === -1) return
    let descriptor = skipString(buf, method, end)
    if (descriptor === -1) return
    this.serviceAt = service
    this.versionAt = version
    this.methodAt = method
    this.descriptorAt = descriptor
    // Dubbox has a number between method and descriptor.
    const behindNumber = skipInt(buf, descriptor, end)
    if (behindNumber !== -1) descriptor = behindNumber
    const first = skipString(buf, descriptor, end)
    if (first === -1) return
    const count = countArguments(buf, descriptor, first)
    if (count === -1) return
    this.argumentsAt = first
    this.argumentCount = count
    this.#attachments(buf, skipValues(buf, first, end, count), end)
  }

  #response(buf: Buffer, start: number, end: number): void {
    const at = start + HEADER_BYTES
    if (buf[start + 3] !== 20 || at >= end) return
    switch (buf[at]) {
      case ResponseKind.Exception:
      case ResponseKind.Value:
        this.#nothing(skipValues(buf, at + 1, end, 1))
        return
      case ResponseKind.Null:
        this.#nothing(at + 1)
        return
      case ResponseKind.ExceptionAttachments:
      case ResponseKind.ValueAttachments:
        this.#attachments(buf, skipValues(buf, at + 1, end, 1), end)
        return
      case ResponseKind.NullAttachments:
        this.#attachments(buf, at + 1, end)
        return
    }
  }

  #nothing(at: number): void {
    if (at === -1) return
    this.attached = Attached.Nothing
    this.mapAt = at
    this.mapEnd = at
  }

  #attachments(buf: Buffer, at: number, end: number): void {
    if (at === -1 || at === end) return
    const tag = buf[at]!
    if (tag === NULL) {
      this.#nothing(at)
      this.mapEnd = at + 1
    } else if (tag === MAP) this.#pairs(buf, at, at + 1, end)
    // A type is a string or a number, and is stepped over like a value.
    else if (tag === TYPED_MAP) this.#pairs(buf, at, skipValues(buf, at + 1, end, 1), end)
  }

  #pairs(buf: Buffer, mapAt: number, at: number, end: number): void {
    const places = this.#places
    let pairs = 0
    while (at !== -1 && at < end && buf[at] !== MAP_END) {
      if (pairs === MAX_PAIRS) return
      const value = skipOne(buf, at, end)
      if (value === -1) return
      places[2 * pairs] = at
      places[2 * pairs + 1] = value
      pairs++
      at = skipOne(buf, value, end)
    }
    if (at === -1 || at >= end) return
    places[2 * pairs] = at
    this.pairCount = pairs
    this.mapAt = mapAt
    this.mapEnd = at + 1
    this.attached = Attached.Map
  }
}

export const body: Body = new Body()

function skipOne(buf: Buffer, at: number, end: number): number {
  if (at < end && isStringTag(buf[at]!)) return skipString(buf, at, end)
  return skipValues(buf, at, end, 1)
}
