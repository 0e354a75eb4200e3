import type { Frame } from '../../frame.ts'
import { i32, isSame } from '../../framed.ts'
import { FIXED_BYTES, isMotan2, STREAM_AT } from './frame.ts'
import { ObjectStream } from './object-stream.ts'

const NEWLINE = 0x0a
/** More pairs than anybody sends. */
const MAX_PAIRS = 1024

/** A name to look for, with its bytes in either version: they differ only for what no name has. */
export interface Name {
  readonly text: string
  readonly motan1: Buffer
  readonly motan2: Buffer
}

/**
 * Where metadata lies in a frame: Motan2's between newlines, Motan1's attachments in its object stream. There is one, for
 * the frame looked at last: a request is asked for its service, its method, its time-out and some headers in a row, and
 * its bytes are walked over once for all of them.
 *
 * Metadata that hosts would read differently is read as nothing at all: Java pairs keys and values by their place, Go
 * steps over empty keys, so that behind an empty key one would find a service that the other does not.
 */
export class Pairs {
  /** False: nobody can say what is there. */
  known = false
  count = 0
  /** Where the pairs lie: in the frame's bytes, or in a copy of them where Motan1 has them in pieces. */
  buf: Buffer | null = null
  #motan1 = false
  /** Motan1: what stands around the pairs. */
  readonly stream: ObjectStream = new ObjectStream()
  /** Of each pair where its key begins and ends, and where its value does. */
  readonly #places = new Int32Array(4 * MAX_PAIRS)
  #frame: Frame | null = null
  #of: Buffer | null = null

  /** Looks into this frame; does nothing when it has just done so. */
  of(frame: Frame): this {
    if (this.#frame === frame && this.#of === frame.buf) return this
    this.#frame = frame
    this.#of = frame.buf
    this.known = false
    this.count = 0
    const { buf, start, end } = frame
    this.buf = buf
    this.#motan1 = !isMotan2(buf, start)
    if (this.#motan1) this.#readMotan1(frame)
    else this.#readMotan2(buf, start, end)
    if (!this.known) this.count = 0
    return this
  }

  keyAt(pair: number): number {
    return this.#places[4 * pair]!
  }

  keyEnd(pair: number): number {
    return this.#places[4 * pair + 1]!
  }

  valueAt(pair: number): number {
    return this.#places[4 * pair + 2]!
  }

  valueEnd(pair: number): number {
    return this.#places[4 * pair + 3]!
  }

  /** The last pair of this name, which is the one that hosts keep; -1 when there is none. */
  find(name: Name): number {
    for (let pair = this.count - 1; pair >= 0; pair--) if (this.isNamed(pair, name)) return pair
    return -1
  }

  isNamed(pair: number, name: Name): boolean {
    const bytes = this.#motan1 ? name.motan1 : name.motan2
    const places = this.#places
    return isSame(this.buf!, places[4 * pair]!, places[4 * pair + 1]!, bytes)
  }

  #readMotan2(buf: Buffer, start: number, end: number): void {
    let at = start + FIXED_BYTES
    if (at > end) return
    const last = at + i32(buf, at - 4)
    if (last > end) return
    while (at < last) {
      const keyEnd = newline(buf, at, last)
      if (keyEnd === at) {
        this.known = isBlank(buf, at, last)
        return
      }
      if (keyEnd === last) return
      const valueEnd = newline(buf, keyEnd + 1, last)
      if (!this.#put(at, keyEnd, keyEnd + 1, valueEnd)) return
      at = valueEnd + 1
    }
    this.known = true
  }

  /** The attachments are counted, and each text stands behind its length. */
  #readMotan1({ buf, start, end, kind }: Frame): void {
    const { stream } = this
    stream.read(buf, start + STREAM_AT, end, buf[start + 18]!, kind)
    if (stream.pairsAt === -1) return
    const { group, pairsAt, groupEnd } = stream
    this.buf = group
    let at = pairsAt + 4
    for (let left = i32(group, pairsAt); left > 0; left--) {
      const value = stream.textEnd(at, groupEnd)
      const next = value === -1 ? -1 : stream.textEnd(value, groupEnd)
      if (next === -1 || !this.#put(at + 2, value, value + 2, next)) return
      at = next
    }
    this.known = at === groupEnd
  }

  #put(keyAt: number, keyEnd: number, valueAt: number, valueEnd: number): boolean {
    if (this.count === MAX_PAIRS) return false
    const at = 4 * this.count++
    const places = this.#places
    places[at] = keyAt
    places[at + 1] = keyEnd
    places[at + 2] = valueAt
    places[at + 3] = valueEnd
    return true
  }
}

/** The one that everybody looks with. */
export const pairs: Pairs = new Pairs()

function newline(buf: Buffer, at: number, end: number): number {
  while (at < end && buf[at] !== NEWLINE) at++
  return at
}

function isBlank(buf: Buffer, at: number, end: number): boolean {
  while (at < end) if (buf[at++] !== NEWLINE) return false
  return true
}
