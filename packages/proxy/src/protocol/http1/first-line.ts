import { CR, LF, SP, TARGET, TOKEN, VALUE } from '../../http/chars.ts'
import { text } from '../../http/intern.ts'
import { type Fault, Faults } from './fault.ts'
import type { Http1Head } from './head.ts'

/** In place of a position: the bytes end before the line does; the line is refused, and `Firstline.fault` says why. */
export const MORE = -1
export const REFUSED = -2

const HTTP_1 = Buffer.from('HTTP/1.')
const ZERO = 48
const NINE = 57

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE']

/** The first line of a head. Both read from `start` and return where the header lines begin. */
export const Firstline = {
  fault: Faults.requestLine as Fault,

  /** `METHOD SP TARGET SP HTTP/1.x CRLF` */
  request(head: Http1Head, start: number, end: number): number {
    const buf = head.buf
    let i = start
    while (i < end && TOKEN[buf[i]!] === 1) i++
    if (i === end) return MORE
    if (i === start) return buf[i] === CR && i + 1 === end ? MORE : refuse(Faults.method)
    if (buf[i] !== SP) return refuse(Faults.method)
    const methodEnd = i
    const target = ++i
    while (i < end && TARGET[buf[i]!] === 1) i++
    if (i === end) return MORE
    if (buf[i] !== SP) {
      return refuse(buf[i] === CR || buf[i] === LF ? Faults.requestLine : Faults.target)
    }
    if (i === target) return refuse(Faults.requestLine)
    const targetEnd = i
    i = version(head, i + 1, end)
    if (i < 0) return i
    if (i === end) return MORE
    if (buf[i] !== CR) return refuse(buf[i] === LF ? Faults.lineEnd : Faults.requestLine)
    if (i + 1 === end) return MORE
    if (buf[i + 1] !== LF) return refuse(Faults.lineEnd)
    head.method = methodOf(buf, start, methodEnd)
    head.targetStart = target
    head.targetEnd = targetEnd
    return i + 2
  },

  /** `HTTP/1.x SP STATUS [SP REASON] CRLF`; many hosts leave the second space out where there is no reason. */
  status(head: Http1Head, start: number, end: number): number {
    const buf = head.buf
    let i = version(head, start, end)
    if (i < 0) return i === MORE ? MORE : refuse(Faults.statusLine)
    if (i === end) return MORE
    if (buf[i] !== SP) return refuse(Faults.statusLine)
    let status = 0
    for (const last = i + 3; i < last; ) {
      if (++i === end) return MORE
      const digit = buf[i]!
      if (digit < ZERO || digit > NINE) return refuse(Faults.statusLine)
      status = status * 10 + digit - ZERO
    }
    i++
    if (status < 100) return refuse(Faults.statusLine)
    if (i < end && buf[i] !== SP && buf[i] !== CR) return refuse(Faults.statusLine)
    while (i < end && VALUE[buf[i]!] === 1) i++
    if (i === end) return MORE
    if (buf[i] !== CR) return refuse(buf[i] === LF ? Faults.lineEnd : Faults.statusLine)
    if (i + 1 === end) return MORE
    if (buf[i + 1] !== LF) return refuse(Faults.lineEnd)
    head.status = status
    return i + 2
  },
}

/** `HTTP/1.0` or `HTTP/1.1`; whatever else looks like a version of HTTP is one that we do not speak. */
function version(head: Http1Head, from: number, end: number): number {
  const buf = head.buf
  let i = from
  for (let k = 0; k < 5; k++, i++) {
    if (i === end) return MORE
    if (buf[i] !== HTTP_1[k]) return refuse(Faults.requestLine)
  }
  if (i + 3 > end) return unfinished(buf, i, end)
  const major = buf[i]!
  const minor = buf[i + 2]!
  if (!isDigit(major) || buf[i + 1] !== HTTP_1[6] || !isDigit(minor)) {
    return refuse(Faults.requestLine)
  }
  if (major !== ZERO + 1 || minor > ZERO + 1) return refuse(Faults.version)
  head.minor = minor - ZERO
  return i + 3
}

/** The bytes end within the number of the version. */
function unfinished(buf: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    const fits = i - from === 1 ? buf[i] === HTTP_1[6] : isDigit(buf[i]!)
    if (!fits) return refuse(Faults.requestLine)
  }
  return MORE
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

function methodOf(buf: Buffer, start: number, end: number): string {
  const length = end - start
  for (const method of METHODS) {
    if (method.length !== length) continue
    let i = 0
    while (i < length && buf[start + i] === method.charCodeAt(i)) i++
    if (i === length) return method
  }
  return text(buf, start, end)
}

function refuse(fault: Fault): number {
  Firstline.fault = fault
  return REFUSED
}
