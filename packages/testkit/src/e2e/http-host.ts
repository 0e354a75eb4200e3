import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the host got it, with all of its body. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** An HTTP host that answers as it is told. */
export interface HttpHost {
  readonly port: number
  readonly asked: Asked[]
  /** Connections there were. */
  readonly connections: number
  close(): Promise<void>
}

/** What a host does with a request that has come in whole. */
export type Answerer = (asked: Asked, response: ServerResponse) => void

/** Starts an HTTP/1.1 server of Node's; by default it answers 200 with the request's path. */
export async function startHttpHost(
  answer: Answerer = ({ path }, response) => response.end(path),
  port = 0,
): Promise<HttpHost> {
  const asked: Asked[] = []
  let connections = 0
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    read(request).then(
      (body) => {
        const { method = '', url = '', headers } = request
        const one = { method, path: url, headers, body }
        asked.push(one)
        answer(one, response)
      },
      () => response.destroy(),
    )
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    get connections() {
      return connections
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
