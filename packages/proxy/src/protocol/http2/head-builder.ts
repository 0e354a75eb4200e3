import { COLON, HEX, HOST, TARGET } from '../../http/chars.ts'
import { isGrpc } from '../../http/grpc.ts'
import { isToken } from '../../http/slab.ts'
import { Http2Head } from './head.ts'
import type { FieldSink } from './hpack/decoder.ts'
import type { Field } from './hpack/field.ts'
import { FieldKind } from './hpack/field-kind.ts'

/** What a builder makes of a header block. */
export const What = { Request: 0, Response: 1, Trailers: 2 } as const
export type What = (typeof What)[keyof typeof What]

/** How much a head may hold; 0 is no limit. */
export interface HeadLimits {
  readonly maxHeaderBytes: number
  readonly maxHeaders: number
}

/** Bits of the pseudo headers that have come. */
const Seen = { Method: 1, Scheme: 2, Authority: 4, Path: 8, Protocol: 16, Status: 32 } as const

/**
 * Makes a head of the fields that a block decodes to, and judges it (RFC 9113 §8.2, §8.3). What breaks a rule makes the
 * message malformed, never the connection: the table of the decoder must stay in step, so all fields are heard.
 */
export class HeadBuilder implements FieldSink {
  limits: HeadLimits
  /** What is wrong with the message, in words; '' for a good one. */
  fault = ''
  /** More than the limits allow: what is above them was not kept. */
  tooLarge = false
  #head: Http2Head = new Http2Head([])
  #what: What = What.Request
  #seen = 0
  #bytes = 0
  /** Fields as the limit counts them. */
  #count = 0
  #cookies = 0

  constructor(limits: HeadLimits) {
    this.limits = limits
  }

  begin(what: What): void {
    this.#head = new Http2Head([])
    this.#what = what
    this.#seen = 0
    this.#bytes = 0
    this.#count = 0
    this.#cookies = 0
    this.fault = ''
    this.tooLarge = false
  }

