import { isSame } from '../../framed.ts'
import { Remembered } from './remembered.ts'
import { skipValues } from './skip.ts'
import { isStringTag, isText, skipString, textAt } from './text.ts'

/** More attachments than anybody sends. */
const MAX_PAIRS = 1024
/** Longer maps are read anew each time. */
const MAX_BYTES = 2048
/** So many at their end count whole for the hash. */
const LAST_BYTES = 8
const NULL = 0x4e
const MAP = 0x48
const TYPED_MAP = 0x4d
const MAP_END = 0x5a
const SHORT_MAX = 0x1f

/** What stands where the attachments belong. */
export const Attached = {
  /** Nobody can say: the body is no Hessian, is broken, ends before them or has something there that is no map. */
  Unknown: 0,
  /** Null, or a response that has no room for them. */
  Nothing: 1,
  Map: 2,
} as const
export type Attached = (typeof Attached)[keyof typeof Attached]

/** A name to look for, with its text in bytes. */
export interface Name {
  readonly text: string
  readonly bytes: Buffer
}

const PATH = nameOf('path')
const VERSION = nameOf('version')
const GROUP = nameOf('group')
const TIMEOUT = nameOf('timeout')
const TIMEOUT_LEFT = nameOf('_TO')
/** Begins the names that mark arguments by which the host calls back. */
export const CALLBACK: Name = nameOf('sys_callback_arg-')
const CALLBACK_BYTES = CALLBACK.bytes.length

/** The attachments of a body: places of all pairs, counted from their beginning, and those that are asked for often. */
export class Attachments {
  attached: Attached = Attached.Unknown
  /** How many bytes they are. */
  bytes = 0
  pairCount = 0
  /** Of each pair where its key and where its value begins, and the end of the last: a pair ends where the next begins. */
  places: Int32Array = NO_PLACES
  /** Pairs by these names, of equal names the last, as maps keep it; -1 where there is none. */
  path = -1
  version = -1
  group = -1
  timeout = -1
  timeoutLeft = -1
  /** Some argument is a callback. */
  callsBack = false
  /** Whether these bytes may come again, so that what is read out of them may stay with them. */
  kept = false
  /** The head that stood before them last, and the service of both; null at first. */
  head: object | null = null
  service: string | undefined = undefined

  clear(): void {
    this.attached = Attached.Unknown
    this.bytes = 0
    this.pairCount = 0
    this.path = -1
    this.version = -1
    this.group = -1
    this.timeout = -1
    this.timeoutLeft = -1
    this.callsBack = false
  }
}

const NO_PLACES = new Int32Array(0)
const remembered = new Remembered<Attachments>(MAX_BYTES)
const places: Int32Array = new Int32Array(2 * MAX_PAIRS + 1)
/** Attachments that were not seen before; there are one. */
const fresh: Attachments = Object.assign(new Attachments(), { places })
/** Where there are none to be found. */
export const UNKNOWN: Attachments = new Attachments()
/** Where there is no room for them. */
export const NOTHING: Attachments = Object.assign(new Attachments(), {
  attached: Attached.Nothing,
})

/**
 * What stands at `at`, where attachments belong. It is good until others are asked for. -1 is no place: there are none to
 * be found.
 */
export function attachmentsAt(buf: Buffer, at: number, end: number): Attachments {
  if (at === -1 || at >= end) return UNKNOWN
  const known = remembered.get(buf, at, end, hash(buf, at, end))
  if (known !== null) return known
  fresh.clear()
  if (!parse(buf, at, end) || !remembered.wants(end - at)) return fresh
  const kept: Attachments = Object.assign(new Attachments(), fresh)
  kept.places = places.slice(0, 2 * fresh.pairCount + 1)
  kept.kept = true
  remembered.put(buf, at, end, kept)
  return kept
}

/** Whether the string in [at, end) is this name. */
export function isNamed(buf: Buffer, at: number, end: number, { text, bytes }: Name): boolean {
  const tag = buf[at]!
  // What is written in the short way, and is ASCII: its tag is its length.
  if (end - at === tag + 1 && tag <= SHORT_MAX) {
    return isSame(buf, at + 1, end, bytes)
  }
  return isStringTag(tag) && isText(buf, at, end, text)
}

