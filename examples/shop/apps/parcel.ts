/**
 * A Dubbo provider, as one would write it without a mesh: `parcel.ts NAME PORT STOCK_PORT`. Of the stock service it knows
 * an interface and an address, that of its own sidecar, and believes that Dubbo is spoken there as well.
 */
import { createConsumer, createServer } from '../sofa.ts'
import {
  isFruit,
  notSold,
  PARCEL_SERVICE,
  type Quote,
  type Shelf,
  STOCK_SERVICE,
} from './catalog.ts'
import { sayReady } from './ready.ts'

const [name = 'parcel', port = '0', stockPort = ''] = process.argv.slice(2)
const PATIENCE_MS = 4000

const stock = createConsumer(
  { ...STOCK_SERVICE, serverHost: `dubbo://127.0.0.1:${stockPort}`, retryFaultInterval: 500 },
  'dubbo',
)

async function quote(fruit: string, pieces: number): Promise<Quote | JavaException> {
  if (!isFruit(fruit)) return illegal(notSold(fruit))
  if (pieces < 1) return illegal(`a parcel holds one piece or more, not ${pieces}`)
  const shelf = (await stock.invoke('shelf', [fruit], { responseTimeout: PATIENCE_MS })) as Shelf
  const { left, price } = shelf
  return { fruit, pieces, cents: pieces * price.cents, enough: left >= pieces, shelf, from: name }
}

interface JavaException {
  readonly $class: string
  readonly $: { readonly detailMessage: string }
}

/** What Dubbo's clients know as thrown. An error thrown here would be told as a failure of the server. */
function illegal(detailMessage: string): JavaException {
  return { $class: 'java.lang.IllegalArgumentException', $: { detailMessage } }
}

const server = createServer(Number(port), 'dubbo')
server.addService(PARCEL_SERVICE, { quote })
await Promise.all([server.start(), stock.ready()])
sayReady()
