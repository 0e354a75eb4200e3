import type { Frame } from '../frame.ts'
import { GrpcStatus, grpcName, grpcToHttp } from '../http/grpc.ts'
import { Outcome } from '../outcome.ts'
import { CALL_STATUS_LATER } from '../protocol.ts'
import type { Site } from '../site.ts'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'
import type { Host } from './host.ts'
import { type AtOnce, afterReset, afterStatus, atOnce, backoffMs, type Verdict } from './retry.ts'

/** How often a retry asks the balancer for a host that was not tried. */
const REPICKS = 5

/**
 * The tries of a call: which host is asked, what becomes of a try, whether there is another.
 *
 * ```
 *           ┌──── at once: no host has seen it, or it may be sent twice ────┐
 *           ▼                                                               │
 *   begin ──▶ a host ──▶ answered ──▶ good enough: goes down to the client  │
 *           ▲              │                                                │
 *           │              ├ failed ───────────────────────────────────────┤
 *           │              ▼                                                ▼
 *           └── later, after a back-off, if the route's policy wants it     the client is told
 * ```
 */
export class Tries {
  readonly #site: Site
  /** How many hosts are asked at most for a connection; nothing is sent twice by that. */
  readonly #connectTries: number

  constructor(site: Site, connectTries: number) {
    this.#site = site
    this.#connectTries = connectTries
  }

  /** Asks a host of the cluster; where none may be asked, the call is answered. */
  begin(call: Call, cluster: Cluster): void {
    const host = this.#pick(call, cluster)
    if (host !== null) return this.#send(call, cluster, host)
    cluster.stats.rq_no_host++
    const { length } = cluster.hosts
    const sentence =
      length === 0
        ? `cluster "${cluster.name}" has no hosts`
        : `none of the ${length} hosts of cluster "${cluster.name}" is healthy`
    call.answer(Outcome.NoHealthyHost, sentence)
  }

  /** An answer has begun. True: it is thrown away, and the call will be tried again. */
  answered(call: Call, frame: Frame): boolean {
    const { protocol } = frame
    const status = protocol.status(frame)
    const told = protocol.callStatus === undefined ? -1 : protocol.callStatus(frame)
    countAnswer(call.cluster!, status)
    if (told >= 0) decide(call, told)
    else if (told === CALL_STATUS_LATER) call.undecided = true
    else judge(call.host!, status)
    return call.route!.retry !== null && this.#throwsAway(call, status, told, frame.last)
  }

  /** The answer is whole. A call whose status never came has failed, as its caller will read it. */
  finished(call: Call, trailers: Frame | null): void {
    const told = trailers === null ? -1 : (trailers.protocol.callStatus?.(trailers) ?? -1)
    if (told >= 0) decide(call, told)
    else if (call.undecided) decide(call, GrpcStatus.UNKNOWN)
    this.ended(call)
  }

