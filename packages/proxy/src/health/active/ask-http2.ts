import http2, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import type { ProbeConnection } from '../../health.ts'

/** More than an answer to a check is worth. */
const MAX_BYTES = 64 * 1024

/** Who hears what becomes of a question. */
export interface Asker {
  /** The head of the answer; `last`: it is all of it. */
  onHead(headers: IncomingHttpHeaders, last: boolean): void
  /** All of the answer, with its trailers. */
  onEnd(body: Buffer, trailers: IncomingHttpHeaders): void
  /** There will be none. */
  onFailure(why: string): void
}

/** Asks one question over HTTP/2, on a connection that stands and closes with it. */
export function askHttp2(
  connection: ProbeConnection,
  headers: OutgoingHttpHeaders,
  body: Buffer | null,
  asker: Asker,
): void {
  // The address is a formality: the headers say whom the question is for.
  const session = http2.connect('http://localhost', {
    createConnection: () => connection,
    settings: { enablePush: false },
  })
  const fail = (error: Error): void => asker.onFailure(error.message)
  session.on('error', fail)
  const stream = session.request(headers, { endStream: body === null })
  if (body !== null) stream.end(body)
  const chunks: Buffer[] = []
  let bytes = 0
  let trailers: IncomingHttpHeaders = {}
  stream.on('error', fail)
  stream.on('response', (head, flags) =>
    asker.onHead(head, (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0),
  )
  stream.on('trailers', (told) => {
    trailers = told
  })
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MAX_BYTES) return void chunks.push(chunk)
    asker.onFailure('it is too large')
    session.destroy()
  })
  stream.on('end', () => asker.onEnd(Buffer.concat(chunks), trailers))
  stream.on('close', () => session.close())
}