  onField(field: Field): boolean {
    const head = this.#head
    const { fields } = head
    const { maxHeaderBytes, maxHeaders } = this.limits
    this.#bytes += field.size
    if (
      (maxHeaderBytes !== 0 && this.#bytes > maxHeaderBytes) ||
      (maxHeaders !== 0 && this.#count >= maxHeaders)
    ) {
      this.tooLarge = true
      return false
    }
    if (!field.valid)
      this.#bad(`the field ${JSON.stringify(field.name.slice(0, 64))} holds what no field may`)
    if (field.kind !== FieldKind.Other) {
      if (field.name.charCodeAt(0) === 58) {
        this.#onPseudo(head, field)
        return true
      }
      this.#onKnown(head, field)
    }
    fields.push(field)
    this.#count++
    return true
  }

  /** The head, judged as a whole; look at `fault` and `tooLarge` first. */
  finish(): Http2Head {
    const head = this.#head
    if (this.fault !== '' || this.tooLarge) return head
    if (this.#what === What.Request) this.#settleRequest(head)
    else if (this.#what === What.Response && head.status === 0) this.#bad('no :status')
    return head
  }

  #onPseudo(head: Http2Head, field: Field): void {
    const { value } = field
    if (head.fields.length !== head.pseudo) this.#bad(`${field.name} behind other fields`)
    head.fields.push(field)
    head.pseudo++
    if (this.#what === What.Trailers) return this.#bad(`${field.name} in trailers`)
    if ((field.kind === FieldKind.Status) !== (this.#what === What.Response))
      return this.#bad(`${field.name} is not for this kind of message`)
    switch (field.kind) {
      case FieldKind.Method:
        this.#once(Seen.Method, field)
        head.method = value
        return
      case FieldKind.Scheme:
        this.#once(Seen.Scheme, field)
        head.scheme = value
        return
      case FieldKind.Authority:
        this.#once(Seen.Authority, field)
        head.authority = value
        return
      case FieldKind.Path:
        this.#once(Seen.Path, field)
        head.path = value
        return
      case FieldKind.ProtocolPseudo:
        this.#once(Seen.Protocol, field)
        head.protocol = value.toLowerCase()
        return
      case FieldKind.Status:
        this.#once(Seen.Status, field)
        head.status = statusOf(value)
        if (head.status === 0) this.#bad(':status is not a number of three digits')
        return
      default:
        this.#bad(`${field.name} is unknown`)
    }
  }

  #onKnown(head: Http2Head, field: Field): void {
    const { value } = field
    switch (field.kind) {
      case FieldKind.Connection:
        return this.#bad(`${field.name} is of HTTP/1 connections`)
      case FieldKind.Te:
        if (value !== 'trailers') return this.#bad('te says something else than trailers')
        head.takesTrailers = true
        return
      case FieldKind.ContentLength: {
        const length = lengthOf(value)
        if (length < 0 || head.length >= 0) return this.#bad('content-length is not one number')
        head.length = length
        return
      }
      case FieldKind.ContentType:
        if (isGrpc(value)) head.grpc = true
        return
      case FieldKind.Cookie:
        // Clients may cut one Cookie into many fields (RFC 9113 §8.2.3).
        if (this.#cookies++ > 0) this.#count--
        return
      case FieldKind.Expect:
        if (value.toLowerCase() === '100-continue') head.expectsContinue = true
        return
      case FieldKind.Host:
        if (this.#what !== What.Request) return
        if (head.authority === '') head.authority = value
        else if (head.authority !== value) this.#bad('host and :authority differ')
        return
      default:
    }
  }

  /** RFC 9113 §8.3.1, §8.5; RFC 8441 §4. */
  #settleRequest(head: Http2Head): void {
    const seen = this.#seen
    const { method, path, scheme, authority } = head
    if (method === 'CONNECT' && (seen & Seen.Protocol) === 0) {
      head.connect = true
      if ((seen & (Seen.Scheme | Seen.Path)) !== 0) this.#bad('CONNECT with :scheme or :path')
      else if (!isAuthority(authority)) this.#bad('CONNECT without an :authority')
      return
    }
    if ((seen & (Seen.Method | Seen.Scheme | Seen.Path)) !== 11)
      return this.#bad('a request without :method, :scheme or :path')
    if (head.protocol !== null) {
      if (method !== 'CONNECT') return this.#bad(':protocol without CONNECT')
      // An upgrade of HTTP/1.1 by another name: routes and filters see the same request.
      head.method = 'GET'
    } else if (!isMethod(method)) return this.#bad(':method is not a token')
    if (!isPath(path!, method)) return this.#bad(':path is not the path of a URL')
    if (!isScheme(scheme)) return this.#bad(':scheme is not the scheme of a URL')
    if (!isAuthority(authority)) this.#bad(':authority is no host with a port')
  }

  #once(bit: number, { name }: Field): void {
    if ((this.#seen & bit) !== 0) this.#bad(`${name} twice`)
    this.#seen |= bit
  }

  #bad(what: string): void {
    if (this.fault === '') this.fault = what
  }
}

function statusOf(value: string): number {
  const status = value.length === 3 ? lengthOf(value) : 0
  return status >= 100 ? status : 0
}

/** The number of a Content-Length; -1 when it is none. 15 digits are always exact. */
function lengthOf(value: string): number {
  if (value.length === 0 || value.length > 15) return -1
  let length = 0
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

const BRACKET = 91
const DOT = 46

/** What was found good last: the next request mostly says the same, and it is the same string. */
let goodMethod = 'GET'
let goodPath = '/'
let goodAuthority = 'localhost'

function isMethod(method: string): boolean {
  if (method === goodMethod) return true
  if (!isToken(method)) return false
  goodMethod = method
  return true
}

function isPath(path: string, method: string): boolean {
  if (path === goodPath) return true
  if (path.charCodeAt(0) !== 47) return path === '*' && method === 'OPTIONS'
  if (!isTarget(path)) return false
  goodPath = path
  return true
}

/** A host, perhaps with a port: what HTTP/1 takes for Host, and not empty (RFC 9110 §4.2). */
function isAuthority(authority: string): boolean {
  if (authority === goodAuthority) return true
  const end = hostEnd(authority)
  if (end <= 0) return false
  if (end < authority.length && !/^:\d*$/.test(authority.slice(end))) return false
  goodAuthority = authority
  return true
}

/** Where the host ends; 0 where there is none. */
function hostEnd(text: string): number {
  let i = 0
  if (text.charCodeAt(0) !== BRACKET) {
    while (i < text.length && HOST[text.charCodeAt(i)] === 1) i++
    return i
  }
  for (i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BRACKET + 2) return i + 1
    if (code !== COLON && code !== DOT && (code > 127 || HEX[code] === 255)) return 0
  }
  return 0
}

function isScheme(scheme: string): boolean {
  return scheme === 'http' || scheme === 'https' || /^[a-z][a-z\d+.-]*$/i.test(scheme)
}

function isTarget(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127 || TARGET[code] === 0) return false
  }
  return true
}
