import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/**
 * The upstream of big transfers: a GET of `/N` is answered with N bytes, a body that is sent to it is thrown away.
 * Runs as a process: `bulk-server.ts PORT`.
 */
const CHUNK = Buffer.alloc(256 * 1024, 'b')

createServer((request, response) => {
  if (request.method === 'GET') send(request, response)
  else discard(request, response)
}).listen(Number(process.argv[2]), '127.0.0.1')

function send(request: IncomingMessage, response: ServerResponse): void {
  let left = Number(request.url?.slice(1) ?? 0)
  response.writeHead(200, { 'content-length': left })
  const pump = (): void => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
      left -= chunk.length
      if (!response.write(chunk) && left > 0) {
        response.once('drain', pump)
        return
      }
    }
    response.end()
  }
  pump()
}

function discard(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  request.on('end', () => response.end('done\n'))
}
