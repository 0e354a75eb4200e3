import type { Frame } from '../../frame.ts'
import { digits, Interner, putDigits } from '../../framed.ts'
import { Transport } from './frame.ts'
import { info, type Name, names } from './info.ts'
import { place } from './place.ts'

const COLON = 0x3a
const interner = new Interner()

/** Where a TTHeader names the service: as its callers discover it, and as its interface does. */
const TO_SERVICE_NAME = names.get('to_service')
const INTERFACE_SERVICE = names.get('isn')
/** Where callers by THeader put it whose services have no name in the message. */
const SERVICE = names.get('svc')
/** Milliseconds in digits, each in its transport. */
const RPC_TIMEOUT_NAME = names.get('rpc_timeout')
const CLIENT_TIMEOUT = names.get('client_timeout')

/** A header by its exact name; undefined when there is none. Frames without a header transport have none. */
export function header(frame: Frame, name: string): string | undefined {
  return info.of(frame).find(names.get(name)) ? info.value : undefined
}

/** Every header, those of a TTHeader that are numbered by the names of their numbers. */
export function each(frame: Frame, visit: (name: string, value: string) => void): void {
  info.of(frame)
  const pairs: [string, string][] = []
  while (info.next()) if (info.name !== null) pairs.push([info.name, info.value])
  for (const [name, value] of pairs) visit(name, value)
}

/**
 * The service a request is for: what a header says whose protocol has one for it, or what stands before the colon in
 * the name of the message. A plain call of a server that has one service names none.
 */
export function service(request: Frame): string | undefined {
  place.of(request)
  const { transport } = place
  if (transport === Transport.TTHeader)
    return named(request, TO_SERVICE_NAME) ?? named(request, INTERFACE_SERVICE) ?? prefix(request)
  if (transport === Transport.Framed) return prefix(request)
  return prefix(request) ?? named(request, SERVICE)
}

/** The method called, without the service before it. */
export function method(request: Frame): string | undefined {
  const { nameEnd } = place.of(request)
  return interner.text(request.buf, methodAt(request.buf), nameEnd)
}

/** Milliseconds the caller waits, as the header transport says; 0 does not say. */
export function timeoutMs(request: Frame): number {
  if (!findTimeout(request)) return 0
  return digits(request.buf, info.valueAt, info.valueEnd)
}

/** Writes fewer milliseconds over those in the request, with zeros before them: the length stays. */
export function shorten(request: Frame, leftMs: number): void {
  if (!findTimeout(request)) return
  const left = Math.max(Math.floor(leftMs), 1)
  if (String(left).length <= info.valueEnd - info.valueAt)
    putDigits(request.buf, info.valueAt, info.valueEnd, left)
}

/** Where the method's name begins in the frame looked at last: behind the first colon, if something follows. */
export function methodAt(buf: Buffer): number {
  const { nameAt, nameEnd } = place
  for (let at = nameAt + 1; at < nameEnd; at++) if (buf[at - 1] === COLON) return at
  return nameAt
}

function findTimeout(request: Frame): boolean {
  info.of(request)
  if (place.transport === Transport.Framed) return false
  return info.find(place.transport === Transport.TTHeader ? RPC_TIMEOUT_NAME : CLIENT_TIMEOUT)
}

function named(request: Frame, name: Name): string | undefined {
  if (!info.of(request).find(name) || info.valueAt === info.valueEnd) return undefined
  return interner.text(request.buf, info.valueAt, info.valueEnd)
}

/** What stands before the first colon of the message's name; undefined when nothing does. */
export function prefix(request: Frame): string | undefined {
  place.of(request)
  const at = methodAt(request.buf)
  return at - 1 <= place.nameAt ? undefined : interner.text(request.buf, place.nameAt, at - 1)
}
