import net from 'node:net'
import { socketPath } from '@tulle/model'
import { Connection, type Keeper } from '../connection.ts'
import { adopt } from '../reading.ts'
import type { ServerSession } from '../session.ts'
import type { Site } from '../site.ts'
import { Complaints } from './complaints.ts'
import { Detector } from './detect.ts'
import { Greeting } from './greeting.ts'
import { Handshake } from './handshake.ts'
import type { ChainIntake } from './intake.ts'
import { listenError } from './listen-error.ts'
import type { Reception } from './reception.ts'
import type { ServedChain } from './served-chain.ts'
import { type Port, Undecided } from './undecided.ts'
import { removeStale, setMode } from './unix-socket.ts'

/** How many connections the process may have, over all its listeners. */
export interface Admission {
  open: number
  readonly max: number
  /** Counted when refused. */
  onRefused(): void
}

/**
 * An open socket and what becomes of its connections. `reception` is replaced when configuration changes.
 *
 * ```
 *   accept ──▶ Greeting ──▶ Detector ──▶ Handshake ──▶ Detector ──▶ session
 *              PROXY        TLS? which   TLS           which
 *              protocol     protocol?                  protocol?
 * ```
 * Stages that have nothing to find out are left out.
 */
export class Listener implements Keeper, Port {
  readonly site: Site
  readonly #admission: Admission
  readonly #server: net.Server
  readonly #complaints: Complaints
  reception: Reception
  draining = false
  /** Connections that are not decided yet are in no intake. */
  readonly #connections = new Set<Connection>()

  constructor(site: Site, reception: Reception, admission: Admission) {
    this.site = site
    this.reception = reception
    this.#admission = admission
    this.#complaints = new Complaints(site)
    this.#server = net.createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      (socket) => this.#accept(socket),
    )
  }

  get name(): string {
    return this.reception.config.name
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get connections(): number {
    return this.#connections.size
  }

  get chains(): readonly ServedChain[] {
    return this.reception.chains
  }

  get intakes(): readonly ChainIntake[] {
    return this.reception.intakes
  }

  /**
   * Listens. `shared`: several processes listen on the port and the kernel spreads connections over them. Throws
   * `PORT_IN_USE` or `LISTEN_FAILED`.
   */
  async open(shared: boolean): Promise<void> {
    const { config } = this.reception
    const { path, mode = 0 } = config.address
    try {
      await this.#listen(shared)
      if (path !== undefined) setMode(path, mode)
    } catch (error) {
      throw listenError(config, error as NodeJS.ErrnoException)
    }
    this.#server.on('error', (error) =>
      this.site.log.error('a connection could not be accepted', {
        listener: this.name,
        error: error.message,
      }),
    )
  }

  /** Accepts no more; connections end as their protocol allows, the last of them by force when `drainMs` is over. */
  drain(drainMs: number): void {
    this.#server.close()
    this.draining = true
    for (const { transport } of this.chains) transport?.stop()
    for (const intake of this.intakes) intake.drain()
    for (const { owner } of this.#connections) if (owner instanceof Undecided) owner.drain()
    setTimeout(() => this.destroy(), drainMs).unref()
  }

  destroy(): void {
    this.#server.close()
    for (const { transport } of this.chains) transport?.stop()
    for (const connection of this.#connections) connection.destroy()
  }

  receive(connection: Connection, head: Buffer | null): void {
    const { direct } = this.reception
    const owner =
      direct === null ? new Detector(connection, this, null) : this.attach(connection, direct)
    if (head !== null) owner.onData(head)
  }

  attach(connection: Connection, intake: ChainIntake): ServerSession {
    const session = intake.protocol.server(connection, intake)
    connection.owner = session
    intake.opened(session)
    session.start()
    // It was accepted before, and its way found since.
    if (intake.draining) session.drain()
    return session
  }

  terminate(connection: Connection, chain: ServedChain, head: Buffer): void {
    new Handshake(connection, this, chain).start(head)
  }

  complain(message: string, client: string, error: string): void {
    this.#complaints.say(message, { listener: this.name, client, error })
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection)
    this.#admission.open--
    this.site.descriptors.clients--
  }

  /** A unix socket's file that nobody listens on any more is no obstacle. */
  async #listen(shared: boolean): Promise<void> {
    const { address, backlog } = this.reception.config
    const { path, host, port } = address
    if (path === undefined)
      return this.#listenOn({ host, port, backlog, reusePort: shared, exclusive: true })
    const options = { path: socketPath(path), backlog, exclusive: true }
    try {
      await this.#listenOn(options)
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!taken || !(await removeStale(path))) throw error
      await this.#listenOn(options)
    }
  }

  #listenOn(options: net.ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(options, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  #accept(socket: net.Socket): void {
    const refusal = this.#refusal()
    if (refusal !== null) {
      this.#refuse(socket, refusal)
      return
    }
    this.site.turn.begin()
    const { turn } = this.site
    const { config } = this.reception
    const adopted = adopt(socket, config.bufferLimitBytes)
    const connection = new Connection(adopted, turn, this.intakes[0]!.stats, this)
    this.#connections.add(connection)
    this.#admission.open++
    this.site.descriptors.clients++
    if (config.proxyProtocol === 'off') this.receive(connection, null)
    else new Greeting(connection, this)
  }

  #refusal(): string | null {
    const { maxConnections } = this.reception.config
    if (this.site.overload !== null) return this.site.overload
    if (maxConnections > 0 && this.#connections.size >= maxConnections)
      return `listener "${this.name}" has its ${maxConnections} connections (max_connections)`
    if (this.#admission.open >= this.#admission.max)
      return `the process has its ${this.#admission.max} downstream connections`
    return this.site.descriptors.clientRefusal
  }

  #refuse(socket: net.Socket, sentence: string): void {
    const [first] = this.chains
    const { stats, protocol } = first!.main
    stats.cx_overflow++
    this.#admission.onRefused()
    // Where clients may speak to several chains, words for one would be nonsense to others.
    const words =
      this.chains.length === 1 && first!.transport === null
        ? protocol.refusal(`${this.site.name}: proxy: ${sentence}`)
        : null
    socket.on('error', () => {})
    if (words === null) socket.destroy()
    else socket.end(words, () => socket.destroy())
  }
}