  /** No answer came of this try. True: the call is tried again, now or later. */
  failed(call: Call, outcome: Outcome, untouched: boolean): boolean {
    const { cluster, host } = call
    const where = atOnce(call, outcome, untouched, this.#connectTries)
    if (cluster !== null && host !== null && outcome.side === 'upstream') {
      if (outcome !== Outcome.ConnectFailed && outcome !== Outcome.ConnectTimeout)
        cluster.stats.rq_reset++
      host.errors++
      if (host.witness !== null) host.witness.onLocalFailure()
    }
    this.ended(call)
    call.up = null
    call.undecided = false
    if (where !== null && this.#retryNow(call, cluster!, where)) return true
    return this.#retryLater(call, cluster!, afterReset(call, outcome, untouched))
  }

  /** This try has taken too long and is let go; the sentence for it, or null when its answer has come meanwhile. */
  timedOut(call: Call): string | null {
    call.tryTimeoutAt = 0
    if (!call.unanswered) return null
    call.cluster!.stats.rq_per_try_timeout++
    call.host!.timeouts++
    letGo(call)
    return `${call.host!.address}: no answer within ${call.route!.retry!.perTryTimeoutMs} ms (per_try_timeout)`
  }

  /** The host is done with this try, one way or the other. */
  ended(call: Call): void {
    if (!call.counted) return
    call.counted = false
    const { stats } = call.cluster!
    call.host!.active--
    stats.rq_active--
    if (call.answeredAt === 0) return
    stats.rq_duration.record((this.#site.turn.now - call.sentAt) * 1000)
    if (call.retrying && call.outcome === Outcome.Ok) stats.rq_retry_success++
    retryEnded(call)
  }

  /** Nobody wants an answer from a host any more. */
  abandon(call: Call): void {
    letGo(call)
    call.up = null
    this.ended(call)
    retryEnded(call)
  }

  #send(call: Call, cluster: Cluster, host: Host): void {
    call.host = host
    call.attempts++
    call.counted = true
    host.active++
    cluster.stats.rq_active++
    cluster.stats.rq_total++
    const policy = call.route?.retry ?? null
    if (policy !== null && policy.perTryTimeoutMs > 0) {
      const { now } = this.#site.turn
      call.tryTimeoutAt = now + policy.perTryTimeoutMs
      call.arm(this.#site.wheel, now)
    }
    host.send(call)
  }

  /** A retry asks for a host that was not tried, some times; then it looks for one, and at last takes any. */
  #pick(call: Call, cluster: Cluster): Host | null {
    const picker = cluster.pickerFor(call.request)
    let host = picker.pick(call)
    const { tried } = call
    if (tried === null) return host
    for (let i = 0; i < REPICKS && host !== null && tried.includes(host); i++)
      host = picker.pick(call)
    if (host === null || !tried.includes(host)) return host
    const other = cluster.hosts.find(
      (one) => one.unfit === 0 && !tried.includes(one) && cluster.suits(one, call.request),
    )
    return other ?? host
  }

  #throwsAway(call: Call, status: number, told: number, last: boolean): boolean {
    if (call.responseBegun) return false
    const { up } = call
    const verdict = afterStatus(call, status, told)
    if (!this.#retryLater(call, call.cluster!, verdict)) {
      if (verdict === 'spent') explainSpent(call, told > 0 ? grpcName(told) : String(status))
      return false
    }
    call.answeredAt = 0
    call.callStatus = -1
    call.undecided = false
    call.up = null
    this.ended(call)
    if (!last && up !== null) up.cancel(call)
    return true
  }

  /** Books a try by policy; false when there is to be none, or the cluster has all the retries it may have. */
  #retryLater(call: Call, cluster: Cluster, verdict: Verdict): boolean {
    if (verdict === null) return false
    if (verdict === 'spent') {
      cluster.stats.rq_retry_limit++
      return false
    }
    const policy = call.route!.retry!
    retryEnded(call)
    if (cluster.retries >= cluster.config.limits.maxRetries) {
      cluster.stats.rq_retry_overflow++
      return false
    }
    cluster.retries++
    cluster.stats.rq_retry++
    call.retrying = true
    call.retries++
    call.tryTimeoutAt = 0
    if (policy.avoidTriedHosts) remember(call)
    const { now } = this.#site.turn
    call.retryAt = now + backoffMs(policy, call.retries, this.#site.random)
    call.arm(this.#site.wheel, now)
    return true
  }

  /** False when there is no host to ask. */
  #retryNow(call: Call, cluster: Cluster, where: AtOnce): boolean {
    remember(call)
    const host = this.#pick(call, cluster)
    if (host === null || (where === 'elsewhere' && call.tried!.includes(host))) return false
    cluster.stats.rq_retry++
    this.#send(call, cluster, host)
    return true
  }
}

/** Leaves the queue for a connection, or the connection. */
function letGo(call: Call): void {
  const { pool, up } = call
  if (pool !== null) pool.forget(call)
  else if (up !== null) {
    call.up = null
    up.cancel(call)
  }
}

function remember(call: Call): void {
  if (call.host === null) return
  if (call.tried === null) call.tried = [call.host]
  else call.tried.push(call.host)
}

function retryEnded(call: Call): void {
  if (!call.retrying) return
  call.retrying = false
  call.retryAt = 0
  call.cluster!.retries--
}

/** How the call went at its host, as gRPC numbers it. */
function decide(call: Call, status: number): void {
  call.undecided = false
  call.callStatus = status
  call.cluster!.calls.count(status)
  judge(call.host!, grpcToHttp(status))
}

/** In HTTP's words. */
function judge(host: Host, status: number): void {
  if (status >= 500) host.errors++
  if (host.witness !== null) host.witness.onAnswer(status)
}

function explainSpent(call: Call, status: string): void {
  const { hop } = call.down.intake
  const sentence = `${call.host!.address} answered ${status} after ${call.retries} retries (num_retries)`
  call.explain(Outcome.RetriesExhausted, `${hop}: upstream: ${sentence}`)
}

function countAnswer(cluster: Cluster, status: number): void {
  const { stats } = cluster
  if (status < 300) stats.rq_2xx++
  else if (status < 400) stats.rq_3xx++
  else if (status < 500) stats.rq_4xx++
  else stats.rq_5xx++
}
