import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificates } from '../certificates.ts'
import { type Check, has, same } from '../checks.ts'
import { bytes, sha256 } from '../http-origin.ts'
import { connect, request } from '../http2/client.ts'
import type { Nginx } from './nginx.ts'

/** The pages that every nginx here has. */
export const LARGE: Buffer<ArrayBuffer> = bytes(64 * 1024 * 1024)
export const TEXT: string = 'nothing but words '.repeat(20_000)
const UPLOAD = bytes(32 * 1024 * 1024)

/** The same checks, each with what they are of. */
export function named(how: string, checks: readonly Check[]): Check[] {
  return checks.map(([sentence, find]) => [`${how}: ${sentence}`, find])
}

/** What the PROXY protocol has to tell. */
export function toldChecks(v1: string, v2: string): Check[] {
  return Object.entries({ v1, v2 }).map(([version, url]) => [
    `PROXY protocol ${version} tells nginx whom the proxy speaks for`,
    async () => same('the client', await (await fetch(url)).text(), '127.0.0.1\n'),
  ])
}

/** What a client of HTTP/2 has to get of nginx. */
export function frontChecks(url: string, { ca }: Certificates): Check[] {
  return [
    [
      'nginx takes HTTP/2 over TLS and hands it on by HTTP/1.1',
      async () => {
        const session = await connect(url, await readFile(ca))
        try {
          const { status, body } = await request(session, { ':path': '/new/large' })
          same('the status', status, 200)
          same('the hash', sha256(body), sha256(LARGE))
        } finally {
          session.destroy()
        }
      },
    ],
  ]
}

/** What nginx behind the proxy has to give. */
export function behindChecks(url: string, { pages }: Nginx): Check[] {
  return [
    ['64 MiB come down whole', () => download(`${url}/large`, LARGE)],
    ['32 MiB go up whole', () => upload(`${url}/uploads/a`, join(pages, 'uploads/a'), UPLOAD)],
    [
      'a chunked upload goes up whole',
      () => upload(`${url}/uploads/b`, join(pages, 'uploads/b'), UPLOAD, true),
    ],
    [
      'a chunked answer comes down whole',
      async () => {
        const response = await fetch(`${url}/zipped`, { headers: { 'accept-encoding': 'gzip' } })
        same('the transfer encoding', response.headers.get('transfer-encoding'), 'chunked')
        same('the text', await response.text(), TEXT)
      },
    ],
    [
      'fifty requests one after the other take one connection to nginx',
      async () => {
        const used = new Set<string | null>()
        for (let i = 0; i < 50; i++) {
          const response = await fetch(`${url}/text`)
          used.add(response.headers.get('x-connection'))
          await response.arrayBuffer()
        }
        same('how many connections', used.size, 1)
      },
    ],
    [
      'nginx closes every connection after three requests, and nobody notices',
      async () => {
        for (let i = 0; i < 60; i++) await is(`${url}/restless`, 200)
      },
    ],
    [
      'four hundred requests, forty at a time, all succeed',
      async () => {
        const some = async (): Promise<void> => {
          for (let i = 0; i < 10; i++) await is(`${url}/text`, 200)
        }
        await Promise.all(Array.from({ length: 40 }, some))
      },
    ],
    [
      'a part of a page is that part',
      async () => {
        const response = await fetch(`${url}/large`, { headers: { range: 'bytes=5000-5999' } })
        same('the status', response.status, 206)
        const part = Buffer.from(await response.arrayBuffer())
        same('the hash', sha256(part), sha256(LARGE.subarray(5000, 6000)))
      },
    ],
    [
      'a page that has not changed is not sent again',
      async () => {
        const etag = (await fetch(`${url}/text`)).headers.get('etag') ?? ''
        const again = await fetch(`${url}/text`, { headers: { 'if-none-match': etag } })
        same('the status', again.status, 304)
      },
    ],
    ['a redirect passes as it is', () => is(`${url}/moved`, 301)],
    ['an error page passes as it is', () => is(`${url}/broken`, 500)],
    [
      'a connection closed without an answer becomes 503 and a sentence',
      async () => {
        const response = await fetch(`${url}/silent`)
        same('the status', response.status, 503)
        has('the body', await response.text(), 'interop: upstream: ')
      },
    ],
  ]
}

const DIALECTS = { old: 'HTTP/1.0', new: 'HTTP/1.1', h2c: 'h2c', h2: 'h2 over TLS' } as const

/** What nginx before the proxy has to get and send. */
export function beforeChecks(url: string, { pages }: Nginx): Check[] {
  return Object.entries(DIALECTS).flatMap(([dialect, version]): Check[] => {
    const file = `uploads/${dialect}`
    return [
      [`nginx gets 64 MiB by ${version}`, () => download(`${url}/${dialect}/large`, LARGE)],
      [
        `nginx sends 32 MiB by ${version}`,
        () => upload(`${url}/${dialect}/${file}`, join(pages, file), UPLOAD),
      ],
    ]
  })
}

async function download(url: string, wanted: Buffer): Promise<void> {
  const response = await fetch(url)
  same('the status', response.status, 200)
  same('the hash', sha256(Buffer.from(await response.arrayBuffer())), sha256(wanted))
}

async function upload(
  url: string,
  file: string,
  body: Buffer<ArrayBuffer>,
  chunked = false,
): Promise<void> {
  const init = chunked ? { body: new Blob([body]).stream(), duplex: 'half' as const } : { body }
  const response = await fetch(url, { method: 'PUT', ...init })
  same('the status', response.status, 201)
  same('the hash', sha256(await readFile(file)), sha256(body))
}

async function is(url: string, status: number): Promise<void> {
  const response = await fetch(url, { redirect: 'manual' })
  await response.arrayBuffer()
  same('the status', response.status, status)
}
