import { type Check, has, same } from '../checks.ts'
import { bytes, LARGE_HASH, sha256 } from '../http-origin.ts'
import type { Output } from '../output.ts'
import { curl } from './curl.ts'

const UPLOAD = bytes(8 * 1024 * 1024)

/** One way to speak HTTP. */
export interface Way {
  readonly name: string
  readonly url: string
  /** What makes curl go it. */
  readonly args: readonly string[]
  /** How curl calls the version of an answer. */
  readonly version: 'HTTP/1.1' | 'HTTP/2'
  /** Whether a connection takes a second request: curl 7.88 stumbles over its own where it knew of HTTP/2 before. */
  readonly reuses: boolean
}

/** What has to be so in every version of HTTP, in the clear and over TLS. */
export function versionChecks({ name, url, args, version, reuses }: Way): Check[] {
  const run = (more: readonly string[], input: Buffer | null = null): Promise<Output> =>
    curl([...args, ...more], input)
  const checks: Check[] = [
    [
      'a page comes',
      async () => {
        const { text, told } = await run([`${url}/hello`])
        same('the body', text, 'hello\n')
        has('the answer', told, `< ${version} 200`)
      },
    ],
    [
      'an upload of 8 MiB arrives whole',
      async () => {
        const put = ['-H', 'Expect:', '-T', '-', `${url}/mirror`]
        const { method, length, hash } = JSON.parse((await run(put, UPLOAD)).text)
        same('the method', method, 'PUT')
        same('the length', length, UPLOAD.length)
        same('the hash', hash, sha256(UPLOAD))
      },
    ],
    [
      '100 Continue comes before a body that waits for it',
      async () => {
        const waits = ['-H', 'Expect: 100-continue', '--expect100-timeout', '20']
        const { text, told } = await run([...waits, '--data-binary', '@-', `${url}/mirror`], UPLOAD)
        has('what came first', told, `< ${version} 100`)
        same('the hash', JSON.parse(text).hash, sha256(UPLOAD))
      },
    ],
    [
      'downloads of 16 MiB arrive whole, with a length and without',
      async () => {
        for (const path of ['/large', '/chunked'])
          same(`the hash of ${path}`, sha256((await run([url + path])).body), LARGE_HASH)
      },
    ],
    [
      'HEAD tells the length and has no body',
      async () => {
        const { text } = await run(['-I', `${url}/large`])
        has('the head', text, /content-length: 16777216/i)
      },
    ],
    [
      '204 and 304 have no body',
      async () => {
        for (const [path, status] of Object.entries({ '/empty': 204, '/unchanged': 304 }))
          same(path, (await run(['-w', '%{http_code}', url + path])).text, String(status))
      },
    ],
    [
      'the host that was asked for arrives',
      async () => {
        const asked = ['-H', 'Host: shop.interop.test', `${url}/mirror`]
        const { headers } = JSON.parse((await run(asked)).text)
        same('the host', headers.host, 'shop.interop.test')
        same('the scheme', headers['x-forwarded-proto'], new URL(url).protocol.slice(0, -1))
      },
    ],
    [
      'a path without a route gets 404 and a sentence',
      async () => {
        const { text, told } = await run([`${url}/lost`])
        has('the answer', told, `< ${version} 404`)
        has('the body', text, /^interop: \w+: /)
      },
    ],
  ]
  const overOne: Check[] = [
    [
      'three pages come over one connection',
      async () => {
        const connects = ['-w', '%{num_connects}\n']
        const pages = ['/hello', '/empty', '/hello'].map((path) => url + path)
        const { text } = await run([...connects, ...pages])
        same('pages and new connections', text, 'hello\n1\n0\nhello\n0\n')
      },
    ],
    [
      '200 requests, 20 at a time, all succeed',
      async () => {
        const many = ['-Z', '--parallel-max', '20', '-w', '%{http_code}\n', '-o', '/dev/null']
        const { text } = await run([...many, `${url}/mirror?[1-200]`])
        same('how many succeeded', text.split('\n').filter((line) => line === '200').length, 200)
      },
    ],
  ]
  const all = reuses ? [...checks, ...overOne] : checks
  return all.map(([sentence, find]) => [`${name}: ${sentence}`, find])
}
