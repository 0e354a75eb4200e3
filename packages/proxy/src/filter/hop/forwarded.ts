import type { HttpManager } from '@tulle/model'
import type { Edit, Frame } from '../../frame.ts'
import type { Origin, Stream } from '../../stream.ts'
import { addressFromRight } from './addresses.ts'
import {
  CLIENT_CERT,
  EXTERNAL_ADDRESS,
  FORWARDED_FOR,
  FORWARDED_PORT,
  FORWARDED_PROTO,
  NO_CLIENT_CERT,
  Peer,
  type Scheme,
} from './peer.ts'

/** Whom a hop believes, and what it tells those behind it. */
export type ForwardedSettings = Pick<
  HttpManager,
  | 'useRemoteAddress'
  | 'trustedHops'
  | 'skipXffAppend'
  | 'forwardClientCert'
  | 'clientCertDetails'
  | 'appendForwardedPort'
  | 'schemeOverride'
>

const INTERNAL = 'x-envoy-internal'
const IS_INTERNAL: Edit = { name: INTERNAL, value: 'true', append: false }
const NOT_INTERNAL: Edit = { name: INTERNAL, value: null, append: false }
const PROTO: Readonly<Record<Scheme, Edit>> = {
  http: { name: FORWARDED_PROTO, value: 'http', append: false },
  https: { name: FORWARDED_PROTO, value: 'https', append: false },
}
const SCHEME: Readonly<Record<Scheme, Edit>> = {
  http: { name: ':scheme', value: 'http', append: false },
  https: { name: ':scheme', value: 'https', append: false },
}

/**
 * Where a request comes from, as far as the proxies before us are believed, and what is said of it to the next hop.
 *
 * ```
 *                        │ edge (use_remote_address)          │ inside
 *  the client is         │ who connected; with N trusted hops │ the last but N of x-forwarded-for,
 *                        │ the Nth from the right of the list │ or who connected
 *  x-forwarded-for       │ who connected is appended          │ passes
 *  x-forwarded-proto     │ the connection's; with trusted     │ passes if it is there
 *                        │ hops as inside                     │
 * ```
 */
export class Forwarded implements Origin {
  readonly #settings: ForwardedSettings
  readonly #edge: boolean
  readonly #hops: number
  /** What proxies before us say of scheme and port counts. */
  readonly #believes: boolean

  constructor(settings: ForwardedSettings) {
    this.#settings = settings
    this.#edge = settings.useRemoteAddress
    this.#hops = settings.trustedHops
    this.#believes = !this.#edge || this.#hops > 0
  }

  /** Brings the headers into line. True: the request comes from outside, through this edge. */
  apply(stream: Stream, frame: Frame): boolean {
    const { connection } = stream.down
    let peer = connection.memo as Peer | null
    if (!(peer instanceof Peer) || peer.settings !== this.#settings) {
      peer = new Peer(connection, this.#settings)
      connection.memo = peer
    }
    const outside = this.#edge && this.#enter(frame, peer)
    if (this.#believes) stream.origin = this
    this.#tellScheme(frame, peer)
    if (this.#settings.appendForwardedPort) this.#tellPort(frame, peer)
    const { clientCert } = peer
    if (clientCert !== null) tellClientCert(frame, clientCert)
    return outside
  }

  /** Of the list as it came, not as it goes on. */
  addressOf({ request }: Stream): string | null {
    const list = request.protocol.header(request, FORWARDED_FOR)
    return list === undefined ? null : addressFromRight(list, this.#skipped)
  }

  /** Addresses of believed hops at the end of the list; at the edge the last hop is who connected. */
  get #skipped(): number {
    return this.#edge ? this.#hops - 1 : this.#hops
  }

  /** An edge does not believe what comes from outside. True where it does. */
  #enter(frame: Frame, peer: Peer): boolean {
    const list = peer.internal || this.#hops > 0 ? frame.header(FORWARDED_FOR) : undefined
    const outside = !peer.internal || list !== undefined
    if (!outside) frame.edit(IS_INTERNAL)
    else if (frame.header(INTERNAL) !== undefined) frame.edit(NOT_INTERNAL)
    if (peer.address === '') return outside
    if (!this.#settings.skipXffAppend) frame.edit(peer.forwardedFor)
    if (outside) this.#tellAddress(frame, peer, list)
    return outside
  }

  #tellAddress(frame: Frame, peer: Peer, list: string | undefined): void {
    const told = this.#hops > 0 && list !== undefined ? addressFromRight(list, this.#skipped) : null
    if (told === null) frame.edit(peer.externalAddress)
    else frame.set(EXTERNAL_ADDRESS, told)
  }

  /** `:scheme` follows `x-forwarded-proto`: the next hop hears one thing, whichever version of HTTP it speaks. */
  #tellScheme(frame: Frame, peer: Peer): void {
    const { schemeOverride } = this.#settings
    let scheme = schemeOverride ?? peer.scheme
    const told =
      this.#believes && schemeOverride === null ? frame.header(FORWARDED_PROTO) : undefined
    if (told === undefined) frame.edit(PROTO[scheme])
    else scheme = schemeOf(told) ?? scheme
    // CONNECT has none (RFC 9113 §8.5), and no path either.
    if (frame.header(':scheme') !== scheme && frame.header(':path') !== undefined)
      frame.edit(SCHEME[scheme])
  }

  #tellPort(frame: Frame, peer: Peer): void {
    if (this.#believes && frame.header(FORWARDED_PORT) !== undefined) return
    frame.edit(peer.forwardedPort)
  }
}

function tellClientCert(frame: Frame, edit: Edit): void {
  if (edit !== NO_CLIENT_CERT || frame.header(CLIENT_CERT) !== undefined) frame.edit(edit)
}

/** Null is none that we know. */
function schemeOf(proto: string): Scheme | null {
  if (proto === 'http' || proto === 'https') return proto
  const small = proto.toLowerCase()
  return small === 'http' || small === 'https' ? small : null
}
