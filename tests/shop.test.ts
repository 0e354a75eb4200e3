import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { credentials } from '@grpc/grpc-js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { demandFree } from '../examples/shop/free-ports.ts'
import { Prices, type PricesClient } from '../examples/shop/grpc.ts'
import { placesFrom, portsOf } from '../examples/shop/places.ts'

const MAIN = fileURLToPath(new URL('../examples/shop/main.ts', import.meta.url))
const DAY_MS = 86_400_000

/** Any instance of a trade. */
const from = (trade: string) => expect.stringMatching(new RegExp(`^${trade}-[12]$`))
const PRICE = { cents: 45, from: from('price') }
/** What parcel, asked in Dubbo, tells after it has asked stock, in Bolt, which has asked price, over HTTP. */
const QUOTE = {
  fruit: 'apple',
  pieces: 3,
  cents: 135,
  enough: true,
  shelf: { left: 120, price: PRICE, from: from('stock') },
  from: from('parcel'),
}

/** The shop as somebody sees it who runs `npm start`. */
class Shop {
  readonly base: number
  readonly child: ChildProcess
  text = ''

  constructor(base: number, ...args: readonly string[]) {
    this.base = base
    this.child = spawn(process.execPath, [MAIN, '--port-base', String(base), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.text += chunk.toString()
      })
  }

  get folder(): string {
    return /"fault" in (.*)\/price-1\.yaml/.exec(this.text)![1]!
  }

  /** Process ids by name: `stock-1`, and `stock-1's sidecar`. */
  get pids(): ReadonlyMap<string, number> {
    const rows = [...this.text.matchAll(/^([\w-]+) +(\d+) +\d+ +(\d+) +\d+ +http/gm)]
    return new Map(
      rows.flatMap(([, name, app, sidecar]) => [
        [name!, Number(app)],
        [`${name}'s sidecar`, Number(sidecar)],
      ]),
    )
  }

  /** When calls failed, as milliseconds of the day. */
  get failures(): readonly number[] {
    const lines = this.text.matchAll(/^(\d\d):(\d\d):(\d\d\.\d{3}) a call failed/gm)
    return [...lines].map(([, h, m, s]) => (Number(h) * 60 + Number(m)) * 60_000 + Number(s) * 1000)
  }

  async says(words: RegExp): Promise<void> {
    while (!words.test(this.text)) {
      if (this.child.exitCode !== null) throw new Error(`the shop has closed:\n${this.text}`)
      await sleep(50)
    }
  }

  async end(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await once(this.child, 'close')
    return this.child.exitCode
  }
}

let shop: Shop | null = null

afterEach(async () => {
  shop?.child.kill('SIGTERM')
  await shop?.end()
  shop = null
})

it('no call fails later than a second after a provider was killed', async () => {
  shop = new Shop(await freeBase(), '--seconds', '12')
  await shop.says(/calls\/s/)
  await sleep(3000)
  const { pids, folder } = shop
  expect(pids.size).toBe(14)
  process.kill(pids.get('stock-1')!, 'SIGKILL')
  const killedAt = timeOfDay()
  await shop.end()
  expect(shop.text).toContain(`stock-1 (pid ${pids.get('stock-1')}) was killed (SIGKILL)`)
  expect(shop.text).toMatch(/left out: stock-1/)
  const late = shop.failures.filter((at) => (at - killedAt + DAY_MS) % DAY_MS > 1000)
  expect(late, shop.text).toEqual([])
  const [, calls, failed] = /^(\d+) calls, (\d+) failed$/m.exec(shop.text)!
  expect(Number(calls)).toBeGreaterThan(200)
  expect(shop.child.exitCode).toBe(Number(failed) === 0 ? 0 : 1)
  await expectNothingLeft(pids.values(), folder)
}, 60_000)

it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'leaves nothing behind after %s',
  async (signal) => {
    shop = new Shop(await freeBase())
    await shop.says(/calls\/s/)
    const { pids, folder } = shop
    expect(existsSync(`${folder}/front.yaml`)).toBe(true)
    expect(existsSync(`${folder}/certs/front-key.pem`)).toBe(true)
    expect([...pids.values()].filter(isAlive)).toHaveLength(14)
    shop.child.kill(signal)
    expect(await shop.end()).toBe(signal === 'SIGKILL' ? null : 0)
    await expectNothingLeft(pids.values(), folder)
  },
  60_000,
)

