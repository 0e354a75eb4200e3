/**
 * The page of the shop: `front.ts NAME PORT PRICE_PORT STOCK_PORT PARCEL_PORT`. It knows one address for each service,
 * that of its own sidecar; which instances there are, which of them are well, and that parcel does not speak JSON over
 * HTTP is not its business.
 */
import { createServer, type ServerResponse } from 'node:http'
import { createConsumer } from '../sofa.ts'
import {
  CATALOG,
  type Fruit,
  isFruit,
  type Price,
  type Quote,
  STOCK_SERVICE,
  type Stock,
} from './catalog.ts'
import { type Offer, page } from './page.ts'
import { sayReady } from './ready.ts'

const [, port = '0', pricePort = '', stockPort = '', parcelPort = ''] = process.argv.slice(2)
const PATIENCE_MS = 5000
const DOZEN = 12

const stock = createConsumer(
  { ...STOCK_SERVICE, serverHost: `bolt://127.0.0.1:${stockPort}`, retryFaultInterval: 500 },
  'bolt',
)

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://front')
  answer(pathname, response).catch((error: unknown) =>
    sendJson(response, 502, { error: error instanceof Error ? error.message : String(error) }),
  )
})

async function answer(path: string, response: ServerResponse): Promise<void> {
  if (path === '/') return sendPage(response, await Promise.all(fruits().map(offer)))
  const fruit = /^\/fruits\/(\w+)$/.exec(path)?.[1]
  if (fruit === undefined || !isFruit(fruit))
    return sendJson(response, 404, { error: `nothing at ${path}; we sell ${fruits().join(', ')}` })
  sendJson(response, 200, await offer(fruit))
}

/** Asks all services at once. */
async function offer(fruit: Fruit): Promise<Offer> {
  const [price, inStock, dozen] = await Promise.all([
    priceOf(fruit),
    stockOf(fruit),
    dozenOf(fruit),
  ])
  return { fruit, price, stock: inStock, dozen }
}

async function priceOf(fruit: Fruit): Promise<Price> {
  return (await ask('price', `http://127.0.0.1:${pricePort}/prices/${fruit}`)) as Price
}

async function dozenOf(fruit: Fruit): Promise<Quote> {
  const body = JSON.stringify({ fruit, pieces: DOZEN })
  const headers = { 'content-type': 'application/json' }
  const url = `http://127.0.0.1:${parcelPort}/parcels`
  return (await ask('parcel', url, { method: 'POST', headers, body })) as Quote
}

async function ask(whom: string, url: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${whom}: ${response.status} ${text.trim()}`)
  return JSON.parse(text)
}

async function stockOf(fruit: Fruit): Promise<Stock> {
  try {
    return (await stock.invoke('count', [fruit], { responseTimeout: PATIENCE_MS })) as Stock
  } catch (error) {
    throw new Error(`stock: ${(error as Error).message}`, { cause: error })
  }
}

function fruits(): Fruit[] {
  return Object.keys(CATALOG) as Fruit[]
}

function sendPage(response: ServerResponse, offers: readonly Offer[]): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(page(offers))
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

await stock.ready()
server.listen(Number(port), '127.0.0.1', sayReady)
