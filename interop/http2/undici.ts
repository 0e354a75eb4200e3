import { createRequire } from 'node:module'

/** The little of the npm package `undici` that is used here; it has its own package.json, beside this file. */
interface Undici {
  readonly Pool: new (url: string, options: object) => Pool
}
export interface Pool {
  request(options: {
    readonly path: string
    readonly method: string
    readonly body?: Buffer
  }): Promise<{
    readonly statusCode: number
    readonly body: { arrayBuffer(): Promise<ArrayBuffer> }
    readonly trailers: Readonly<Record<string, string>>
  }>
  close(): Promise<void>
}

/**
 * A pool of undici's for a hundred requests at once, by HTTP/2 when it has the certificate of an authority. Five streams
 * go over each connection: what waits in one session may not grow, and undici does not let that be changed.
 */
export function undiciPool(url: string, ca: Buffer | null): Pool {
  const { Pool } = createRequire(import.meta.url)('undici') as Undici
  if (ca === null) return new Pool(url, { allowH2: false, connections: 100, pipelining: 1 })
  const connect = { ca, servername: 'localhost' }
  const h2Options = { maxConcurrentStreams: 5 }
  return new Pool(url, { allowH2: true, connections: 20, h2Options, connect })
}
