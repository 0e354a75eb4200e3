import type { Http2Settings } from '@tulle/model'
import type { Connection, Source } from '../connection.ts'
import type { ClusterSeries } from '../metrics.ts'
import { Outcome } from '../outcome.ts'
import type { Protocol } from '../protocol.ts'
import { sourceOf } from '../proxy-protocol.ts'
import type { ClientOwner, ClientSession } from '../session.ts'
import { Attempt, type Dialler } from './attempt.ts'
import type { Call } from './call.ts'
import type { Host } from './host.ts'

/**
 * The connections to one host in one protocol (and pool key), and the calls that wait for one. Where the protocol has
 * ids there is one connection until it is full; otherwise as many as there are calls at once, the latest used first.
 */
export class Pool implements ClientOwner, Dialler {
  readonly host: Host
  readonly protocol: Protocol
  readonly key: number
  /** Whom it is for, where hosts are told; null is everybody. */
  readonly onlyFor: Connection | null
  readonly source: Source | null
  /** Its client is gone. */
  #over = false
  /** Everything that is open. */
  readonly #sessions = new Set<ClientSession>()
  /** Those with room, the latest used last; may hold some that lost it meanwhile. */
  readonly #free: ClientSession[] = []
  /** Connections being made. */
  readonly #attempts = new Set<Attempt>()
  readonly #waiting: Call[] = []
  #waitingHead = 0
  /** How many in the queue still wait: some have gone, and leave it when their turn comes. */
  #backlog = 0
  /** How many requests at once the host has said last that it takes on a connection: a new one begins with that. */
  #told: number = Number.POSITIVE_INFINITY
  /** Room on connections that are being made. */
  #coming = 0

  constructor(host: Host, protocol: Protocol, key: number, onlyFor: Connection | null = null) {
    this.host = host
    this.protocol = protocol
    this.key = key
    this.onlyFor = onlyFor
    this.source = onlyFor === null ? null : sourceOf(onlyFor)
  }

  get turn(): ClientOwner['turn'] {
    return this.host.cluster.site.turn
  }
  get wheel(): ClientOwner['wheel'] {
    return this.host.cluster.site.wheel
  }
  get address(): string {
    return this.host.address
  }
  get stats(): ClusterSeries {
    return this.host.cluster.stats
  }
  get idleTimeoutMs(): number {
    return this.host.cluster.config.idleTimeoutMs
  }
  get maxFrameBytes(): number {
    return MAX_ANSWER_BYTES
  }
  get maxHeaderBytes(): number {
    return MAX_ANSWER_HEAD_BYTES
  }
  get http2(): Http2Settings {
    return this.host.cluster.config.http2
  }
  get size(): number {
    return this.#sessions.size + this.#attempts.size
  }

