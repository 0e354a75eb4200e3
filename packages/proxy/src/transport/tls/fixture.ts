import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import type { DownstreamTls, TlsCertificate, TlsValidation, UpstreamTls } from '@tulle/model'
import { Connection, type ConnectionOwner } from '../../connection.ts'
import { adopt, onread } from '../../reading.ts'
import { Site } from '../../site.ts'
import type { Remote } from '../../transport.ts'
import { TlsClient } from './client.ts'
import { type Material, readMaterial } from './material.ts'
import { TlsServer } from './server.ts'

/** For tests: configurations, and both ends of connections that speak TLS. */

const PARAMETERS = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [],
  curves: [],
  signatureAlgorithms: [],
} as const

export function inline(text: string): { readonly kind: 'inline'; readonly text: string } {
  return { kind: 'inline', text }
}

export function pair(it: { readonly chain: string; readonly key: string }): TlsCertificate {
  return { chain: inline(it.chain), key: inline(it.key), password: null }
}

export function believing(ca: string, more: Partial<TlsValidation> = {}): TlsValidation {
  return {
    trustedCa: inline(ca),
    names: [],
    certificateHashes: [],
    spkiHashes: [],
    crl: null,
    acceptUntrusted: false,
    ...more,
  }
}

export function downstream(more: Partial<DownstreamTls>): DownstreamTls {
  return {
    certificates: [],
    validation: null,
    parameters: PARAMETERS,
    alpn: [],
    requireClientCertificate: false,
    resumption: true,
    sessionTimeoutMs: 7_200_000,
    ...more,
  }
}

export function upstream(more: Partial<UpstreamTls>): UpstreamTls {
  return {
    certificates: [],
    validation: null,
    parameters: PARAMETERS,
    alpn: [],
    sni: '',
    sniFromHost: false,
    sniMustMatch: false,
    maxSessionKeys: 1,
    ...more,
  }
}

export function only(version: 'TLSv1.2' | 'TLSv1.3'): DownstreamTls['parameters'] {
  return { ...PARAMETERS, minVersion: version, maxVersion: version }
}

export function material(config: DownstreamTls | UpstreamTls): Material {
  const result = readMaterial(config, 'tls')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.value
}

/** An owner that keeps what comes, and gives it back where it is told to. */
export class Ear implements ConnectionOwner {
  readonly connection: Connection
  text = ''
  bytes = 0
  ended = false
  drains = 0
  error: Error | null = null
  onChunk: (chunk: Buffer) => void = () => {}
  readonly closed: Promise<void>
  #close: () => void = () => {}

  constructor(connection: Connection) {
    this.connection = connection
    this.closed = new Promise((resolve) => (this.#close = resolve))
    connection.owner = this
  }

  onData(chunk: Buffer): void {
    this.bytes += chunk.length
    if (this.text.length < 1000) this.text += chunk.toString('latin1')
    this.onChunk(chunk)
  }
  passes(): boolean {
    return false
  }
  onDrain: () => void = () => {
    this.drains++
  }
  onEnd: () => void = () => {
    this.ended = true
  }
  onClose(error: Error | null): void {
    this.error = error
    this.#close()
  }
}

/** What became of a handshake. */
export interface Met {
  readonly ear: Ear
  readonly connection: Connection
  /** Null: it stands. */
  readonly failure: string | null
}

/** Things to be closed when a test is over. */
export class Bench {
  readonly site: Site = new Site()
  readonly #ends: (() => unknown)[] = []

  clear(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  later(end: () => unknown): void {
    this.#ends.push(end)
  }

  /** A server that shakes hands by our code; `met` hears of each connection. */
  async serve(
    config: DownstreamTls,
    met: (one: Met) => void = () => {},
    site: Site = this.site,
  ): Promise<{ port: number; server: TlsServer }> {
    const server = new TlsServer(site, config, material(config), 'tls')
    this.later(() => server.stop())
    const port = await this.listen((raw) => {
      const connection = this.#connection(adopt(raw), site)
      const ear = new Ear(connection)
      server.accept(connection, Buffer.alloc(0), (failure) => met({ ear, connection, failure }))
    })
    return { port, server }
  }

  /** A server whose connections are handled by `onSocket`. */
  async listen(onSocket: (socket: net.Socket) => void): Promise<number> {
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
    const server = net.createServer(options, onSocket)
    this.later(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  client(config: UpstreamTls): TlsClient {
    const client = new TlsClient(this.site, config, material(config), 'tls')
    this.later(() => client.stop())
    return client
  }

  /** A connection by our code. */
  async dial(
    client: TlsClient,
    to: number | { readonly path: string },
    hostname = '',
  ): Promise<Met> {
    const place = typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to
    const options = { ...place, onread, allowHalfOpen: true }
    const socket = net.connect(options as net.NetConnectOpts)
    const connection = this.#connection(socket, this.site)
    const ear = new Ear(connection)
    await once(socket, 'connect')
    const remote: Remote = { address: JSON.stringify(to), hostname }
    return new Promise((resolve) => {
      client.connect(connection, remote, (failure) => resolve({ ear, connection, failure }))
    })
  }

  /** A connection by Node's own client. */
  async foreign(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
    socket.on('error', () => {})
    this.later(() => socket.destroy())
    await once(socket, 'secureConnect')
    return socket
  }

  #connection(socket: net.Socket, site: Site): Connection {
    const meter = { cx_rx_bytes_total: 0, cx_tx_bytes_total: 0 }
    const connection = new Connection(socket, site.turn, meter)
    this.later(() => connection.destroy())
    return connection
  }
}
