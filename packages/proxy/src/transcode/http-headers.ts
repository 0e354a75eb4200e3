import type { HttpHead } from '../http.ts'

/** Fields that speak of a message or a hop, and not of the call. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'expect',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-message',
  'grpc-status',
  'grpc-timeout',
  'host',
  'keep-alive',
  'origin',
  'pragma',
  'priority',
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
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/
/** The fields of a message that belong to the call it carries. */
export function carriedIn(head: HttpHead): Map<string, string> {
  const headers = new Map<string, string>()
  head.each((name, value) => {
    if (OF_THE_MESSAGE.has(name)) return
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  })
  return headers
}

/** Adds the headers of a call that HTTP can say; attachments of other protocols may have any name. */
export function putCarried(fields: [string, string][], headers: ReadonlyMap<string, string>): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (NAME.test(name) && VALUE.test(value) && !OF_THE_MESSAGE.has(lower))
      fields.push([lower, value])
  }
}
