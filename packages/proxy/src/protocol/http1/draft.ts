import { COLON, CR, LF, SP, TAB, TARGET, TOKEN, VALUE } from '../../http/chars.ts'
import { type Fault, Faults } from './fault.ts'
import { Http1Head, LINE } from './head.ts'
import { Meaning } from './meaning.ts'
import { bit, Kind, kindOf } from './names.ts'

/** Fields that say something of one connection: another version of HTTP must not carry them (RFC 9113 §8.2.2). */
const OF_ONE_CONNECTION =
  bit(Kind.Connection) | bit(Kind.Hop) | bit(Kind.TransferEncoding) | bit(Kind.Upgrade)

/**
 * Writes a head of HTTP/1 from strings, under the rules by which one is read: what would end a line, or a name, is
 * refused in the loop that writes it. The same bytes as read by `HeadReader` give the same head.
 */
export class Draft {
  #buf: Buffer = Buffer.allocUnsafeSlow(4096)
  #at = 0
  readonly #lines: number[] = []
  #count = 0
  #fault: Fault | null = null
  #cookie: string | null = null

  begin(): void {
    this.#at = 0
    this.#count = 0
    this.#fault = null
    this.#cookie = null
  }

  /** Where the next byte comes to lie. */
  get at(): number {
    return this.#at
  }

  /** Text of ours, ASCII. */
  put(text: string): void {
    this.#room(text.length)
    const buf = this.#buf
    let at = this.#at
    for (let i = 0; i < text.length; i++) buf[at++] = text.charCodeAt(i)
    this.#at = at
  }

  /** Text from outside in the first line. */
  method(text: string): void {
    if (text === '' || !this.#of(TOKEN, text)) this.#refuse(Faults.method)
  }

  target(text: string): void {
    if (text === '' || !this.#of(TARGET, text)) this.#refuse(Faults.target)
  }

  /** A field that came from end to end. Cookies become one line (RFC 9113 §8.2.3). */
  field(name: string, value: string): void {
    if (name === 'cookie') {
      this.#cookie = this.#cookie === null ? value : `${this.#cookie}; ${value}`
      return
    }
    const kind = this.line(name, value)
    if (((1 << kind) & OF_ONE_CONNECTION) !== 0) this.#refuse(Faults.ofOneConnection)
  }

  /** A line, whatever it says. */
  line(name: string, value: string): Kind {
    this.#room(name.length + value.length + 4)
    const buf = this.#buf
    const start = this.#at
    let at = start
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i)
      if (code > 255 || TOKEN[code] === 0) return this.#refuse(Faults.name)
      buf[at++] = code
    }
    if (at === start) return this.#refuse(Faults.name)
    buf[at] = COLON
    buf[at + 1] = SP
    at += 2
    const from = at
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if (code > 255 || VALUE[code] === 0) return this.#refuse(Faults.value)
      buf[at++] = code
    }
    buf[at] = CR
    buf[at + 1] = LF
    this.#at = at + 2
    const kind = kindOf(buf, start, name.length)
    const lines = this.#lines
    const n = this.#count
    this.#count = n + LINE
    lines[n] = start
    lines[n + 1] = skipWhite(buf, from, at)
    lines[n + 2] = trimWhite(buf, lines[n + 1]!, at)
    lines[n + 3] = (name.length << 4) | kind
    return kind
  }

  /** The head in bytes of its own. What its lines say is noted, but not judged together; of trailers it means nothing. */
  end(trailers = false): Http1Head | Fault {
    if (this.#cookie !== null) this.line('cookie', this.#cookie)
    this.put('\r\n')
    if (this.#fault !== null) return this.#fault
    const buf = Buffer.allocUnsafe(this.#at)
    this.#buf.copy(buf, 0, 0, this.#at)
    const head = new Http1Head(buf, 0)
    const lines = this.#lines.slice(0, this.#count)
    head.lines = lines
    head.end = this.#at
    for (let i = 0; i < lines.length; i += LINE) {
      const kind = (lines[i + 3]! & 15) as Kind
      if (kind === Kind.Other) continue
      head.kinds |= bit(kind)
      if (trailers) continue
      const fault = Meaning.note(head, kind, i, lines[i + 1]!, lines[i + 2]!)
      if (fault !== null) return fault
    }
    return head
  }

  /** Writes text as long as its characters are of this class; false where one is not. */
  #of(allowed: Uint8Array, text: string): boolean {
    this.#room(text.length)
    const buf = this.#buf
    let at = this.#at
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 255 || allowed[code] === 0) return false
      buf[at++] = code
    }
    this.#at = at
    return true
  }

  /** The first fault is told. */
  #refuse(fault: Fault): Kind {
    if (this.#fault === null) this.#fault = fault
    return Kind.Other
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buf.length) return
    const larger = Buffer.allocUnsafeSlow((this.#at + bytes) * 2)
    this.#buf.copy(larger, 0, 0, this.#at)
    this.#buf = larger
  }
}

/** White space around a value is none of it. */
function skipWhite(buf: Buffer, from: number, end: number): number {
  let start = from
  while (start < end && (buf[start] === SP || buf[start] === TAB)) start++
  return start
}

function trimWhite(buf: Buffer, start: number, to: number): number {
  let end = to
  while (end > start && (buf[end - 1] === SP || buf[end - 1] === TAB)) end--
  return end
}

/** The one draft of this thread: a head is written without a pause. */
export const draft: Draft = new Draft()
