import { COLON, CR, LF, SP, TAB, TOKEN, VALUE } from '../../http/chars.ts'
import type { Cursor } from './cursor.ts'
import { type Fault, Faults } from './fault.ts'
import { Firstline, MORE, REFUSED } from './first-line.ts'
import { Http1Head, LINE } from './head.ts'
import { Meaning } from './meaning.ts'
import { kindOf } from './names.ts'

/** What a reader makes of a head. */
export const What = { Request: 0, Response: 1, Trailers: 2 } as const
export type What = (typeof What)[keyof typeof What]

/** How far a reader of heads has got. */
export const Got = { More: 0, Head: 1, Bad: 2 } as const
export type Got = (typeof Got)[keyof typeof Got]

/** How much a head may hold. 0 is no limit. */
export interface HeadLimits {
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
}

const NO_HEAD = new Http1Head(Buffer.alloc(0), 0)

/** Lines found so far; a head takes a copy when it is whole. Integers only, so that the copy is one move of memory. */
const found: number[] = new Array<number>(512).fill(0)

/**
 * Reads heads, and trailers, one after the other: all in one pass where they lie whole in a chunk. A head that comes
 * in pieces is kept and read again when its empty line is there — what is between is only searched for it once, so
 * that bytes that trickle in cost no more than bytes that come together.
 */
export class HeadReader {
  limits: HeadLimits
  /** Valid after `Got.Head`. */
  head: Http1Head = NO_HEAD
  /** Valid after `Got.Bad`. */
  fault: Fault = Faults.requestLine
  readonly #what: What
  #held: Buffer | null = null
  #heldEnd = 0
  /** The line at the end of what is held is empty so far. */
  #lineEmpty = true

  constructor(what: What, limits: HeadLimits) {
    this.#what = what
    this.limits = limits
  }

  /** A head has begun and is not complete. */
  get partial(): boolean {
    return this.#held !== null
  }

  /** Lets go of the last head, so that a quiet connection keeps no bytes. */
  release(): void {
    this.head = NO_HEAD
  }

  /** Reads on. The cursor stands behind the head after `Got.Head`, and at its end after `Got.More`. */
  read(cursor: Cursor): Got {
    if (this.#held !== null) return this.#readHeld(cursor)
    const got = this.#parse(cursor)
    if (got === Got.More) this.#keep(cursor)
    return got
  }

  #parse(cursor: Cursor): Got {
    const { buf, end } = cursor
    const what = this.#what
    const start = what === What.Request ? skipEmptyLines(cursor) : cursor.at
    if (start === REFUSED) return this.#bad(Faults.emptyLines)
    const head = new Http1Head(buf, start)
    let at = start
    if (what === What.Request) at = Firstline.request(head, start, end)
    else if (what === What.Response) at = Firstline.status(head, start, end)
    if (at === REFUSED) return this.#bad(Firstline.fault)
    if (at !== MORE) at = this.#lines(head, at, end)
    if (at === REFUSED) return Got.Bad
    const max = this.limits.maxHeaderBytes
    if (max !== 0 && (at === MORE ? end : at) - start > max) return this.#bad(tooLarge(head, what))
    if (at === MORE) return Got.More
    const fault = what === What.Trailers ? null : Meaning.settle(head, what === What.Request)
    if (fault !== null) return this.#bad(fault)
    this.head = head
    cursor.at = at
    return Got.Head
  }

