import { once } from 'node:events'
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'

/** What a request of Node's HTTP/2 client got. */
export interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Statuses before the last one: 100, 103. */
  readonly hints: readonly number[]
  readonly body: Buffer
  readonly trailers: IncomingHttpHeaders
}

/** Node refuses streams above so much that waits in a session: a hundred with 1 MiB each are more than it likes. */
export const MOST_MEGABYTES = 1000

/** A session of Node's HTTP/2 client; a certificate of an authority for `https`. */
export async function connect(url: string, ca?: Buffer): Promise<ClientHttp2Session> {
  const tls = ca === undefined ? {} : { ca, servername: 'localhost' }
  const session = http2.connect(url, { ...tls, maxSessionMemory: MOST_MEGABYTES })
  await once(session, 'connect')
  return session
}

/** One request, when its answer is whole. Fails when the stream is reset. */
export async function request(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: Buffer | null = null,
  trailers: OutgoingHttpHeaders | null = null,
): Promise<Got> {
  const stream = session.request(headers, {
    endStream: body === null,
    waitForTrailers: trailers !== null,
  })
  if (trailers !== null) stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  const got = answer(stream)
  if (body !== null) stream.end(body)
  return await got
}

/** The answer of a stream, when it is whole. Fails when the stream is reset. */
export async function answer(stream: ClientHttp2Stream): Promise<Got> {
  const hints: number[] = []
  const chunks: Buffer[] = []
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  stream.on('headers', (early) => hints.push(Number(early[':status'])))
  stream.on('response', (came) => {
    headers = came
  })
  stream.on('trailers', (came) => {
    trailers = came
  })
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  stream.on('error', reject)
  stream.on('close', () => {
    if (stream.rstCode === 0) resolve()
    else reject(new Error(`the stream is reset with ${stream.rstCode}`))
  })
  await promise
  const body = Buffer.concat(chunks)
  return { status: Number(headers[':status']), headers, hints, body, trailers }
}
