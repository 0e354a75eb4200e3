import type { DownstreamTls } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import type { Site } from '../../site.ts'
import type { ServerTransport } from '../../transport.ts'
import { type ClientHello, readClientHello } from './client-hello.ts'
import { type ServerContext, ServerContexts } from './context.ts'
import { type Done, Handshake } from './handshake.ts'
import { HelloReader } from './hello-reader.ts'
import { judgeShown, shownBy } from './judge.ts'
import type { Material } from './material.ts'
import { ticketKeys, ticketPeriod } from './tickets.ts'
import { alpnList, TlsSocket } from './tls-socket.ts'
import { Verifier } from './verify.ts'
import { MaterialWatch } from './watch.ts'

/** TLS with clients: `DownstreamTlsContext` at work. Its certificates follow their files. */
export class TlsServer implements ServerTransport {
  readonly #config: DownstreamTls
  readonly #site: Site
  readonly #watch: MaterialWatch
  #verifier: Verifier
  #material: Material
  #contexts: ServerContexts
  #period: number

  /** `at` is where the TLS context stands in the configuration, for sentences. */
  constructor(site: Site, config: DownstreamTls, material: Material, at: string) {
    this.#site = site
    this.#config = config
    this.#verifier = new Verifier(config.validation, config.requireClientCertificate)
    this.#material = material
    this.#period = this.#periodNow()
    this.#contexts = this.#contextsOf(material)
    this.#watch = new MaterialWatch(config, material, at, site.log, (fresh) => this.#take(fresh))
  }

  accept(connection: Connection, head: Buffer, done: Done): void {
    const handshake = new Handshake(connection, this.#site, 'client', done)
    const hello = readClientHello(head)
    if (hello === 'more')
      new HelloReader(connection, handshake, head, (found, all) =>
        this.#secure(connection, handshake, found, all),
      )
    else if (hello === 'not-tls') handshake.fail('the client does not speak TLS')
    else this.#secure(connection, handshake, hello, head)
  }

  /** Certificates are watched no longer; connections stay. */
  stop(): void {
    this.#watch.stop()
  }

  #secure(connection: Connection, handshake: Handshake, hello: ClientHello, head: Buffer): void {
    const { alpn, validation, requireClientCertificate } = this.#config
    if (this.#period !== this.#periodNow()) this.#renew()
    const context = this.#contexts.find(hello.serverName)
    // Without one in common the connection goes on without ALPN: OpenSSL would end it if it were told of ours.
    const shared = alpn.find((name) => hello.alpn.includes(name))
    const swapped = connection.replaceSocket((handle, highWaterMark) => {
      const socket = new TlsSocket(handle, {
        secureContext: context.secure,
        isServer: true,
        requestCert: validation !== null || requireClientCertificate,
        rejectUnauthorized: requireClientCertificate,
        highWaterMark,
        ...(shared === undefined ? {} : { ALPNProtocols: alpnList([shared]) }),
      })
      socket.disableRenegotiation()
      return socket
    })
    if (swapped === null) return
    handshake.run(swapped, (socket) => this.#judge(socket, hello, context))
    swapped.receive(head)
  }

  #judge(
    socket: TlsSocket,
    { serverName }: ClientHello,
    { identity }: ServerContext,
  ): ReturnType<typeof judgeShown> {
    // What was chosen for one name must not be used by another.
    const asked = (
      (socket as { servername?: string | false | null }).servername || ''
    ).toLowerCase()
    // Of a session that is resumed OpenSSL (TLS 1.2) does not tell it.
    const untold = asked === '' && socket.isSessionReused()
    if (asked !== serverName && !untold)
      return 'the client changed the server name in the TLS handshake'
    const shown = shownBy(socket)
    const now = this.#site.turn.clock.wall()
    return judgeShown(socket, this.#verifier, shown, now, 'client', serverName, identity.uris)
  }

  #take(material: Material): void {
    this.#material = material
    this.#renew()
  }

  #renew(): void {
    this.#period = this.#periodNow()
    this.#contexts = this.#contextsOf(this.#material)
  }

  #contextsOf(material: Material): ServerContexts {
    const { resumption, sessionTimeoutMs: timeoutMs } = this.#config
    const keys = ticketKeys(this.#site.secret, material.digest, this.#period)
    return new ServerContexts(
      this.#config,
      material,
      resumption ? { ticketKeys: keys, timeoutMs } : null,
    )
  }

  #periodNow(): number {
    return ticketPeriod(this.#site.turn.clock.wall())
  }
}