  /** Header lines up to the empty one. Returns where what follows begins. */
  #lines(head: Http1Head, from: number, end: number): number {
    const buf = head.buf
    const { maxHeaders } = this.limits
    const most = maxHeaders === 0 ? Number.MAX_SAFE_INTEGER : maxHeaders * LINE
    let n = 0
    let i = from
    while (i < end) {
      const name = i
      while (i < end && TOKEN[buf[i]!] === 1) i++
      if (i === end) return MORE
      if (i === name) return this.#emptyLine(head, i, end, n)
      if (buf[i] !== COLON) return this.#refuse(Faults.name)
      const length = i - name
      i++
      while (i < end && (buf[i] === SP || buf[i] === TAB)) i++
      const value = i
      while (i < end && VALUE[buf[i]!] === 1) i++
      if (i === end) return MORE
      if (buf[i] !== CR) return this.#refuse(buf[i] === LF ? Faults.lineEnd : Faults.value)
      if (i + 1 === end) return MORE
      if (buf[i + 1] !== LF) return this.#refuse(Faults.lineEnd)
      let valueEnd = i
      while (valueEnd > value && (buf[valueEnd - 1] === SP || buf[valueEnd - 1] === TAB)) valueEnd--
      i += 2
      if (n >= most) return this.#refuse(Faults.headLines)
      const kind = kindOf(buf, name, length)
      found[n] = name
      found[n + 1] = value
      found[n + 2] = valueEnd
      found[n + 3] = (length << 4) | kind
      if (kind !== 0) {
        head.kinds |= 1 << kind
        const fault = Meaning.note(head, kind, n, value, valueEnd)
        if (fault !== null && this.#what !== What.Trailers) return this.#refuse(fault)
      }
      n += LINE
    }
    return MORE
  }

  #emptyLine(head: Http1Head, at: number, end: number, n: number): number {
    const byte = head.buf[at]
    if (byte === SP || byte === TAB) return this.#refuse(Faults.fold)
    if (byte === LF) return this.#refuse(Faults.lineEnd)
    if (byte !== CR) return this.#refuse(Faults.name)
    if (at + 1 === end) return MORE
    if (head.buf[at + 1] !== LF) return this.#refuse(Faults.lineEnd)
    head.end = at + 2
    if (n !== 0) head.lines = found.slice(0, n)
    return at + 2
  }

  #keep(cursor: Cursor): void {
    const length = cursor.end - cursor.at
    this.#held = Buffer.allocUnsafeSlow(Math.max(512, length * 2))
    this.#heldEnd = 0
    this.#lineEmpty = true
    this.#append(cursor)
  }

  /** Moves the cursor's bytes behind those held. True: an empty line is among them. */
  #append(cursor: Cursor): boolean {
    const { buf, at, end } = cursor
    const length = end - at
    let held = this.#held!
    if (this.#heldEnd + length > held.length) {
      const larger = Buffer.allocUnsafeSlow((this.#heldEnd + length) * 2)
      held.copy(larger, 0, 0, this.#heldEnd)
      held = larger
      this.#held = held
    }
    buf.copy(held, this.#heldEnd, at, end)
    this.#heldEnd += length
    cursor.at = end
    return this.#sawEmptyLine(buf, at, end)
  }

  /** Looks for an empty line as a lenient reader would: the strict one then refuses what it is to refuse. */
  #sawEmptyLine(buf: Buffer, at: number, end: number): boolean {
    let saw = false
    let empty = this.#lineEmpty
    for (let i = at; i < end; i++) {
      const byte = buf[i]
      if (byte === LF) {
        if (empty) saw = true
        empty = true
      } else if (byte !== CR) empty = false
    }
    this.#lineEmpty = empty
    return saw
  }

  #readHeld(cursor: Cursor): Got {
    const max = this.limits.maxHeaderBytes
    const mayEnd = this.#append(cursor)
    if (!mayEnd && (max === 0 || this.#heldEnd <= max)) return Got.More
    const held = this.#held!
    cursor.set(held, 0, this.#heldEnd)
    const got = this.#parse(cursor)
    if (got === Got.More) cursor.at = cursor.end
    else this.#held = null
    return got
  }

  #bad(fault: Fault): Got {
    this.fault = fault
    return Got.Bad
  }

  #refuse(fault: Fault): number {
    this.fault = fault
    return REFUSED
  }
}

const MOST_EMPTY_LINES = 4

/** Clients of old sent an empty line behind a body (RFC 9112 §2.2): a few are passed over. */
function skipEmptyLines({ buf, at, end }: Cursor): number {
  let i = at
  while (i + 1 < end && buf[i] === CR && buf[i + 1] === LF) i += 2
  return i - at > 2 * MOST_EMPTY_LINES ? REFUSED : i
}

function tooLarge(head: Http1Head, what: What): Fault {
  return what === What.Request && head.targetEnd === 0 ? Faults.lineBytes : Faults.headBytes
}
