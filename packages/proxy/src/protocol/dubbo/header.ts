import type { Frame } from '../../frame.ts'
import { Interner } from '../../framed.ts'
import { Attached, body, type Name } from './body.ts'
import { serviceName } from './service-name.ts'
import { lastInt, skipInt } from './skip.ts'
import { isPlain, isStringTag, plainStart, skipString, textAt } from './text.ts'

const PATH: Name = nameOf('path')
const VERSION: Name = nameOf('version')
const GROUP: Name = nameOf('group')
const TIMEOUT: Name = nameOf('timeout')

/** A call of any method by its name, which is the first of these three arguments. */
const GENERIC_ARGUMENTS = 3
const INVOKE = '$invoke'
const INVOKE_ASYNC = '$invokeAsync'

const MAX_TIMEOUT_MS = 0x7fffffff
const interner = new Interner()
/** Names that are asked for come from configuration, so they are few; the bound is for who asks by chance. */
const MAX_NAMES = 1024
const names = new Map<string, Name>()

/** An attachment by its exact name; undefined when it is missing or no text. Of equal names, the last: so do hosts. */
export function header(frame: Frame, name: string): string | undefined {
  const at = body.of(frame).find(known(name))
  return at === -1 ? undefined : attachment(frame.buf, at)
}

/**
 * The service a request is for, as Dubbo itself names it: `group/path:version`, without what it has none of. The path
 * usually is the interface. Hosts go by the attachments and fall back on the body's head, so where these cannot be
 * read the service is not known: a route by the head alone could be led astray.
 */
export function service(request: Frame): string | undefined {
  const at = body.of(request)
  if (at.serviceAt === 0 || at.attached === Attached.Unknown) return undefined
  const { buf } = request
  const path = named(buf, PATH) ?? text(buf, at.serviceAt, at.versionAt)
  const version = named(buf, VERSION) ?? text(buf, at.versionAt, at.methodAt)
  return serviceName(named(buf, GROUP), path ?? '', version)
}

/** The method called; of a generic call the one it names, not `$invoke`. */
export function method(request: Frame): string | undefined {
  const at = body.of(request)
  if (at.serviceAt === 0) return undefined
  const { buf, end } = request
  const name = text(buf, at.methodAt, at.descriptorAt)
  if (at.argumentCount !== GENERIC_ARGUMENTS || (name !== INVOKE && name !== INVOKE_ASYNC))
    return name
  const behind = skipString(buf, at.argumentsAt, end)
  const called = behind === -1 ? undefined : text(buf, at.argumentsAt, behind)
  return called === undefined ? name : trimmed(called)
}

/** Milliseconds the caller waits; 0 does not say. Java sends digits, dubbo2.js a number. */
export function timeoutMs(request: Frame): number {
  const { buf } = request
  const pair = body.of(request).find(TIMEOUT)
  if (pair === -1) return 0
  const at = body.valueAt(pair)
  const end = body.keyAt(pair + 1)
  if (isStringTag(buf[at]!))
    return isPlain(buf, at, end) ? digits(buf, plainStart(buf, at), end) : 0
  return skipInt(buf, at, end) === end ? Math.max(lastInt(), 0) : 0
}

/** As Java trims: whatever stands before the exclamation mark, control characters too. */
function trimmed(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 0x20) from++
  while (from < to && text.charCodeAt(to - 1) <= 0x20) to--
  return text.slice(from, to)
}

/** A name with its bytes. */
export function nameOf(text: string): Name {
  return { text, bytes: Buffer.from(text) }
}

function known(text: string): Name {
  let name = names.get(text)
  if (name === undefined) {
    if (names.size === MAX_NAMES) names.clear()
    name = nameOf(text)
    names.set(text, name)
  }
  return name
}

/** The text of an attachment of the body looked at last. */
function named(buf: Buffer, name: Name): string | undefined {
  const pair = body.find(name)
  return pair === -1 ? undefined : attachment(buf, pair)
}

function attachment(buf: Buffer, pair: number): string | undefined {
  return text(buf, body.valueAt(pair), body.keyAt(pair + 1))
}

/** The string in [at, end); undefined when it is something else. */
function text(buf: Buffer, at: number, end: number): string | undefined {
  if (!isStringTag(buf[at]!)) return undefined
  return isPlain(buf, at, end) ? interner.text(buf, plainStart(buf, at), end) : textAt(buf, at, end)
}

function digits(buf: Buffer, at: number, end: number): number {
  let value = 0
  for (; at < end; at++) {
    const digit = buf[at]! - 0x30
    if (digit < 0 || digit > 9) return 0
    value = Math.min(value * 10 + digit, MAX_TIMEOUT_MS)
  }
  return value
}