  /** Gives the call a connection with room, or a place in the queue for one. */
  send(call: Call): void {
    const session = this.#take()
    if (session !== null) {
      const takesLast = session.inFlight + 1 >= session.capacity
      call.chain.far.onConnection(call, session)
      // One-way calls take no room, and some could not be sent: nobody will tell that there is room again.
      if (takesLast && session.hasRoom && !this.#free.includes(session)) this.#free.push(session)
      return
    }
    const { cluster } = this.host
    if (cluster.stats.rq_pending >= cluster.config.limits.maxPendingRequests) {
      cluster.stats.rq_pending_overflow++
      const limit = cluster.config.limits.maxPendingRequests
      this.#refuse(
        call,
        `${limit} requests wait for cluster "${cluster.name}" (max_pending_requests)`,
      )
      return
    }
    this.#queue(call)
    if (this.#coming < this.#backlog) this.#connect()
  }

  /** Takes a call out of the queue. */
  forget(call: Call): void {
    if (call.pool !== this) return
    call.pool = null
    this.#backlog--
    this.stats.rq_pending--
  }

  onOpen(attempt: Attempt): void {
    const { connection, room } = attempt
    this.#attempts.delete(attempt)
    this.#coming -= room
    const protocol = this.host.cluster.agreed(this.protocol, connection.security?.alpn ?? '')
    if (this.host.agreed !== protocol) this.#told = Number.POSITIVE_INFINITY
    this.host.agreed = protocol
    const session = protocol.client(connection, this)
    session.speaks = protocol.name
    session.poolKey = this.key
    session.capacity = Math.min(this.#allowed(protocol) ?? session.capacity, this.#told)
    connection.owner = session
    this.#sessions.add(session)
    session.onConnect()
  }

  onFailed(attempt: Attempt, why: string): void {
    this.#attempts.delete(attempt)
    this.#coming -= attempt.room
    this.#forgetConnection()
    this.#connectFailed(attempt, why)
    this.#leaveIfDone()
  }

  onReady(session: ClientSession): void {
    this.#dispatch(session)
    // It may have less room than was expected.
    if (this.#coming < this.#backlog) this.#connect()
  }

  onRoom(session: ClientSession): void {
    this.#told = Math.max(session.capacity, 1)
    this.#dispatch(session)
  }

  onClosed(session: ClientSession): void {
    this.#sessions.delete(session)
    // Idle connections that close lie at the bottom, where nobody would come upon them.
    const place = this.#free.indexOf(session)
    if (place >= 0) this.#free.splice(place, 1)
    this.#forgetConnection()
    if (this.#coming < this.#backlog) this.#connect()
    this.#leaveIfDone()
  }

  /** The host is gone: connections close when their last answer is in, those being made serve who waits for them. */
  drain(): void {
    for (const session of this.#sessions) session.drain()
  }

  /** Its client is gone: the same, as nobody else may use it. */
  retire(): void {
    this.#over = true
    this.drain()
    this.#leaveIfDone()
  }

  #take(): ClientSession | null {
    const free = this.#free
    while (free.length > 0) {
      const session = free[free.length - 1]!
      if (session.hasRoom) {
        // One request takes all the room of a one-at-a-time connection; the others keep their place.
        if (session.inFlight + 1 >= session.capacity) free.pop()
        return session
      }
      free.pop()
    }
    return null
  }

  #dispatch(session: ClientSession): void {
    const limit = this.host.cluster.config.maxRequestsPerConnection
    if (limit > 0 && session.served >= limit) {
      session.drain()
      if (this.#coming < this.#backlog) this.#connect()
      return
    }
    while (session.hasRoom) {
      const call = this.#next()
      if (call === null) break
      call.chain.far.onConnection(call, session)
    }
    if (this.host.gone || this.#over) {
      session.drain()
      return
    }
    if (session.hasRoom && this.#free[this.#free.length - 1] !== session && !this.#listed(session))
      this.#free.push(session)
  }

  /** Only connections that take many at once can be listed already; there are few of those. */
  #listed(session: ClientSession): boolean {
    return session.capacity > 1 && this.#free.includes(session)
  }

  #queue(call: Call): void {
    call.pool = this
    this.#backlog++
    this.stats.rq_pending++
    this.#waiting.push(call)
  }

  #next(): Call | null {
    const waiting = this.#waiting
    while (this.#waitingHead < waiting.length) {
      const call = waiting[this.#waitingHead]!
      this.#waitingHead++
      if (this.#waitingHead === waiting.length) {
        waiting.length = 0
        this.#waitingHead = 0
      }
      if (call.pool !== this) continue
      call.pool = null
      this.#backlog--
      this.stats.rq_pending--
      return call
    }
    return null
  }

  #connect(): void {
    const { cluster } = this.host
    if (cluster.stats.cx_active >= cluster.config.limits.maxConnections) {
      cluster.stats.cx_overflow++
      // With connections of its own the pool will have room again; without, nobody would ever wake the queue.
      if (this.size > 0) return
      const limit = cluster.config.limits.maxConnections
      this.#failWaiting((call) =>
        this.#refuse(
          call,
          `cluster "${cluster.name}" has its ${limit} connections (max_connections)`,
        ),
      )
      return
    }
    const refusal = cluster.site.descriptors.hostRefusal
    if (refusal !== null) {
      cluster.stats.cx_overflow++
      if (this.size > 0) return
      this.#failWaiting((call) => this.#refuse(call, refusal))
      return
    }
    // What was agreed on last is what to expect, and only that: it may change with every connection.
    const protocol = cluster.negotiates ? (this.host.agreed ?? this.protocol) : this.protocol
    const room = this.#allowed(protocol) ?? protocol.room
    const attempt = new Attempt(this.host, this, Math.min(room, this.#told))
    this.#attempts.add(attempt)
    this.#coming += attempt.room
    cluster.stats.cx_total++
    cluster.stats.cx_active++
    cluster.site.descriptors.hosts++
    this.host.connections++
  }

  /** Calls at once on a connection, where the configuration says. */
  #allowed({ speech }: Protocol): number | null {
    const { concurrentCalls } = this.host.cluster.config.rpc
    return speech === 'rpc' && concurrentCalls > 0 ? concurrentCalls : null
  }

  #connectFailed(attempt: Attempt, why: string): void {
    this.stats.cx_connect_fail++
    this.host.connectFailures++
    if (!attempt.timedOut) {
      const sentence = `cannot connect to ${this.address}: ${why}`
      this.#failWaiting((call) =>
        call.chain.far.onReset(call, Outcome.ConnectFailed, sentence, true),
      )
      return
    }
    this.stats.cx_connect_timeout++
    const ms = this.host.cluster.config.connectTimeoutMs
    const what = attempt.securing ? 'finish the TLS handshake' : 'accept'
    const sentence = `${this.address} did not ${what} within ${ms} ms (connect_timeout)`
    this.#failWaiting((call) =>
      call.chain.far.onReset(call, Outcome.ConnectTimeout, sentence, true),
    )
  }

  #forgetConnection(): void {
    this.stats.cx_active--
    this.host.cluster.site.descriptors.hosts--
    this.host.connections--
  }

  #leaveIfDone(): void {
    if (this.size > 0 || this.#backlog > 0) return
    if (this.host.gone || this.onlyFor !== null) this.host.drop(this)
  }

  /** Those who wait now are told; what they do may queue others, or themselves, anew. */
  #failWaiting(fail: (call: Call) => void): void {
    const calls: Call[] = []
    for (let call = this.#next(); call !== null; call = this.#next()) calls.push(call)
    for (const call of calls) fail(call)
  }

  #refuse(call: Call, sentence: string): void {
    call.chain.far.onReset(call, Outcome.Overflow, sentence, true)
  }
}

/** Answers above these are a host's fault; requests have the listener's own limits. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const MAX_ANSWER_HEAD_BYTES = 256 * 1024
