/**
 * The first message of a TLS client, read before anything is answered: it tells which name is asked for and which
 * protocols are offered (RFC 8446 §4.1.2, RFC 6066 §3, RFC 7301).
 *
 * ```
 *  record        ┌────┬─────────┬────────┬─ fragment ─────────────────────────┐
 *                │ 22 │ version │ length │ 1 · length(3) · body …             │ a hello may lie in several records
 *                └────┴─────────┴────────┴────────────────────────────────────┘
 *  body          version(2) · random(32) · session id<1> · suites<2> · compression<1> · extensions<2>
 *  extension     type(2) · data<2>          <n>: preceded by its length in n bytes
 * ```
 */
export interface ClientHello {
  /** In lower case; '' when none was sent. */
  readonly serverName: string
  /** Protocols the client offers, the best first. */
  readonly alpn: readonly string[]
}

/** A hello, a wish for more bytes, or what is wrong: other bytes than TLS, or a hello that cannot be read. */
export type HelloRead = ClientHello | 'more' | 'not-tls'

/** Longer hellos are nobody's: those of browsers with post-quantum keys have under 2 KB. */
export const MAX_HELLO_BYTES: number = 16 * 1024

const RECORD_HEAD_BYTES = 5
const HANDSHAKE_HEAD_BYTES = 4
const MAX_RECORD_BYTES = 16 * 1024
const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const ALPN = 16
const HOST_NAME = 0

/** Reads what a client sent first. Never throws, and asks for no more than `MAX_HELLO_BYTES`. */
export function readClientHello(head: Buffer): HelloRead {
  const message = messageIn(head)
  if (typeof message === 'string') return message
  const window = new Window(message, 0, message.length)
  window.skip(2 + 32)
  window.skip(window.byte())
  window.skip(window.short())
  window.skip(window.byte())
  const hello = window.left === 0 ? NO_EXTENSIONS : extensionsOf(window.inside(window.short()))
  return window.broken || window.left > 0 || hello === null ? 'not-tls' : hello
}

const NO_EXTENSIONS: ClientHello = { serverName: '', alpn: [] }

/** The body of the hello, put together from its records. */
function messageIn(head: Buffer): Buffer | 'more' | 'not-tls' {
  const fragments: Buffer[] = []
  let gathered = 0
  let wanted = -1
  for (let at = 0; ; ) {
    if (!beginsRecord(head, at)) return 'not-tls'
    if (head.length - at < RECORD_HEAD_BYTES) return 'more'
    const length = head.readUInt16BE(at + 3)
    if (length === 0 || length > MAX_RECORD_BYTES) return 'not-tls'
    at += RECORD_HEAD_BYTES
    const fragment = head.subarray(at, at + length)
    fragments.push(fragment)
    gathered += fragment.length
    if (gathered > 0 && wanted < 0) {
      const start = fragments.length === 1 ? fragment : Buffer.concat(fragments)
      if (start[0] !== CLIENT_HELLO) return 'not-tls'
      if (start.length >= HANDSHAKE_HEAD_BYTES) wanted = start.readUIntBE(1, 3)
      if (wanted > MAX_HELLO_BYTES) return 'not-tls'
    }
    if (wanted >= 0 && gathered >= HANDSHAKE_HEAD_BYTES + wanted) {
      const whole = fragments.length === 1 ? fragment : Buffer.concat(fragments)
      return whole.subarray(HANDSHAKE_HEAD_BYTES, HANDSHAKE_HEAD_BYTES + wanted)
    }
    at += length
    // A hello cut into thousands of records, one byte in each, is nobody's either.
    if (at >= head.length) return head.length > 2 * MAX_HELLO_BYTES ? 'not-tls' : 'more'
  }
}

/** As far as the bytes reach: they may be those of a record of TLS 1.0 to 1.3 with a handshake in it. */
function beginsRecord(head: Buffer, at: number): boolean {
  const type = head[at]
  const major = head[at + 1]
  const minor = head[at + 2]
  if (type !== undefined && type !== HANDSHAKE_RECORD) return false
  if (major !== undefined && major !== 3) return false
  return minor === undefined || minor <= 4
}

function extensionsOf(window: Window): ClientHello | null {
  let serverName = ''
  let alpn: readonly string[] = []
  while (window.left > 0) {
    const type = window.short()
    const inside = window.inside(window.short())
    if (type === SERVER_NAME) serverName = hostNameIn(inside)
    else if (type === ALPN) alpn = protocolsIn(inside)
    if (inside.broken) return null
  }
  return window.broken ? null : { serverName, alpn }
}

function hostNameIn(window: Window): string {
  const list = window.inside(window.short())
  let name = ''
  while (list.left > 0) {
    const type = list.byte()
    const text = list.inside(list.short()).text()
    if (type === HOST_NAME) name = text.toLowerCase()
  }
  // A NUL would end the name early for others who read it.
  if (list.broken || name.includes('\0')) window.broken = true
  return name
}

function protocolsIn(window: Window): string[] {
  const list = window.inside(window.short())
  const names: string[] = []
  while (list.left > 0) names.push(list.inside(list.byte()).text())
  if (list.broken) window.broken = true
  return names
}

/** A reader of lengths that may lie: past the end it reads nothing and is `broken`. */
class Window {
  broken = false
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Nothing where it is broken, so that loops end. */
  get left(): number {
    return this.broken ? 0 : this.#end - this.#at
  }

  byte(): number {
    const at = this.#take(1)
    return at < 0 ? 0 : this.#bytes[at]!
  }

  short(): number {
    const at = this.#take(2)
    return at < 0 ? 0 : this.#bytes.readUInt16BE(at)
  }

  skip(bytes: number): void {
    this.#take(bytes)
  }

  inside(bytes: number): Window {
    const at = this.#take(bytes)
    const window = new Window(this.#bytes, Math.max(at, 0), at < 0 ? 0 : at + bytes)
    window.broken = at < 0
    return window
  }

  text(): string {
    return this.broken ? '' : this.#bytes.toString('latin1', this.#at, this.#end)
  }

  #take(bytes: number): number {
    const at = this.#at
    if (this.broken || this.#end - at < bytes) {
      this.broken = true
      return -1
    }
    this.#at = at + bytes
    return at
  }
}
