import net from 'node:net'
import type { Listener as ListenerConfig } from '@tulle/model'
import { Connection, type Keeper } from '../connection.ts'
import { adopt } from '../reading.ts'
import type { ServerSession } from '../session.ts'
import type { Site } from '../site.ts'
import { Detector } from './detect.ts'
import type { ChainIntake } from './intake.ts'
import { listenError } from './listen-error.ts'

/** How many connections the process may have, over all its listeners. */
export interface Admission {
  open: number
  readonly max: number
  /** Counted when refused. */
  onRefused(): void
}

/** What a listener does with connections: which chain takes which protocol. */
export interface Reception {
  readonly config: ListenerConfig
  /** Chains that name their protocols, in the order of detection. */
  readonly detected: readonly ChainIntake[]
  /** The chain for all others; null: they are closed. */
  readonly fallback: ChainIntake | null
}

/** An open socket and what it does with its connections. `reception` is replaced when configuration changes. */
export class Listener implements Keeper {
  readonly site: Site
  readonly #admission: Admission
  readonly #server: net.Server
  reception: Reception
  /** Connections whose protocol is not known yet are in no intake. */
  readonly #connections = new Set<Connection>()

  constructor(site: Site, reception: Reception, admission: Admission) {
    this.site = site
    this.reception = reception
    this.#admission = admission
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

  get intakes(): readonly ChainIntake[] {
    const { detected, fallback } = this.reception
    return fallback === null ? detected : [...detected, fallback]
  }

  /** Listens. `shared`: several processes listen on the port and the kernel spreads connections over them. */
  open(shared: boolean): Promise<void> {
    const { address, backlog } = this.reception.config
    return new Promise((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException): void =>
        reject(listenError(this.reception.config, error))
      this.#server.once('error', refuse)
      this.#server.listen(
        { host: address.host, port: address.port, backlog, reusePort: shared, exclusive: true },
        () => {
          this.#server.off('error', refuse)
          this.#server.on('error', (error) =>
            this.site.log.error('a connection could not be accepted', {
              listener: this.name,
              error: error.message,
            }),
          )
          resolve()
        },
      )
    })
  }

  /** Accepts no more; connections end as their protocol allows, the last of them by force when `drainMs` is over. */
  drain(drainMs: number): void {
    this.#server.close()
    for (const intake of this.intakes) intake.drain()
    setTimeout(() => this.destroy(), drainMs).unref()
  }

  destroy(): void {
    this.#server.close()
    for (const connection of this.#connections) connection.destroy()
  }

  attach(connection: Connection, intake: ChainIntake): ServerSession {
    const session = intake.protocol.server(connection, intake)
    connection.owner = session
    intake.opened(session)
    session.start()
    return session
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection)
    this.#admission.open--
    this.site.descriptors.clients--
  }

  #accept(socket: net.Socket): void {
    const refusal = this.#refusal()
    if (refusal !== null) {
      this.#refuse(socket, refusal)
      return
    }
    this.site.turn.begin()
    const { turn } = this.site
    const { detected, fallback, config } = this.reception
    const adopted = adopt(socket, config.bufferLimitBytes)
    const connection = new Connection(adopted, turn, this.intakes[0]!.stats, this)
    this.#connections.add(connection)
    this.#admission.open++
    this.site.descriptors.clients++
    if (detected.length > 0)
      new Detector(connection, detected, fallback, this, config.detectTimeoutMs)
    else this.attach(connection, fallback!)
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
    const intake = this.intakes[0]!
    intake.stats.cx_overflow++
    this.#admission.onRefused()
    // Where clients may speak several protocols, words of one would be nonsense to others.
    const words =
      this.intakes.length === 1
        ? intake.protocol.refusal(`${this.site.name}: proxy: ${sentence}`)
        : null
    socket.on('error', () => {})
    if (words === null) socket.destroy()
    else socket.end(words, () => socket.destroy())
  }
}
