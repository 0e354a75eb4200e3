import { isGrpc } from '../../http/grpc.ts'
import { lowerName, text } from '../../http/intern.ts'
import { isSensitive } from '../../http/sensitive.ts'
import { type FieldVisitor, HttpHead } from '../../http.ts'
import { connectionNames, NOT_END_TO_END, NOT_IN_TRAILERS } from './hop.ts'
import { nameIs } from './names.ts'

/** Words of the Connection header that a proxy acts on. */
export const Option = {
  Close: 1,
  KeepAlive: 2,
  Upgrade: 4,
  /** Other words: names of headers that are for this hop only. */
  Names: 8,
  /** The TE header asks for trailers. */
  Trailers: 16,
} as const

/** How the target of a request is written (RFC 9112 §3.2). */
export const Form = { Origin: 0, Absolute: 1, Authority: 2, Asterisk: 3 } as const
export type Form = (typeof Form)[keyof typeof Form]

/** Numbers a header line takes in `Http1Head.lines`. */
export const LINE = 4

/**
 * What the parser found in a head, or in trailers: places in the bytes, so that a head that only passes never becomes
 * strings.
 *
 * ```
 *  lines   │ start of the name │ start of the value │ end of the value │ length of the name << 4 | Kind │ …
 * ```
 * A line ends where the next begins; the last one at the end of the head less its empty line.
 */
export class Http1Head extends HttpHead {
  readonly buf: Buffer
  readonly start: number
  end = 0
  lines: number[] = NO_LINES
  /** Kinds that occur, one bit each. */
  kinds = 0
  /** Of the Connection header and TE: `Option` bits. */
  options = 0
  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  minor = 1
  form: Form = Form.Origin
  targetStart = 0
  targetEnd = 0
  /** Of a target in absolute form: its authority. */
  authorityStart = 0
  authorityEnd = 0
  chunked = false
  /** Where the line of Host, Upgrade is in `lines`; -1 without one. */
  hostLine = -1
  upgradeLine = -1
  #authority: string | null = null
  #path: string | null = null

  constructor(buf: Buffer, start: number) {
    super()
    this.buf = buf
    this.start = start
  }

  /** The host and port that the request is for. */
  get authority(): string {
    if (this.#authority === null) this.#authority = this.#readAuthority()
    return this.#authority
  }

  /** Names the host of a request that does not. */
  assume(authority: string): void {
    this.#authority = authority
  }

  /** The path with its query, whichever form the target has; undefined for CONNECT, which has none. */
  get path(): string | undefined {
    if (this.form === Form.Authority) return undefined
    if (this.#path === null) this.#path = this.#readPath()
    return this.#path
  }

  get scheme(): string {
    return this.form === Form.Absolute && this.authorityStart - this.targetStart === 8
      ? 'https'
      : 'http'
  }

  /** The protocol a request asks to change to, in lower case: `websocket`; `connect` for CONNECT. Null: it does not. */
  get upgrade(): string | null {
    if (this.method === 'CONNECT') return 'connect'
    if (this.upgradeLine < 0 || (this.options & Option.Upgrade) === 0) return null
    return this.value(this.upgradeLine).toLowerCase()
  }

  /** Whether the request asks for a tunnel. */
  get asksTunnel(): boolean {
    if (this.form === Form.Authority) return true
    return (this.options & Option.Upgrade) !== 0 && this.upgradeLine >= 0
  }

  get takesTrailers(): boolean {
    return (this.options & Option.Trailers) !== 0
  }

  get grpc(): boolean {
    return isGrpc(this.header('content-type'))
  }

  /** Whether these are the lines behind a body. */
  get trailing(): boolean {
    return this.status === 0 && this.method === ''
  }

  each(visit: FieldVisitor): void {
    const { buf, lines } = this
    const skip = this.trailing ? NOT_IN_TRAILERS : NOT_END_TO_END
    const named = (this.options & Option.Names) === 0 ? null : connectionNames(this)
    for (let i = 0; i < lines.length; i += LINE) {
      const word = lines[i + 3]!
      if (((1 << (word & 15)) & skip) !== 0) continue
      const start = lines[i]!
      const name = lowerName(buf, start, start + (word >> 4))
      if (named?.includes(name)) continue
      const value = this.value(i)
      visit(name, value, isSensitive(name, value))
    }
  }

  /** A header by its lower-case name; lines of one name joined by `, `, cookies by `; ` (RFC 9113 §8.2.3). */
  header(name: string): string | undefined {
    const { buf, lines } = this
    let found: string | undefined
    for (let i = 0; i < lines.length; i += LINE) {
      if (lines[i + 3]! >> 4 !== name.length || !nameIs(buf, lines[i]!, name)) continue
      const value = this.value(i)
      if (found === undefined) found = value
      else found = name === 'cookie' ? `${found}; ${value}` : `${found}, ${value}`
    }
    return found
  }

  value(line: number): string {
    return text(this.buf, this.lines[line + 1]!, this.lines[line + 2]!)
  }

  /** Where the line's bytes end. */
  lineEnd(line: number): number {
    const next = line + LINE
    return next < this.lines.length ? this.lines[next]! : this.end - 2
  }

  #readAuthority(): string {
    if (this.form === Form.Absolute) return text(this.buf, this.authorityStart, this.authorityEnd)
    if (this.form === Form.Authority) return text(this.buf, this.targetStart, this.targetEnd)
    return this.hostLine < 0 ? '' : this.value(this.hostLine)
  }

  #readPath(): string {
    if (this.form !== Form.Absolute) return text(this.buf, this.targetStart, this.targetEnd)
    const path = text(this.buf, this.authorityEnd, this.targetEnd)
    if (path === '' && this.method === 'OPTIONS') return '*'
    return path.startsWith('/') ? path : `/${path}`
  }
}

const NO_LINES: number[] = []
