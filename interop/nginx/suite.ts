import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Check, has, makeChecks, same } from '../checks.ts'
import { bootstrap, cluster, httpListener } from '../config.ts'
import { bytes, sha256 } from '../http-origin.ts'
import { program } from '../need.ts'
import type { Suite } from '../suite.ts'
import { startTulle } from '../tulle.ts'
import { type Nginx, startNginx } from './nginx.ts'

const LARGE = bytes(64 * 1024 * 1024)
const UPLOAD = bytes(32 * 1024 * 1024)
const TEXT = 'nothing but words '.repeat(20_000)

/** What answers behind the proxy; the response tells which of its connections it went over. */
const BEHIND = `
    add_header x-connection $connection always;
    keepalive_timeout 60s;
    location /uploads/ { dav_methods PUT; create_full_put_path on; }
    location /zipped { gzip on; gzip_types text/plain; try_files /text =404; }
    location /restless { keepalive_requests 3; try_files /text =404; }
    location /moved { return 301 /text; }
    location /broken { return 500 "broken\\n"; }
    location /silent { return 444; }
`

/** nginx as the server behind the proxy, and as the client before it. */
export const suite: Suite = {
  name: 'nginx',
  needs: [program('nginx', 'nginx-light')],
  async run() {
    const behind = await startNginx(BEHIND)
    await writeFile(join(behind.pages, 'large'), LARGE)
    await writeFile(join(behind.pages, 'text'), TEXT)
    const routes = [{ match: { prefix: '/' }, route: { cluster: 'nginx' } }]
    const tulle = await startTulle(
      bootstrap(
        [httpListener('web', routes, { http_protocol_options: { accept_http_10: true } })],
        [cluster('nginx', behind.port)],
      ),
    )
    const port = tulle.port('web')
    const before = await startNginx(`
    proxy_request_buffering off;
    proxy_buffering off;
    location /old/ { proxy_pass http://127.0.0.1:${port}/; }
    location /new/ { proxy_pass http://127.0.0.1:${port}/; proxy_http_version 1.1; }
`)
    try {
      return await makeChecks([
        ...behindChecks(`http://127.0.0.1:${port}`, behind),
        ...beforeChecks(`http://127.0.0.1:${before.port}`, behind),
      ])
    } finally {
      await before.stop()
      await tulle.stop()
      await behind.stop()
    }
  },
}

function behindChecks(url: string, { pages }: Nginx): Check[] {
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

function beforeChecks(url: string, { pages }: Nginx): Check[] {
  return ['old', 'new'].flatMap((dialect): Check[] => {
    const version = dialect === 'old' ? 'HTTP/1.0' : 'HTTP/1.1'
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
