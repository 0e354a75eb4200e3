import { type Check, has, same } from '../checks.ts'
import { sha256 } from '../http-origin.ts'
import { outputOf } from '../output.ts'

/** What is asked of nghttpd behind the proxy, by a client of HTTP/1.1 and one of HTTP/2. */
export function hostChecks(
  url: string,
  kinds: readonly string[],
  page: Buffer,
  upload: Buffer<ArrayBuffer>,
  file: string,
): Check[] {
  return kinds.flatMap((kind): Check[] => {
    const at = `${url}/${kind}`
    return [
      [
        `${kind}: HTTP/1.1 → HTTP/2: a page of 16 MiB comes whole`,
        async () => {
          const response = await fetch(`${at}/page`)
          same('the status', response.status, 200)
          same('the hash', sha256(Buffer.from(await response.arrayBuffer())), sha256(page))
        },
      ],
      [
        `${kind}: HTTP/1.1 → HTTP/2: 8 MiB go up and come back`,
        async () => {
          const response = await fetch(`${at}/echo`, { method: 'POST', body: upload })
          same('the hash', sha256(Buffer.from(await response.arrayBuffer())), sha256(upload))
        },
      ],
      [
        `${kind}: HTTP/2 → HTTP/2: a page of 16 MiB comes whole`,
        async () =>
          same('the hash', sha256((await outputOf('nghttp', [`${at}/page`])).body), sha256(page)),
      ],
      [
        `${kind}: HTTP/2 → HTTP/2: 8 MiB go up and come back`,
        async () => {
          const { body } = await outputOf('nghttp', ['-d', file, `${at}/echo`])
          same('the hash', sha256(body), sha256(upload))
        },
      ],
      [
        `${kind}: HTTP/2 → HTTP/2: trailers follow the page`,
        async () => {
          const { text } = await outputOf('nghttp', ['-nv', '-H', 'te: trailers', `${at}/small`])
          has('what came', text, /recv DATA[\s\S]*x-sum: 42/)
        },
      ],
      [
        `${kind}: a page that is not there is 404`,
        async () => same('the status', (await fetch(`${at}/lost`)).status, 404),
      ],
      [
        `${kind}: 2000 requests, 128 at a time, all succeed`,
        async () => {
          const many = ['-n', '2000', '-c', '4', '-m', '32', `${at}/small`]
          has('the statuses', (await outputOf('h2load', many)).text, 'status codes: 2000 2xx')
        },
      ],
    ]
  })
}
