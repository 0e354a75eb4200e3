import http, { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'

/** What a client of Node's got. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
  /** Keeps connections; by default each request has one of its own. */
  readonly agent?: Agent
}

/** Asks over HTTP/1.1 with Node's own client. Rejects when no whole answer comes. */
export function ask(port: number, path: string, options: AskOptions = {}): Promise<Answered> {
  const { method = 'GET', headers = {}, body, agent = false } = options
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, method, headers: { host: 'shop', ...headers }, agent },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
