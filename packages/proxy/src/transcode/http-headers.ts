import type { Frame } from '../frame.ts'
import { isField } from '../http/field.ts'
import type { HttpHead } from '../http.ts'

/** Fields that speak of a message, what is kept of it, or a hop, and not of the call. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'accept-ranges',
  'age',
  'alt-svc',
  'cache-control',
  'connection',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'etag',
  'exception-type',
  'expect',
  'expires',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-timeout',
  'host',
  'http2-settings',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'last-modified',
  'location',
  'origin',
  'pragma',
  'priority',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'referer',
  'server',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'vary',
  'via',
])
const COLON = ':'

/** The fields of a message that belong to the call it carries, with the changes made on the way. */
export function carriedIn({ view, edits }: Frame): Map<string, string> {
  const headers = new Map<string, string>()
  const add = (name: string, value: string): void => {
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  ;(view as HttpHead).each((name, value) => {
    if (!OF_THE_MESSAGE.has(name)) add(name, value)
  })
  for (const { name, value, append } of edits ?? []) {
    if (OF_THE_MESSAGE.has(name) || name.startsWith(COLON)) continue
    if (!append) headers.delete(name)
    if (value !== null) add(name, value)
  }
  return headers
}

/** Adds the headers of a call that HTTP can say; attachments of other protocols may have any name. */
export function putCarried(fields: [string, string][], headers: ReadonlyMap<string, string>): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (isField(name, value) && !OF_THE_MESSAGE.has(lower)) fields.push([lower, value])
  }
}
