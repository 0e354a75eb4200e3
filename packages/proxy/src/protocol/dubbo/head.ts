import { countArguments } from './descriptor.ts'
import { Remembered } from './remembered.ts'
import { skipInt } from './skip.ts'
import { skipString } from './text.ts'

const NULL = 0x4e
/** Longer names than this nobody calls. */
const MAX_BYTES = 512

/** What begins the body of a request: where its strings stand, counted from the body's beginning. */
export class Head {
  /** Each ends where the next begins. */
  serviceAt = 0
  versionAt = 0
  methodAt = 0
  descriptorAt = 0
  argumentsAt = 0
  /** How many arguments follow; -1 when nobody can say. */
  argumentCount = -1
  /** Whether these bytes may come again, so that what is read out of them may stay with them. */
  kept = false
  /** The method's name, once it was read out of a head that is kept. */
  method: string | null = null
}

const heads = new Remembered<Head>(MAX_BYTES)
/** The head of a request that was not seen before; there is one. */
const fresh = new Head()
/** Where the method begins, for the hash: what differs most between the heads of a client. */
let methodAt = 0

/** The head of the body that begins at `at`; null when it cannot be read. It is good until the next is asked for. */
export function headAt(buf: Buffer, at: number, end: number): Head | null {
  const guess = hop(buf, at, end)
  if (guess !== -1) {
    const known = heads.get(buf, at, guess, hash(buf, at, guess))
    if (known !== null) return known
  }
  if (!parse(fresh, buf, at, end)) return null
  if (guess !== at + fresh.argumentsAt || fresh.argumentCount === -1) return fresh
  if (!heads.wants(guess - at)) return fresh
  const kept = new Head()
  parse(kept, buf, at, end)
  kept.kept = true
  heads.put(buf, at, guess, kept)
  return kept
}

/**
 * Where the head would end if all its strings were ASCII and written in the shortest way; -1 when its tags say they are
 * not. Whether it does end there, only the comparison with a head that was read tells.
 */
function hop(buf: Buffer, at: number, end: number): number {
  for (let i = 0; i < 5; i++) {
    if (at + 1 >= end) return -1
    if (i === 3) methodAt = at
    const tag = buf[at]!
    if (tag < 0x20) at += 1 + tag
    else if (tag >= 0x30 && tag <= 0x33) at += 2 + (((tag - 0x30) << 8) | buf[at + 1]!)
    else if (tag === NULL && i === 2) at++
    else return -1
  }
  return at <= end ? at : -1
}

/** The method and what it takes whole, of the service some bytes. */
function hash(buf: Buffer, at: number, end: number): number {
  let value = end - at
  for (let i = methodAt; i < end; i++) value = (Math.imul(value, 31) + buf[i]!) | 0
  const step = ((methodAt - at) >> 3) + 1
  for (let i = methodAt - 1; i >= at; i -= step) value = (Math.imul(value, 31) + buf[i]!) | 0
  return value
}

/** False when not even the method can be read. Of one whose arguments cannot be counted the names are known. */
function parse(head: Head, buf: Buffer, at: number, end: number): boolean {
  const service = skipString(buf, at, end)
  if (service === -1) return false
  const version = skipString(buf, service, end)
  if (version === -1) return false
  const method = buf[version] === NULL ? version + 1 : skipString(buf, version, end)
  if (method === -1) return false
  let descriptor = skipString(buf, method, end)
  if (descriptor === -1) return false
  head.serviceAt = service - at
  head.versionAt = version - at
  head.methodAt = method - at
  head.descriptorAt = descriptor - at
  head.argumentCount = -1
  // Dubbox has a number between method and descriptor.
  const behindNumber = skipInt(buf, descriptor, end)
  if (behindNumber !== -1) descriptor = behindNumber
  const first = skipString(buf, descriptor, end)
  if (first === -1) return true
  head.argumentsAt = first - at
  head.argumentCount = countArguments(buf, descriptor, first)
  return true
}
