import { type Check, has, same } from '../checks.ts'
import { bytes, LARGE_HASH, sha256 } from '../http-origin.ts'
import { outputOf } from '../output.ts'

/** What is sent. */
export const UPLOAD: Buffer<ArrayBuffer> = bytes(8 * 1024 * 1024)
const SUCCEEDED = /(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/

/** Where listeners are. */
export interface Urls {
  readonly plain: string
  readonly tls: string
  /** With TLS, HTTP/1.1 alone. */
  readonly old: string
}

/** nghttp and h2load in front of a server of HTTP/1.1. `upload` is a file of 8 MiB. */
export function clientChecks({ plain, tls, old }: Urls, upload: string): Check[] {
  return [
    ...streamChecks('in the clear', plain, upload),
    ...streamChecks('over TLS', tls, upload),
    [
      'an upgrade to h2c is honoured, or the answer is HTTP/1.1 as if nobody had asked',
      () => upgrade(plain),
    ],
    [
      'ALPN chooses h2 where both have it',
      async () => {
        const { text } = await outputOf('nghttp', ['-nvy', `${tls}/hello`])
        has('what nghttp saw', text, 'The negotiated protocol: h2')
      },
    ],
    [
      'ALPN chooses HTTP/1.1 where the client has nothing else',
      () => load(['--h1', '-n', '200', '-c', '4', `${tls}/hello`], 200, 'http/1.1'),
    ],
    [
      'ALPN chooses HTTP/1.1 where the listener has nothing else',
      () => {
        const both = ['--npn-list=h2,http/1.1', '-n', '200', '-c', '4', `${old}/hello`]
        return load(both, 200, 'http/1.1')
      },
    ],
  ]
}

function streamChecks(how: string, url: string, upload: string): Check[] {
  const checks: Check[] = [
    [
      'a page comes by HTTP/2',
      async () => {
        const { text } = await nghttp(['-nv', `${url}/hello`])
        has('the answer', text, ':status: 200')
        has('the answer', text, /recv DATA frame <length=6,/)
      },
    ],
    [
      'a download of 16 MiB arrives whole',
      async () => same('the hash', sha256((await nghttp([`${url}/large`])).body), LARGE_HASH),
    ],
    [
      'a download of 16 MiB arrives whole through windows of 1 KiB and 16 KiB',
      async () => {
        const narrow = ['-w', '10', '-W', '16', `${url}/chunked`]
        same('the hash', sha256((await nghttp(narrow)).body), LARGE_HASH)
      },
    ],
    ['an upload of 8 MiB arrives whole', () => uploads(['-d', upload, `${url}/mirror`])],
    [
      'an upload of 8 MiB in padded frames without a length arrives whole',
      () => uploads(['-b', '200', '--no-content-length', '-d', upload, `${url}/mirror`]),
    ],
    [
      'an upload waits for 100 Continue',
      async () => {
        const { text } = await nghttp(['-nv', '--expect-continue', '-d', upload, `${url}/mirror`])
        has('the answers', text, /:status: 100[\s\S]*:status: 200/)
      },
    ],
    [
      'trailers of a request arrive',
      async () => {
        const sum = ['--no-content-length', '--trailer', 'x-sum: 42', '-d', upload]
        const { trailers } = JSON.parse((await nghttp([...sum, `${url}/mirror`])).text)
        same('the trailer', trailers['x-sum'], '42')
      },
    ],
    [
      'trailers of an answer arrive',
      async () => {
        const { text } = await nghttp(['-nv', '-H', 'te: trailers', `${url}/trailed`])
        has('what came', text, /recv DATA[\s\S]*x-sum: 42/)
      },
    ],
    [
      'headers that need CONTINUATION arrive',
      async () => {
        const { headers } = JSON.parse((await nghttp(['--continuation', `${url}/mirror`])).text)
        same('the length of the last', headers['continuation-test-6'].length > 3000, true)
      },
    ],
    [
      'a client without a table of headers is answered fifty times',
      async () => {
        const none = ['-c', '0', '--encoder-header-table-size=0', '-m', '50']
        const { text } = await nghttp(['-nv', ...none, `${url}/hello`])
        same('answers', text.match(/:status: 200/g)?.length, 50)
      },
    ],
    [
      'tables of headers change their size',
      async () => {
        const sizes = ['-c', '1', '-c', '8192', '-m', '50']
        const { text } = await nghttp(['-nv', ...sizes, `${url}/hello`])
        same('answers', text.match(/:status: 200/g)?.length, 50)
      },
    ],
    [
      'h2load: 4000 requests in 4 × 32 streams all succeed',
      () => load(['-n', '4000', '-c', '4', '-m', '32', `${url}/hello`], 4000),
    ],
    [
      'h2load: 16 uploads of 8 MiB, all at once, all succeed',
      () => load(['-n', '16', '-c', '2', '-m', '8', '-d', upload, `${url}/mirror`], 16),
    ],
    [
      'h2load: 16 downloads of 16 MiB, all at once, all succeed',
      () => load(['-n', '16', '-c', '2', '-m', '8', `${url}/large`], 16),
    ],
  ]
  return checks.map(([sentence, find]) => [`${how}: ${sentence}`, find])
}

async function uploads(args: readonly string[]): Promise<void> {
  const { length, hash } = JSON.parse((await nghttp(args)).text)
  same('the length', length, UPLOAD.length)
  same('the hash', hash, sha256(UPLOAD))
}

async function upgrade(url: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>()
  // nghttp takes an answer by HTTP/1.1 for a failure; what came is in the message then.
  outputOf('nghttp', ['-nvu', `${url}/hello`]).then(
    ({ text }) => resolve(text),
    (error: Error) => resolve(error.message),
  )
  has('the answer', await promise, /HTTP\/1\.1 101[\s\S]*:status: 200|HTTP\/1\.1 200/)
}

function nghttp(args: readonly string[]): ReturnType<typeof outputOf> {
  return outputOf('nghttp', ['-y', ...args])
}

/** Fails unless so many requests succeed, by this protocol. */
async function load(args: readonly string[], wanted: number, protocol = 'h2'): Promise<void> {
  const { text } = await outputOf('h2load', args)
  const [, ...counts] = SUCCEEDED.exec(text) ?? []
  same('succeeded, failed, errored, late', counts.join(), `${wanted},0,0,0`)
  has('the statuses', text, `status codes: ${wanted} 2xx`)
  has('what h2load saw', text, `Application protocol: ${protocol}`)
}
