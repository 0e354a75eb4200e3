/**
 * A SOFARPC provider, as one would write it without a mesh: `stock.ts NAME PORT PRICE_PORT`. Of the price service it
 * knows an interface and an address, that of its own sidecar, and believes that prices are told over Bolt as well.
 */
import { createConsumer, createServer } from '../sofa.ts'
import {
  CATALOG,
  isFruit,
  notSold,
  PRICE_SERVICE,
  type Price,
  type Shelf,
  STOCK_SERVICE,
  type Stock,
} from './catalog.ts'
import { sayReady } from './ready.ts'

const [name = 'stock', port = '0', pricePort = ''] = process.argv.slice(2)
const PATIENCE_MS = 2000

const prices = createConsumer(
  { ...PRICE_SERVICE, serverHost: `bolt://127.0.0.1:${pricePort}`, retryFaultInterval: 500 },
  'bolt',
)

async function count(fruit: string): Promise<Stock> {
  return { left: isFruit(fruit) ? CATALOG[fruit].left : 0, from: name }
}

async function shelf(fruit: string): Promise<Shelf> {
  if (!isFruit(fruit)) throw new Error(notSold(fruit))
  const price = await prices.invoke('get', [fruit], { responseTimeout: PATIENCE_MS })
  return { ...(await count(fruit)), price: price as Price }
}

const server = createServer(Number(port), 'bolt')
server.addService(STOCK_SERVICE, { count, shelf })
await Promise.all([server.start(), prices.ready()])
sayReady()
