import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { UpstreamTls } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import type { Site } from '../../site.ts'
import type { ClientTransport, Remote } from '../../transport.ts'
import { contextOptions } from './context.ts'
import { type Done, Handshake } from './handshake.ts'
import { judgeShown, shownBy } from './judge.ts'
import type { Material } from './material.ts'
import { Sessions } from './sessions.ts'
import { alpnList, TlsSocket } from './tls-socket.ts'
import { Verifier } from './verify.ts'
import { MaterialWatch } from './watch.ts'

/** What connections of one time have in common; another when certificates have changed. */
interface Context {
  readonly secure: SecureContext
  readonly sessions: Sessions
  readonly localUris: readonly string[]
}

/** TLS with hosts: `UpstreamTlsContext` at work. Its certificates follow their files. */
export class TlsClient implements ClientTransport {
  readonly #config: UpstreamTls
  readonly #site: Site
  readonly #watch: MaterialWatch
  readonly #alpn: Buffer | null
  readonly #verifier: Verifier
  #context: Context

  /** `at` is where the TLS context stands in the configuration, for sentences. */
  constructor(site: Site, config: UpstreamTls, material: Material, at: string) {
    this.#site = site
    this.#config = config
    this.#alpn = config.alpn.length === 0 ? null : alpnList(config.alpn)
    this.#verifier = new Verifier(config.validation, true)
    this.#context = contextOf(config, material)
    this.#watch = new MaterialWatch(config, material, at, site.log, (fresh) => {
      this.#context = contextOf(config, fresh)
    })
  }

  connect(connection: Connection, remote: Remote, done: Done): void {
    const handshake = new Handshake(connection, this.#site, 'host', done)
    connection.whenWritten(() => {
      if (!handshake.over) this.#secure(connection, remote, handshake)
    })
  }

  /** Certificates are watched no longer; connections stay. */
  stop(): void {
    this.#watch.stop()
  }

  #secure(connection: Connection, remote: Remote, handshake: Handshake): void {
    const context = this.#context
    const { sessions } = context
    const name = this.#serverName(remote)
    const key = `${remote.address} ${name}`
    const kept = sessions.latest(key)
    const swapped = connection.replaceSocket(
      (handle, highWaterMark) =>
        new TlsSocket(handle, {
          secureContext: context.secure,
          isServer: false,
          rejectUnauthorized: false,
          highWaterMark,
          ...(this.#alpn === null ? {} : { ALPNProtocols: this.#alpn }),
          ...(kept === null ? {} : { session: kept.session }),
        }),
    )
    if (swapped === null) return
    /** Null until it is believed. */
    let certificate: X509Certificate | null = null
    const early: Buffer[] = []
    if (this.#config.maxSessionKeys > 0)
      swapped.onSession((session) => {
        if (certificate !== null) sessions.keep(key, { session, certificate })
        else early.push(session)
      })
    handshake.run(swapped, (socket) => {
      const verifier =
        this.#config.sniMustMatch && name !== ''
          ? new Verifier(this.#config.validation, true, name)
          : this.#verifier
      const now = this.#site.turn.clock.wall()
      const { localUris } = context
      const shown = shownBy(socket, kept?.certificate ?? null)
      const judged = judgeShown(socket, verifier, shown, now, 'host', name, localUris)
      if (typeof judged === 'string') sessions.forget(key)
      else certificate = shown.certificate
      if (certificate !== null)
        for (const session of early) sessions.keep(key, { session, certificate })
      return judged
    })
    swapped.begin(name)
  }

  /** An IP address is no server name (RFC 6066 §3). */
  #serverName({ hostname }: Remote): string {
    const { sni, sniFromHost } = this.#config
    const name = sniFromHost && hostname !== '' ? hostname : sni
    return isIP(name) === 0 ? name : ''
  }
}

function contextOf(config: UpstreamTls, material: Material): Context {
  return {
    secure: createSecureContext(contextOptions(config, material, material.identities)),
    sessions: new Sessions(config.maxSessionKeys),
    localUris: material.identities[0]?.uris ?? [],
  }
}
