/** An HTTP service, as one would write it without a mesh: `price.ts NAME PORT`. */
import { createServer, type ServerResponse } from 'node:http'
import { CATALOG, isFruit, type Price } from './catalog.ts'
import { sayReady } from './ready.ts'

const [name = 'price', port = '0'] = process.argv.slice(2)

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://price')
  if (pathname === '/health') return send(response, 200, { ok: true })
  const fruit = /^\/prices\/(\w+)$/.exec(pathname)?.[1]
  if (fruit === undefined || !isFruit(fruit))
    return send(response, 404, { error: `no price at ${pathname}` })
  send(response, 200, { cents: CATALOG[fruit].cents, from: name } satisfies Price)
})

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}

server.listen(Number(port), '127.0.0.1', sayReady)
