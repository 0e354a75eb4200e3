import { readFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { Side } from '../peer.ts'
import { SERVER_NAME } from './certificates.ts'

const PATIENCE_MS = 2000

/** Whether a GET to a port that speaks HTTP/2, TLS or both gets 200. */
export function servedBy(side: Side, port: number, host: string, pki: string): Promise<boolean> {
  return side.version === 2
    ? overHttp2(side, port, host, pki)
    : overHttps(port, host, clientTls(side, pki))
}

/** What a client of Node needs for the TLS of this side. */
export function clientTls(
  { tls }: Side,
  pki: string,
): SecureContextOptions & { servername?: string } {
  if (tls === 'none') return {}
  const read = (name: string): Buffer => readFileSync(`${pki}/${name}`)
  const own = tls === 'mutual' ? { cert: read('client.pem'), key: read('client.key') } : {}
  return { ca: read('ca.pem'), servername: SERVER_NAME, ...own }
}

function overHttps(port: number, host: string, tls: SecureContextOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { ...tls, port, host: '127.0.0.1', headers: { host }, agent: false }
    const asked = request({ ...options, timeout: PATIENCE_MS }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.on('timeout', () => asked.destroy(new Error('no answer')))
    asked.end()
  })
}

function overHttp2(side: Side, port: number, host: string, pki: string): Promise<boolean> {
  return new Promise((resolve) => {
    const scheme = side.tls === 'none' ? 'http' : 'https'
    const session = connectHttp2(`${scheme}://127.0.0.1:${port}`, clientTls(side, pki))
    const end = (well: boolean): void => {
      session.destroy()
      resolve(well)
    }
    session.setTimeout(PATIENCE_MS, () => end(false))
    session.on('error', () => end(false))
    session.on('close', () => end(false))
    const asked = session.request({ ':path': '/', ':authority': host })
    asked.on('error', () => end(false))
    asked.on('response', (headers) => end(headers[':status'] === 200))
    asked.end()
  })
}
