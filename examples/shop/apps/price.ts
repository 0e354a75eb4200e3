/** An HTTP service and the same as gRPC, as one would write them without a mesh: `price.ts NAME PORT GRPC_PORT`. */
import { createServer, type ServerResponse } from 'node:http'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { Prices } from '../grpc.ts'
import { CATALOG, isFruit, type Price } from './catalog.ts'
import { sayReady } from './ready.ts'

const [name = 'price', port = '0', grpcPort = '0'] = process.argv.slice(2)
const EVERY_MS = 1000

function priceOf(fruit: string): Price | null {
  return isFruit(fruit) ? { cents: CATALOG[fruit].cents, from: name } : null
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://price')
  if (pathname === '/health') return send(response, 200, { ok: true })
  const price = priceOf(/^\/prices\/(\w+)$/.exec(pathname)?.[1] ?? '')
  if (price === null) return send(response, 404, { error: `no price at ${pathname}` })
  send(response, 200, price)
})

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

interface Asked {
  readonly fruit: string
}

const unknown = ({ fruit }: Asked) => ({
  code: status.NOT_FOUND,
  details: `no price of ${fruit}; we sell ${Object.keys(CATALOG).join(', ')}`,
})

const grpc = new Server()
grpc.addService(Prices.service, {
  get({ request }: ServerUnaryCall<Asked, Price>, answer: sendUnaryData<Price>): void {
    const price = priceOf(request.fruit)
    if (price === null) answer(unknown(request))
    else answer(null, price)
  },
  watch(call: ServerWritableStream<Asked, Price>): void {
    const price = priceOf(call.request.fruit)
    if (price === null) return void call.emit('error', unknown(call.request))
    call.write(price)
    const timer = setInterval(() => call.write(price), EVERY_MS)
    call.on('cancelled', () => clearInterval(timer))
  },
})

grpc.bindAsync(`127.0.0.1:${grpcPort}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error
  server.listen(Number(port), '127.0.0.1', sayReady)
})