/** A name with its bytes. */
export function nameOf(text: string): Name {
  return { text, bytes: Buffer.from(text) }
}

/** Some bytes, spread, and the last ones: maps of one client differ in a value, if at all. */
function hash(buf: Buffer, at: number, end: number): number {
  const step = ((end - at) >> 4) + 1
  const last = end - LAST_BYTES
  let value = end - at
  for (let i = end - 1; i >= at; i -= i > last ? 1 : step)
    value = (Math.imul(value, 31) + buf[i]!) | 0
  return value
}

/**
 * Reads them into `fresh`. Whether they mean the same wherever they stand: objects do not, as their classes may stand
 * before them.
 */
function parse(buf: Buffer, at: number, end: number): boolean {
  const tag = buf[at]!
  if (tag === MAP) return pairs(buf, at, at + 1, end)
  // A type is a string or a number, and is stepped over like a value.
  if (tag === TYPED_MAP) {
    pairs(buf, at, skipValues(buf, at + 1, end, 1), end)
    return false
  }
  if (tag !== NULL) return false
  fresh.attached = Attached.Nothing
  fresh.bytes = 1
  return true
}

function pairs(buf: Buffer, mapAt: number, at: number, end: number): boolean {
  let count = 0
  let simple = true
  while (at !== -1 && at < end && buf[at] !== MAP_END) {
    if (count === MAX_PAIRS) return false
    const value = skipOne(buf, at, end)
    if (value === -1 || value >= end) return false
    classify(buf, at, value, count)
    places[2 * count] = at - mapAt
    places[2 * count + 1] = value - mapAt
    count++
    simple &&= isStringTag(buf[at]!) && isStringTag(buf[value]!)
    at = skipOne(buf, value, end)
  }
  if (at === -1 || at >= end) return false
  places[2 * count] = at - mapAt
  fresh.pairCount = count
  fresh.bytes = at + 1 - mapAt
  fresh.attached = Attached.Map
  return simple
}

/** Notes a pair that is asked for often. Almost every name is short and ASCII, and almost none is one of these. */
function classify(buf: Buffer, at: number, end: number, pair: number): void {
  const tag = buf[at]!
  if (tag > SHORT_MAX || end - at !== tag + 1) return classifyAny(buf, at, end, pair)
  switch (tag) {
    case 3:
      if (isNamed(buf, at, end, TIMEOUT_LEFT)) fresh.timeoutLeft = pair
      return
    case 4:
      if (isNamed(buf, at, end, PATH)) fresh.path = pair
      return
    case 5:
      if (isNamed(buf, at, end, GROUP)) fresh.group = pair
      return
    case 7:
      if (isNamed(buf, at, end, VERSION)) fresh.version = pair
      else if (isNamed(buf, at, end, TIMEOUT)) fresh.timeout = pair
      return
    default:
      if (tag > CALLBACK_BYTES && isSame(buf, at + 1, at + 1 + CALLBACK_BYTES, CALLBACK.bytes))
        fresh.callsBack = true
  }
}

function classifyAny(buf: Buffer, at: number, end: number, pair: number): void {
  if (!isStringTag(buf[at]!)) return
  if (isNamed(buf, at, end, PATH)) fresh.path = pair
  else if (isNamed(buf, at, end, VERSION)) fresh.version = pair
  else if (isNamed(buf, at, end, GROUP)) fresh.group = pair
  else if (isNamed(buf, at, end, TIMEOUT)) fresh.timeout = pair
  else if (isNamed(buf, at, end, TIMEOUT_LEFT)) fresh.timeoutLeft = pair
  else if (textAt(buf, at, end).startsWith(CALLBACK.text)) fresh.callsBack = true
}

/** Where the key or value at `at` ends; -1 when it does not do so before `end`. */
function skipOne(buf: Buffer, at: number, end: number): number {
  const tag = buf[at]!
  if (tag <= SHORT_MAX) {
    const stop = at + 1 + tag
    if (stop >= end) return -1
    at++
    while (at < stop && buf[at]! < 0x80) at++
    if (at === stop) return stop
    at = stop - tag - 1
  }
  return isStringTag(tag) ? skipString(buf, at, end) : skipValues(buf, at, end, 1)
}
