import type { Connection } from '../connection.ts'
import type { ListenerSeries } from '../metrics.ts'
import { Match } from '../protocol.ts'
import type { Relay } from '../session.ts'
import type { ChainIntake } from './intake.ts'
import type { Choice, ServedChain } from './served-chain.ts'
import { type Port, Undecided } from './undecided.ts'

/** More first bytes than this tell nothing new. */
const MAX_SNIFF_BYTES = 4096
/** A client that has asked for nothing after so many bytes of TLS is no client. */
const MAX_HELLO_BYTES = 16 * 1024
/** The first byte of a TLS handshake. */
const HANDSHAKE = 0x16

/**
 * Finds out what a connection speaks by its first bytes: TLS, whose hello leads to a chain, or a protocol, each asked in
 * the listener's order. Where bytes of unknown protocol are forwarded, that begins with the connection: a server that
 * speaks first is heard at once, and decides; the client's bytes, if they come first and are known, take the connection
 * back. Otherwise a connection may say nothing for as long as it could in the protocol that takes what nobody claims.
 */
export class Detector extends Undecided {
  /** The chain whose protocols they are, inside its TLS; null looks at all of the listener's. */
  readonly #chain: ServedChain | null
  /** The byte stream that goes on if nothing else is found, and whose it is. */
  readonly #relay: Relay | null
  readonly #relayed: ChainIntake | null
  readonly #since: number
  #head: Buffer | null = null
  #decided = false

  constructor(connection: Connection, port: Port, chain: ServedChain | null) {
    super(connection, port)
    this.#chain = chain
    this.#since = port.site.turn.begin()
    const { fallback } = this.#choice
    this.#relay = fallback?.protocol.relay?.(connection, fallback) ?? null
    this.#relayed = this.#relay === null ? null : fallback
    const mayRest = this.#relay === null && fallback !== null
    this.wait(mayRest ? fallback.settings.idleTimeoutMs : port.reception.config.detectTimeoutMs)
    if (this.#relay !== null) this.#startRelay(this.#relay)
  }

  onData(chunk: Buffer): void {
    if (this.#decided) return
    const before = this.#head
    const head = before === null ? chunk : Buffer.concat([before, chunk])
    this.#head = head
    if (!this.#lookForTls(head)) this.#lookForProtocol(head)
    if (!this.#decided && before === null) this.wait(this.port.reception.config.detectTimeoutMs)
  }

  override onDrain(): void {
    this.#relay?.onDrain()
  }

  /** What has come is all there is. */
  onEnd(): void {
    if (this.#decided) return
    const head = this.#decide()
    if (this.#fallback === null) this.connection.close()
    else {
      this.#fallBack(head)
      this.connection.owner.onEnd()
    }
  }

  onClose(error: Error | null): void {
    this.#decide()
    this.#relay?.onClose(error)
  }

  override onLate(): void {
    const mayRest = this.#relay === null && this.#fallback !== null
    if (this.#head === null && mayRest) {
      this.#decide()
      this.#fallback!.stats.cx_idle_timeout++
      this.connection.close()
    } else this.#fallBack(this.#decide())
  }

  get #choice(): Choice {
    return this.#chain?.choice ?? this.port.reception.plain
  }

  get #fallback(): ChainIntake | null {
    return this.#relayed ?? this.#choice.fallback
  }

  get #stats(): ListenerSeries {
    return (this.#chain?.main ?? this.port.reception.intakes[0]!).stats
  }

  #startRelay(relay: Relay): void {
    relay.onFirstAnswer = (): void => this.#fallBack(this.#decide())
    relay.start()
  }

  /** Whether that is what it is, or may become with more bytes. */
  #lookForTls(head: Buffer): boolean {
    const { tls } = this.port.reception
    if (tls === null || this.#chain !== null || head[0] !== HANDSHAKE) return false
    const hello = tls.read(head)
    if (hello === 'not-tls') return false
    if (hello === 'more') {
      if (head.length > MAX_HELLO_BYTES)
        this.#turnAway(`the TLS client hello has more than ${MAX_HELLO_BYTES} bytes`)
      return true
    }
    const chain = tls.choose(hello)
    if (chain === null) {
      const { serverName, alpn } = hello
      const offer = alpn.length === 0 ? 'no protocol' : alpn.join(', ')
      this.#turnAway(`no filter chain takes TLS for server name "${serverName}" offering ${offer}`)
    } else if (chain.transport === null) this.#enter(chain.main, head)
    else {
      this.#decide()
      this.#letGo()
      this.port.terminate(this.connection, chain, head)
    }
    return true
  }

  #lookForProtocol(head: Buffer): void {
    let more = false
    for (const candidate of this.#choice.candidates) {
      const match = candidate.protocol.match(head)
      if (match === Match.Yes) return this.#enter(candidate, head)
      if (match === Match.NeedMore) more = true
    }
    if (this.#fallback === null && this.#chain === null) {
      for (const protocol of this.port.reception.covered) {
        const match = protocol.match(head)
        if (match === Match.Yes) return this.#refuse(protocol.refusal(this.#needsTls, 400))
        if (match === Match.NeedMore) more = true
      }
    }
    if (!more || head.length >= MAX_SNIFF_BYTES) this.#fallBack(this.#decide())
  }

  /** The bytes belong to this intake. */
  #enter(intake: ChainIntake, head: Buffer): void {
    this.#decide()
    if (intake === this.#relayed) return this.#fallBack(head)
    this.#note(intake)
    this.#letGo()
    this.port.attach(this.connection, intake).onData(head)
  }

  /** Ends the looking; returns what has come. */
  #decide(): Buffer | null {
    const head = this.#head
    this.#decided = true
    this.#head = null
    this.rest()
    return head
  }

  #letGo(): void {
    const begun = this.#relay?.release() ?? null
    if (begun !== null) this.#relayed!.withdraw(begun)
  }

  #note({ stats }: ChainIntake): void {
    stats.cx_detect.record((this.port.site.turn.now - this.#since) * 1000)
  }

  #fallBack(head: Buffer | null): void {
    const fallback = this.#fallback
    if (fallback !== null) this.#note(fallback)
    if (fallback === null) {
      this.#stats.cx_protocol_error++
      this.connection.close()
    } else if (this.#relay === null) {
      const session = this.port.attach(this.connection, fallback)
      if (head !== null) session.onData(head)
    } else {
      this.connection.owner = this.#relay
      fallback.opened(this.#relay)
      this.#relay.commit()
      if (fallback.draining) this.#relay.drain()
      if (head !== null) this.#relay.onData(head)
    }
  }

  get #needsTls(): string {
    return `${this.port.site.name}: proxy: this port speaks TLS, and the request came without`
  }

  /** Nobody is there for it. */
  #turnAway(why: string): void {
    this.port.site.log.debug('no filter chain for a connection', {
      listener: this.port.name,
      client: this.connection.remoteAddress,
      why,
    })
    this.#refuse(null)
  }

  #refuse(words: Buffer | null): void {
    this.#decide()
    this.#letGo()
    this.#stats.cx_no_chain++
    if (words !== null) this.connection.write(words)
    this.connection.close()
  }
}
