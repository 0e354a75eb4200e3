/**
 * The page of the shop: `front.ts PORT PRICE_PORT STOCK_PORT`. It knows one address for each service, that of its own
 * sidecar; which instances there are, and which of them are well, is not its business.
 */
import { createServer, type ServerResponse } from 'node:http'
import { createConsumer } from '../sofa.ts'
import { CATALOG, type Fruit, isFruit, type Price, STOCK_SERVICE, type Stock } from './catalog.ts'
import { type Offer, page } from './page.ts'
import { sayReady } from './ready.ts'

const [port = '0', pricePort = '', stockPort = ''] = process.argv.slice(2)
const PATIENCE_MS = 3000

const stock = createConsumer({
  ...STOCK_SERVICE,
  serverHost: `bolt://127.0.0.1:${stockPort}`,
  retryFaultInterval: 500,
})

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

/** Asks both services at once. */
async function offer(fruit: Fruit): Promise<Offer> {
  const [price, inStock] = await Promise.all([priceOf(fruit), stockOf(fruit)])
  return { fruit, price, stock: inStock }
}

async function priceOf(fruit: Fruit): Promise<Price> {
  const response = await fetch(`http://127.0.0.1:${pricePort}/prices/${fruit}`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`price: ${response.status} ${text.trim()}`)
  return JSON.parse(text) as Price
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
