import type { Http1Head } from './head.ts'
import { bit, Kind } from './names.ts'

/** Kinds of headers that are of one hop only (RFC 9110 §7.6.1). */
export const HOP: number = bit(Kind.Connection) | bit(Kind.Hop) | bit(Kind.Te) | bit(Kind.Upgrade)

/** What another version of HTTP says in its own way: the hop's headers, where the body ends, whom it is for. */
export const NOT_END_TO_END: number = HOP | bit(Kind.TransferEncoding) | bit(Kind.Host)

/** What trailers must not say (RFC 9110 §6.5.1). */
export const NOT_IN_TRAILERS: number =
  NOT_END_TO_END | bit(Kind.ContentLength) | bit(Kind.Expect) | bit(Kind.Server)

/**
 * The headers that the Connection header names, in lower case: they end here, but those that say whom the message is
 * for and where it ends.
 */
export function connectionNames(head: Http1Head): readonly string[] {
  const names: string[] = []
  for (const word of (head.header('connection') ?? '').toLowerCase().split(',')) {
    const name = word.trim()
    if (name !== '' && !KEPT.has(name)) names.push(name)
  }
  return names
}

const KEPT: ReadonlySet<string> = new Set([
  'content-length',
  'host',
  'te',
  'transfer-encoding',
  'upgrade',
])
