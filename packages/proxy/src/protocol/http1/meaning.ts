import { HEX, HOST, SP, TAB } from '../../http/chars.ts'
import { type Fault, Faults } from './fault.ts'
import { Form, type Http1Head, Option } from './head.ts'
import { bit, Kind, nameIs } from './names.ts'

const COMMA = 44
const COLON = 58
const SLASH = 47
const QUESTION = 63
/** 15 digits are always exact in a number. */
const MOST_DIGITS = 15

/** What the lines of a head say about the message and the connection (RFC 9110 §7, RFC 9112 §6). */
export const Meaning = {
  /** Notes a header that matters to a proxy. */
  note(head: Http1Head, kind: Kind, line: number, start: number, end: number): Fault | null {
    switch (kind) {
      case Kind.Host:
        if (head.hostLine >= 0) return Faults.hostTwice
        head.hostLine = line
        return null
      case Kind.ContentLength:
        return noteLength(head, start, end)
      case Kind.TransferEncoding:
        return noteCoding(head, start, end)
      case Kind.Connection:
        eachWord(head, start, end, connectionOption)
        return null
      case Kind.Te:
        eachWord(head, start, end, teOption)
        return null
      case Kind.Upgrade:
        if (head.upgradeLine < 0) head.upgradeLine = line
        return null
      case Kind.Expect:
        if (end - start === 12 && nameIs(head.buf, start, '100-continue')) {
          head.expectsContinue = true
        }
        return null
      default:
        return null
    }
  },

  /** Judges a whole head: what its lines say together. */
  settle(head: Http1Head, request: boolean): Fault | null {
    if (head.chunked) {
      if ((head.kinds & bit(Kind.ContentLength)) !== 0) return Faults.lengthAndCoding
      if (head.minor === 0) return Faults.codingIn10
    }
    return request ? settleRequest(head) : null
  },
}

function settleRequest(head: Http1Head): Fault | null {
  const line = head.hostLine
  if (line < 0) {
    if (head.minor === 1) return Faults.hostMissing
  } else if (!isHost(head.buf, head.lines[line + 1]!, head.lines[line + 2]!)) return Faults.host
  // An upgrade is of HTTP/1.1, and behind a body it would begin at a place that two readers may see differently.
  // Nobody needs h2c: clients that try it by default (Java's) take an answer of HTTP/1.1 (RFC 9110 section 7.8).
  if (head.minor === 0 || head.chunked || head.length > 0 || asksH2c(head))
    head.options &= ~Option.Upgrade
  return settleTarget(head)
}

function asksH2c({ buf, lines, upgradeLine: line }: Http1Head): boolean {
  if (line < 0) return false
  const [start, end] = [lines[line + 1]!, lines[line + 2]!]
  return end - start === 3 && nameIs(buf, start, 'h2c')
}

function settleTarget(head: Http1Head): Fault | null {
  const { buf, targetStart: start, targetEnd: end } = head
  if (head.method === 'CONNECT') {
    head.form = Form.Authority
    const named = buf[start] !== COLON && buf.subarray(start, end).includes(COLON)
    return named && buf[end - 1] !== COLON && isHost(buf, start, end) ? null : Faults.targetForm
  }
  if (buf[start] === SLASH) return null
  if (head.method === 'OPTIONS' && end - start === 1 && buf[start] === 42) {
    head.form = Form.Asterisk
    return null
  }
  return settleAbsolute(head)
}

function settleAbsolute(head: Http1Head): Fault | null {
  const { buf, targetStart: start, targetEnd: end } = head
  let i = start
  if (end - start > 7 && nameIs(buf, start, 'http://')) i += 7
  else if (end - start > 8 && nameIs(buf, start, 'https://')) i += 8
  else return Faults.targetForm
  head.form = Form.Absolute
  head.authorityStart = i
  while (i < end && buf[i] !== SLASH && buf[i] !== QUESTION) i++
  head.authorityEnd = i
  return i > head.authorityStart && isHost(buf, head.authorityStart, i) ? null : Faults.targetForm
}

/** A name, an address or an IPv6 address in brackets, and perhaps a port. */
function isHost(buf: Buffer, start: number, end: number): boolean {
  let i = start
  if (buf[i] === 91 && i < end) {
    i++
    while (i < end && (HEX[buf[i]!] !== 255 || buf[i] === COLON || buf[i] === 46)) i++
    if (i === end || buf[i] !== 93) return false
    i++
  } else while (i < end && HOST[buf[i]!] === 1) i++
  if (i === end) return true
  if (buf[i] !== COLON) return false
  for (i++; i < end; i++) if (buf[i]! < 48 || buf[i]! > 57) return false
  return true
}

function noteLength(head: Http1Head, start: number, end: number): Fault | null {
  if (head.length >= 0) return Faults.lengthTwice
  const { buf } = head
  if (end === start || end - start > MOST_DIGITS) return Faults.length
  let length = 0
  for (let i = start; i < end; i++) {
    const digit = buf[i]! - 48
    if (digit < 0 || digit > 9) return Faults.length
    length = length * 10 + digit
  }
  head.length = length
  return null
}

const KNOWN_CODINGS = ['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress', 'identity']

/** Only `chunked` alone leaves no doubt about where the message ends. */
function noteCoding(head: Http1Head, start: number, end: number): Fault | null {
  if (head.chunked) return Faults.codingTwice
  if (end - start === 7 && nameIs(head.buf, start, 'chunked')) {
    head.chunked = true
    return null
  }
  let stop = start
  while (stop < end && head.buf[stop] !== COMMA && head.buf[stop] !== SP) stop++
  const known = KNOWN_CODINGS.some(
    (coding) => coding.length === stop - start && nameIs(head.buf, start, coding),
  )
  return known ? Faults.codingUnknown : Faults.coding
}

/** Calls for each word of a comma-separated list. */
function eachWord(
  head: Http1Head,
  start: number,
  end: number,
  use: (head: Http1Head, start: number, length: number) => void,
): void {
  const { buf } = head
  let i = start
  while (i < end) {
    while (i < end && (buf[i] === COMMA || buf[i] === SP || buf[i] === TAB)) i++
    const word = i
    while (i < end && buf[i] !== COMMA && buf[i] !== SP && buf[i] !== TAB) i++
    if (i > word) use(head, word, i - word)
  }
}

function connectionOption(head: Http1Head, start: number, length: number): void {
  const { buf } = head
  if (length === 5 && nameIs(buf, start, 'close')) head.options |= Option.Close
  else if (length === 10 && nameIs(buf, start, 'keep-alive')) head.options |= Option.KeepAlive
  else if (length === 7 && nameIs(buf, start, 'upgrade')) head.options |= Option.Upgrade
  else if (length !== 2 || !nameIs(buf, start, 'te')) head.options |= Option.Names
}

function teOption(head: Http1Head, start: number, length: number): void {
  if (length === 8 && nameIs(head.buf, start, 'trailers')) head.options |= Option.Trailers
}
