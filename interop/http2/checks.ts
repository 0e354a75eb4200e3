import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, same } from '../checks.ts'
import { bytes, sha256 } from '../http-origin.ts'
import { answer, request } from './client.ts'
import type { Host } from './host.ts'
import type { Pool } from './undici.ts'

const BODY = bytes(1024 * 1024)
const HASH = sha256(BODY)
const CANCEL = 8
const ENHANCE_YOUR_CALM = 11
const GOAWAYS = 10

/** Node's HTTP/2 client in front of Node's HTTP/2 server. */
export function nodeChecks(how: string, session: ClientHttp2Session, host: Host): Check[] {
  const checks: Check[] = [
    [
      'a hundred streams at once bring 1 MiB up and down',
      () => many(100, 1, () => echoes(session)),
    ],
    [
      'five hundred streams at once all succeed',
      () => many(500, 1, async () => same('the status', (await get(session, '/slow')).status, 200)),
    ],
    [
      'trailers go both ways',
      async () => {
        const { trailers } = await request(session, post('/echo'), BODY, { 'x-sum': '42' })
        same('the hash', trailers['x-hash'], HASH)
        same('the trailer that was sent', trailers['x-sum'], '42')
      },
    ],
    [
      'crumbs of a cookie come as one',
      async () => {
        const { body } = await request(session, { ':path': '/told', cookie: ['a=1', 'b=2'] })
        same('the cookie', JSON.parse(body.toString()).cookie, 'a=1; b=2')
      },
    ],
    [
      'early hints come before the answer',
      async () => {
        const { hints, status } = await get(session, '/hints')
        same('the statuses', [...hints, status].join(), '103,200')
      },
    ],
    [
      'an answer without a body is one',
      async () => {
        const { status, body } = await get(session, '/empty')
        same('status and length', `${status} ${body.length}`, '204 0')
      },
    ],
    [
      'a stream that the server resets becomes 5xx or a reset, and others go on',
      async () => {
        await Promise.all([echoes(session), refused(session, `/reset?code=${ENHANCE_YOUR_CALM}`)])
      },
    ],
    [
      'a body that ends before its length is never taken for whole',
      () => breaks(session, '/short'),
    ],
    ['a body whose connection breaks is never taken for whole', () => breaks(session, '/die')],
    ['the server hears when the client resets', () => cancels(session, host)],
    [
      'a PING is answered',
      async () => {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        session.ping((error) => (error === null ? resolve() : reject(error)))
        await promise
      },
    ],
    [
      'the server says GOAWAY again and again, and no call fails',
      () =>
        throughGoAways(host, async () => {
          same('the status', (await get(session, '/slow')).status, 200)
        }),
    ],
  ]
  return checks.map(([sentence, find]) => [`${how}: ${sentence}`, find])
}

/** undici in front of the same server. */
export function undiciChecks(how: string, pool: Pool, host: Host): Check[] {
  const echo = async (): Promise<void> => {
    const answered = await pool.request({ path: '/echo', method: 'POST', body: BODY })
    same('the status', answered.statusCode, 200)
    same('the hash', sha256(Buffer.from(await answered.body.arrayBuffer())), HASH)
    same('the hash in the trailer', answered.trailers['x-hash'], HASH)
  }
  const slow = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({ path: '/slow', method: 'GET' })
    await body.arrayBuffer()
    same('the status', statusCode, 200)
  }
  return [
    [`${how}: a hundred at once bring 1 MiB up and down`, () => many(100, 1, echo)],
    [`${how}: two thousand, a hundred at a time, all succeed`, () => many(100, 20, slow)],
    [
      `${how}: the server says GOAWAY again and again, and no call fails`,
      () => throughGoAways(host, slow),
    ],
  ]
}

async function echoes(session: ClientHttp2Session): Promise<void> {
  const { status, body, trailers } = await request(session, post('/echo'), BODY)
  same('the status', status, 200)
  same('the hash', sha256(body), HASH)
  same('the hash in the trailer', trailers['x-hash'], HASH)
}

async function refused(session: ClientHttp2Session, path: string): Promise<void> {
  const status = await get(session, path).then(
    (got) => got.status,
    () => 'a reset' as const,
  )
  if (status !== 'a reset' && status < 500) throw new Error(`the status is ${status}`)
}

async function breaks(session: ClientHttp2Session, path: string): Promise<void> {
  const end = await get(session, path).then(
    ({ status, body }) => `${status} and ${body.length} bytes`,
    () => 'a reset' as const,
  )
  if (!end.startsWith('5')) same('what came', end, 'a reset')
  await echoes(session)
}

async function cancels(session: ClientHttp2Session, host: Host): Promise<void> {
  const reset = host.resetWith()
  const stream = session.request({ ':path': '/wait' })
  const ended = answer(stream).catch(() => {})
  await once(stream, 'data')
  stream.close(CANCEL)
  same('the code', await reset, CANCEL)
  await ended
}

/** Calls, twenty at a time, while the server closes its sessions every hundred milliseconds. */
async function throughGoAways(host: Host, call: () => Promise<void>): Promise<void> {
  let told = 0
  let ended = false
  const tell = async (): Promise<void> => {
    for (let i = 0; i < GOAWAYS; i++) {
      await sleep(100)
      told += host.goAway()
    }
    ended = true
  }
  const calls = many(20, 1, async () => {
    while (!ended) await call()
  })
  await Promise.all([calls, tell()])
  if (told < GOAWAYS) throw new Error(`only ${told} sessions were told`)
}

async function many(atOnce: number, times: number, call: () => Promise<void>): Promise<void> {
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let i = 0; i < times; i++) await call()
    }),
  )
}

function get(session: ClientHttp2Session, path: string): ReturnType<typeof request> {
  return request(session, { ':path': path })
}

function post(path: string): { ':path': string; ':method': string } {
  return { ':path': path, ':method': 'POST' }
}
