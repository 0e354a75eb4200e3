import type { Frame } from '../../frame.ts'
import { digits, Interner, Names, putDigits, serviceName } from '../../framed.ts'
import { Attached, CALLBACK, type Name, nameOf } from './attachments.ts'
import type { Head } from './head.ts'
import { place } from './place.ts'
import { lastInt, putInt, skipInt } from './skip.ts'
import { isPlain, isStringTag, plainStart, skipString, textAt } from './text.ts'

/** A call of any method by its name, which is the first of these three arguments. */
const GENERIC_ARGUMENTS = 3
const INVOKE = '$invoke'
const INVOKE_ASYNC = '$invokeAsync'
/** What consumers send that ask for no version. */
export const NO_VERSION = '0.0.0'

/** From here on a search is cheaper than the walk over what is small. */
const LARGE_BYTES = 1024
const interner = new Interner()
/** Names of attachments, made once. */
export const names: Names<Name> = new Names(nameOf)

/** An attachment by its exact name; undefined when it is missing or no text. Of equal names, the last: so do hosts. */
export function header(frame: Frame, name: string): string | undefined {
  const at = place.of(frame).find(names.get(name))
  return at === -1 ? undefined : attachment(frame.buf, at)
}

/** Every attachment that is a text, in order, as it stands there. */
export function each(frame: Frame, visit: (name: string, value: string) => void): void {
  const { buf } = frame
  const { pairCount } = place.of(frame)
  for (let pair = 0; pair < pairCount; pair++) {
    // Who is visited may look into another frame.
    place.of(frame)
    const name = text(buf, place.keyAt(pair), place.valueAt(pair))
    const value = attachment(buf, pair)
    if (name !== undefined && value !== undefined) visit(name, value)
  }
}

/**
 * The service a request is for, as Dubbo itself names it: `group/path:version`, without what it has none of. The path
 * usually is the interface. Hosts go by the attachments and fall back on the body's head, so where these cannot be
 * read the service is not known: a route by the head alone could be led astray.
 */
export function service(request: Frame): string | undefined {
  const { head, attachments } = place.of(request)
  if (head === null || attachments.attached === Attached.Unknown) return undefined
  if (attachments.head === head) return attachments.service
  const { buf } = request
  const path = attachment(buf, attachments.path) ?? named(head, buf) ?? ''
  const version =
    attachment(buf, attachments.version) ??
    text(buf, place.at + head.versionAt, place.at + head.methodAt) ??
    ''
  const group = attachment(buf, attachments.group) ?? ''
  const name = serviceName(group, path, version === NO_VERSION ? '' : version)
  if (!head.kept || !attachments.kept) return name
  attachments.head = head
  attachments.service = name
  return name
}

/** The method called; of a generic call the one it names, not `$invoke`. */
export function method(request: Frame): string | undefined {
  const { head } = place.of(request)
  if (head === null) return undefined
  const { buf, end } = request
  const name = head.method ?? methodOf(head, buf)
  if (head.argumentCount !== GENERIC_ARGUMENTS || (name !== INVOKE && name !== INVOKE_ASYNC))
    return name
  const at = place.at + head.argumentsAt
  const behind = skipString(buf, at, end)
  const called = behind === -1 ? undefined : text(buf, at, behind)
  return called === undefined ? name : trimmed(called)
}

/** Milliseconds the caller waits; 0 does not say. Java sends digits, dubbo2.js a number. */
export function timeoutMs(request: Frame): number {
  const pair = place.of(request).attachments.timeout
  if (pair === -1) return 0
  const { buf } = request
  const at = place.valueAt(pair)
  const end = place.keyAt(pair + 1)
  if (isStringTag(buf[at]!))
    return isPlain(buf, at, end) ? digits(buf, plainStart(buf, at), end) : 0
  return skipInt(buf, at, end) === end ? Math.max(lastInt(), 0) : 0
}

/**
 * Writes how long the caller still waits, in as many bytes as it was said in: digits with zeros before them, which all
 * readers of decimal numbers skip, and an int in the width it has. `_TO` is what Dubbo hands on of its own countdown.
 */
export function shorten(request: Frame, leftMs: number): void {
  const { timeout, timeoutLeft } = place.of(request).attachments
  const ms = Math.max(Math.floor(leftMs), 1)
  putNumber(request.buf, timeout, ms)
  putNumber(request.buf, timeoutLeft, ms)
}

/**
 * Whether an argument is a callback: from then on the host calls its client, on the connection the request came by. It is
 * asked of every request, so that large ones are searched for the mark by native code before their arguments are walked
 * over for this alone.
 */
export function binds(request: Frame): boolean {
  const { buf, start, end } = request
  if (end - start > LARGE_BYTES && buf.subarray(start, end).indexOf(CALLBACK.bytes) === -1)
    return false
  return place.of(request).attachments.callsBack
}

/** As Java trims: whatever stands before the exclamation mark, control characters too. */
function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 0x20) from++
  while (from < to && text.charCodeAt(to - 1) <= 0x20) to--
  return text.slice(from, to)
}

/** The service that the head names, of the body looked at last. */
function named(head: Head, buf: Buffer): string | undefined {
  return text(buf, place.at + head.serviceAt, place.at + head.versionAt)
}

function methodOf(head: Head, buf: Buffer): string | undefined {
  const name = text(buf, place.at + head.methodAt, place.at + head.descriptorAt)
  if (head.kept && name !== undefined) head.method = name
  return name
}

/** The text of this pair of the body looked at last. */
function attachment(buf: Buffer, pair: number): string | undefined {
  return pair === -1 ? undefined : text(buf, place.valueAt(pair), place.keyAt(pair + 1))
}

/** The string in [at, end); undefined when it is something else. */
function text(buf: Buffer, at: number, end: number): string | undefined {
  if (!isStringTag(buf[at]!)) return undefined
  return isPlain(buf, at, end) ? interner.text(buf, plainStart(buf, at), end) : textAt(buf, at, end)
}

/** Writes a smaller number over that of a pair of the body looked at last. */
function putNumber(buf: Buffer, pair: number, value: number): void {
  if (pair === -1) return
  const at = place.valueAt(pair)
  const end = place.keyAt(pair + 1)
  if (!isStringTag(buf[at]!)) {
    if (skipInt(buf, at, end) === end && lastInt() > value) putInt(buf, at, value)
    return
  }
  if (!isPlain(buf, at, end)) return
  const first = plainStart(buf, at)
  if (digits(buf, first, end) <= value) return
  putDigits(buf, first, end, value)
}
