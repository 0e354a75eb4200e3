/** A SOFARPC provider, as one would write it without a mesh: `stock.ts NAME PORT`. */
import { createServer } from '../sofa.ts'
import { CATALOG, isFruit, STOCK_SERVICE, type Stock } from './catalog.ts'
import { sayReady } from './ready.ts'

const [name = 'stock', port = '0'] = process.argv.slice(2)

async function count(fruit: string): Promise<Stock> {
  return { left: isFruit(fruit) ? CATALOG[fruit].left : 0, from: name }
}

const server = createServer(Number(port))
server.addService(STOCK_SERVICE, { count })
await server.start()
sayReady()