describe('an open shop', () => {
  let open: Shop
  beforeAll(async () => {
    open = new Shop(await freeBase())
    await open.says(/calls\/s/)
  }, 60_000)
  afterAll(async () => {
    open.child.kill('SIGTERM')
    await open.end()
  })

  it('takes HTTP/1, HTTP/2 and gRPC on one port, in the clear and over TLS', async () => {
    const ca = readFileSync(`${open.folder}/certs/ca.pem`)
    const address = `localhost:${open.base}`
    const answers = {
      'HTTP/1': await byHttp1(`http://${address}/prices/apple`),
      'HTTP/1 over TLS': await byHttps(`https://${address}/prices/apple`, ca),
      'HTTP/2': await byHttp2(`http://${address}`, '/prices/apple', ca),
      'HTTP/2 over TLS': await byHttp2(`https://${address}`, '/prices/apple', ca),
      gRPC: await byGrpc(address, 'apple', null),
      'gRPC over TLS': await byGrpc(address, 'apple', ca),
    }
    for (const [way, answer] of Object.entries(answers)) expect(answer, way).toEqual(PRICE)
  })

  it('has services that call each other as if all spoke the same', async () => {
    expect(await byHttp1(`http://127.0.0.1:${open.base}/fruits/apple`)).toEqual({
      fruit: 'apple',
      price: PRICE,
      stock: { left: 120, from: from('stock') },
      dozen: { ...QUOTE, pieces: 12, cents: 540 },
    })
  })

  it.each([
    ['takes an object of parameters', '{"fruit":"apple","pieces":3}', 200, QUOTE],
    ['takes a list of them', '["apple", 3]', 200, QUOTE],
    [
      'is not called with what it does not take, and the sentence says so',
      '{"fruit":"apple","peices":3}',
      400,
      'front: downstream: body.peices: the method has no such parameter; it has fruit, pieces\n',
    ],
    [
      'throws by the name of the exception',
      '{"fruit":"durian","pieces":3}',
      500,
      {
        type: 'java.lang.IllegalArgumentException',
        message: 'we sell apple, cherry, pear, not durian',
        detail: null,
      },
    ],
  ])('has a Dubbo service that, called as JSON, %s', async (_, body, status, answer) => {
    const response = await fetch(`http://127.0.0.1:${open.base}/parcels`, { method: 'POST', body })
    const text = await response.text()
    expect([response.status, text.startsWith('{') ? JSON.parse(text) : text]).toEqual([
      status,
      answer,
    ])
  })

  it('loses no call when a Dubbo provider is killed, and then sidecars on the way', async () => {
    const { pids } = open
    for (const name of ['parcel-1', "parcel-1's sidecar", "stock-2's sidecar"]) {
      process.kill(pids.get(name)!, 'SIGKILL')
      await sleep(2000)
      expect(open.text).toContain(`${name} (pid ${pids.get(name)}) was killed (SIGKILL)`)
    }
    await open.says(/left out: [^|]*parcel-1/)
    expect([...open.text.matchAll(/ a call failed.*/g)].map(String), open.text).toEqual([])
    const failed = [...open.text.matchAll(/failed \((\d+) so far\)/g)].map(([, count]) => count)
    expect(new Set(failed)).toEqual(new Set(['0']))
  }, 60_000)
})

it('says in a sentence which port is in use and what to do', async () => {
  const base = await freeBase()
  const other = createServer().listen(base + 31, '127.0.0.1')
  await once(other, 'listening')
  shop = new Shop(base)
  expect(await shop.end()).toBe(1)
  expect(shop.text).toBe(
    `shop: port ${base + 31} (for price-1) is in use; end what listens there, or take other ports: ` +
      'npm start -- --port-base 28000\n',
  )
  other.close()
})

async function byHttp1(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}

async function byHttps(url: string, ca: Buffer): Promise<unknown> {
  const [response] = await once(get(url, { ca }), 'response')
  return json(response)
}

async function byHttp2(authority: string, path: string, ca: Buffer): Promise<unknown> {
  const session = connect(authority, { ca })
  try {
    return await json(session.request({ ':path': path }))
  } finally {
    session.close()
  }
}

async function byGrpc(address: string, fruit: string, ca: Buffer | null): Promise<unknown> {
  const how = ca === null ? credentials.createInsecure() : credentials.createSsl(ca)
  const client = new Prices(address, how) as unknown as PricesClient
  try {
    return await new Promise((resolve, reject) =>
      client.get({ fruit }, { deadline: Date.now() + 5000 }, (error, price) =>
        error === null ? resolve(price) : reject(error),
      ),
    )
  } finally {
    client.close()
  }
}

/** Those who lost their parent need a moment to notice. */
async function expectNothingLeft(pids: Iterable<number>, folder: string): Promise<void> {
  let alive = [...pids]
  while (alive.some(isAlive) || existsSync(folder)) {
    await sleep(50)
    alive = alive.filter(isAlive)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Ports the system does not give out by itself, and nobody has just now. */
async function freeBase(): Promise<number> {
  for (;;) {
    const base = 20_000 + 100 * Math.floor(Math.random() * 75)
    try {
      await demandFree(portsOf(placesFrom(base)), '')
      return base
    } catch {
      // Somebody is there: try elsewhere.
    }
  }
}

function timeOfDay(): number {
  const now = new Date()
  return now.getTime() - new Date(now).setHours(0, 0, 0, 0)
}
