import type { Frame } from '../../frame.ts'
import { digits, Interner, Names, putDigits, serviceName } from '../../framed.ts'
import { javaBytes } from '../../transcode/java-text.ts'
import { isMotan2 } from './frame.ts'
import { javaText } from './java-text.ts'
import { type Name, pairs } from './pairs.ts'

const PATH: Name = nameOf('M_p')
const METHOD: Name = nameOf('M_m')
const CLASSES: Name = nameOf('M_md')
const GROUP: Name = nameOf('M_g')
const VERSION: Name = nameOf('M_v')
const TIMEOUT: Name = nameOf('M_tmo')
/** What Java and Motan1 call the same, where the protocol's own names are missing. */
const PLAIN_GROUP: Name = nameOf('group')
const PLAIN_VERSION: Name = nameOf('version')

const interner = new Interner()
/** Names of metadata, made once. */
export const names: Names<Name> = new Names(nameOf)

/**
 * Metadata by its exact name, `M_p` and the like too; undefined when it is missing. Of equal names, the last: hosts put
 * the pairs into a map one after the other.
 */
export function header(frame: Frame, name: string): string | undefined {
  const pair = pairs.of(frame).find(names.get(name))
  if (pair === -1) return undefined
  return textIn(frame, pairs.valueAt(pair), pairs.valueEnd(pair))
}

/** All of the metadata, in order; of equal names, each. */
export function each(frame: Frame, visit: (name: string, value: string) => void): void {
  const found: string[] = []
  pairs.of(frame)
  for (let pair = 0; pair < pairs.count; pair++)
    found.push(
      textIn(frame, pairs.keyAt(pair), pairs.keyEnd(pair)),
      textIn(frame, pairs.valueAt(pair), pairs.valueEnd(pair)),
    )
  // Whoever is visited may look into another frame.
  for (let i = 0; i < found.length; i += 2) visit(found[i]!, found[i + 1]!)
}

/**
 * The service a request is for, as its hosts tell services apart: `group/path:version`, without what it does not say.
 * The path usually is the interface.
 */
export function service(request: Frame): string | undefined {
  pairs.of(request)
  if (!pairs.known) return undefined
  const path = named(request, PATH, pairs.stream.serviceAt, pairs.stream.methodAt)
  if (path === undefined) return undefined
  const group = text(GROUP) || text(PLAIN_GROUP)
  const version = text(VERSION) || text(PLAIN_VERSION)
  return serviceName(group, path, version)
}

/** The method called; undefined where nobody can say. */
export function method(request: Frame): string | undefined {
  pairs.of(request)
  if (!pairs.known) return undefined
  return named(request, METHOD, pairs.stream.methodAt, pairs.stream.classesAt)
}

/** The classes of the parameters, which tell methods of one name apart; undefined where they are not said. */
export function classes(request: Frame): string | undefined {
  pairs.of(request)
  if (!pairs.known) return undefined
  return named(request, CLASSES, pairs.stream.classesAt, pairs.stream.namesEnd)
}

/** Milliseconds the caller waits; 0 does not say. */
export function timeoutMs(request: Frame): number {
  const pair = pairs.of(request).find(TIMEOUT)
  if (pair === -1) return 0
  return digits(pairs.buf!, pairs.valueAt(pair), pairs.valueEnd(pair))
}

/** As many digits as there were, so that nothing else moves: `0950` is what is left of `3000`. */
export function shorten(request: Frame, leftMs: number): void {
  const pair = pairs.of(request).find(TIMEOUT)
  // A copy of what Motan1 has in pieces is not what the host gets.
  if (pair === -1 || pairs.buf !== request.buf) return
  const left = Math.max(Math.floor(leftMs), 1)
  putDigits(request.buf, pairs.valueAt(pair), pairs.valueEnd(pair), left)
}

/** A name with its bytes. */
export function nameOf(text: string): Name {
  return { text, motan1: javaBytes(text), motan2: Buffer.from(text) }
}

function textIn({ buf, start }: Frame, at: number, end: number): string {
  return isMotan2(buf, start) ? pairs.buf!.toString('utf8', at, end) : javaText(pairs.buf!, at, end)
}

/** What Motan2 has in its metadata, and Motan1 in the head of its object stream. */
function named({ buf, start }: Frame, name: Name, at: number, end: number): string | undefined {
  if (!isMotan2(buf, start)) return interner.text(pairs.stream.head, at + 2, end)
  const pair = pairs.find(name)
  return pair === -1 ? undefined : valueAs(pair)
}

/** The text of a pair of the frame looked at last; empty when there is none. */
function text(name: Name): string {
  const pair = pairs.find(name)
  return pair === -1 ? '' : valueAs(pair)
}

function valueAs(pair: number): string {
  return interner.text(pairs.buf!, pairs.valueAt(pair), pairs.valueEnd(pair))
}
