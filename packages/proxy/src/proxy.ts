import type { Far, Layer } from './filter.ts'
import type { Frame } from './frame.ts'
import { Outcome } from './outcome.ts'
import type { CompiledRoute, Destination, Forward, RouteTable } from './route.ts'
import type { ClientSession } from './session.ts'
import type { Site } from './site.ts'
import type { Stream } from './stream.ts'
import type { Call } from './upstream/call.ts'
import type { Cluster } from './upstream/cluster.ts'
import type { Host } from './upstream/host.ts'
import {
  type AtOnce,
  afterReset,
  afterStatus,
  atOnce,
  backoffMs,
  type Verdict,
} from './upstream/retry.ts'

/*
 * The way of a request:
 *
 *   bytes → frame → stream → filters → Dispatch: route → cluster → host → bytes
 *   bytes ← Home ← filters ← Dispatch ← frame ← bytes
 */

/** Request data kept for a second try where no retry policy asks for more, bytes. */
const KEEP_BYTES = 64 * 1024
/** How often a retry asks the balancer for a host that was not tried. */
const REPICKS = 5

/** The near end of the filters: answers leave for the client. */
export class Home implements Layer {
  onRequest(): void {}
  onRequestData(): boolean {
    return true
  }
  onRequestTrailers(): void {}

  onResponse(stream: Stream, frame: Frame): boolean {
    stream.responseBegun = true
    stream.response = frame
    stream.status = frame.protocol.status(frame)
    const flowing = stream.down.respond(stream, frame)
    if (frame.last) this.#done(stream)
    return flowing
  }

  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    if (stream.ended) return true
    stream.responseBytes += chunk.length
    const flowing = stream.down.respondData(stream, chunk, last)
    if (last) this.#done(stream)
    return flowing
  }

  onResponseTrailers(stream: Stream, frame: Frame): void {
    stream.down.respondTrailers(stream, frame)
    this.#done(stream)
  }

  #done(stream: Stream): void {
    stream.responseDone = true
    stream.settle()
  }
}

/** What a chain of a listener does with requests that have passed its filters. */
export interface Routing {
  readonly table: RouteTable<Cluster>
  /** Lower-case upgrade types that are passed on where a route does not say. */
  readonly upgrades: ReadonlySet<string>
  readonly streamIdleTimeoutMs: number
  /** How many hosts are asked at most for a connection; nothing is sent twice by that. */
  readonly connectTries: number
}

/** The far end of the filters: route, pick, send; try again; bring the answer back. */
export class Dispatch implements Far {
  readonly #site: Site
  readonly #routing: Routing

  constructor(site: Site, routing: Routing) {
    this.#site = site
    this.#routing = routing
  }

  // ── the request, going up ──────────────────────────────────────────────────────────────────────────────────────────

  onRequest(stream: Stream, frame: Frame): void {
    const call = stream as Call
    const site = this.#site
    // A filter that waited may come late: the client has gone, or was answered.
    if (call.ended) return
    if (site.overload !== null) return this.#answer(call, Outcome.Overloaded, site.overload)
    const route = this.#routing.table.route(frame, site.random)
    if (route === null)
      return this.#answer(call, Outcome.NoRoute, this.#routing.table.explain(frame))
    call.routeName = route.name
    if (route.action.kind !== 'forward') return this.#answerLocally(call, route)
    this.#forward(call, frame, route.action)
  }

  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const call = stream as Call
    if (call.ended || call.cluster === null) return true
    // While no connection has it, what came must not be lost: the client is paused with this chunk.
    const limit = call.up === null ? Number.POSITIVE_INFINITY : this.#keepLimit(call)
    if (call.unanswered) call.keep(chunk, limit)
    if (last) this.#requestDone(call)
    else call.activeAt = this.#site.turn.now
    if (call.up === null) return false
    const flowing = call.up.sendData(call, chunk, last)
    if (last) call.settle()
    return flowing
  }

  onRequestTrailers(stream: Stream, frame: Frame): void {
    const call = stream as Call
    if (call.ended || call.cluster === null) return
    call.trailers = frame
    this.#requestDone(call)
    if (call.up !== null) call.up.sendTrailers(call, frame)
  }

  /** The whole request has come: from now on the route's time-out runs. */
  #requestDone(call: Call): void {
    call.requestDone = true
    const now = this.#site.turn.now
    call.activeAt = now
    const timeoutMs = this.#timeoutMs(call)
    if (timeoutMs > 0 && !call.tunnel) call.timeoutAt = now + timeoutMs
    this.#arm(call, now)
  }

  /** What the caller says it waits goes before the route's own time-out; 0 is for ever. */
  #timeoutMs(call: Call): number {
    if (!call.wantsAnswer) return 0
    const asked = call.request.protocol.timeoutMs(call.request)
    if (asked !== 0) return Math.max(asked, 0)
    return call.route === null ? 0 : call.route.timeoutMs
  }

  #keepLimit(call: Call): number {
    const buffer = call.route?.retry ? call.cluster!.config.bufferLimitBytes : 0
    return Math.max(buffer, KEEP_BYTES)
  }

  // ── route, pick, send ──────────────────────────────────────────────────────────────────────────────────────────────

  #forward(call: Call, frame: Frame, route: Forward<Cluster>): void {
    const upgrade = frame.protocol.upgrade(frame)
    if (upgrade !== null && !(route.upgrades.get(upgrade) ?? this.#routing.upgrades.has(upgrade))) {
      const sentence = `upgrade to "${upgrade}" is not among the upgrade_configs here`
      return this.#answer(call, Outcome.UpgradeRefused, sentence)
    }
    const destination = route.destination(frame, this.#site.random)
    const { cluster } = destination
    if (cluster === null) return this.#noCluster(call, route, destination)
    call.route = route
    call.destination = destination
    call.cluster = cluster
    call.clusterName = cluster.name
    if (destination.requestHeaders !== null) destination.requestHeaders.apply(frame, call)
    if (route.rewrite !== null) route.rewrite.apply(frame)
    this.#begin(call, cluster, route)
  }

  #begin(call: Call, cluster: Cluster, route: Forward<Cluster>): void {
    const now = this.#site.turn.now
    call.idleTimeoutMs = route.idleTimeoutMs ?? this.#routing.streamIdleTimeoutMs
    call.activeAt = now
    if (call.requestDone) this.#requestDone(call)
    else this.#arm(call, now)
    const { maxRequests } = cluster.config.limits
    if (cluster.stats.rq_active >= maxRequests) {
      cluster.stats.rq_overflow++
      const sentence = `cluster "${cluster.name}" has its ${maxRequests} requests under way (max_requests)`
      return this.#answer(call, Outcome.Overflow, sentence)
    }
    this.#try(call, cluster)
  }

  #try(call: Call, cluster: Cluster): void {
    const host = this.#pick(call, cluster)
    if (host === null) {
      cluster.stats.rq_no_host++
      const sentence =
        cluster.hosts.length === 0
          ? `cluster "${cluster.name}" has no hosts`
          : `none of the ${cluster.hosts.length} hosts of cluster "${cluster.name}" is healthy`
      return this.#answer(call, Outcome.NoHealthyHost, sentence)
    }
    this.#send(call, cluster, host)
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
      call.tryTimeoutAt = this.#site.turn.now + policy.perTryTimeoutMs
      this.#arm(call, this.#site.turn.now)
    }
    host.send(call)
  }

  /** A retry asks for a host that was not tried, some times; then it looks for one, and at last takes any. */
  #pick(call: Call, cluster: Cluster): Host | null {
    let host = cluster.picker.pick(call)
    const { tried } = call
    if (tried === null) return host
    for (let i = 0; i < REPICKS && host !== null && tried.includes(host); i++)
      host = cluster.picker.pick(call)
    if (host === null || !tried.includes(host)) return host
    return cluster.hosts.find((one) => one.unfit === 0 && !tried.includes(one)) ?? host
  }

  /** The pool has a connection for the call: all that has come of the request goes out. */
  onConnection(stream: Stream, session: ClientSession): void {
    const call = stream as Call
    const { kept } = call
    call.up = session
    call.sentAt = this.#site.turn.now
    let flowing = session.send(call, call.request)
    if (call.up !== session) return
    if (!call.wantsAnswer) {
      this.#tryEnded(call)
      call.up = null
      call.end()
      return
    }
    if (kept !== null) {
      const lastPlace = call.requestDone && call.trailers === null ? kept.length - 1 : -1
      for (let i = 0; i < kept.length && call.up === session; i++)
        flowing = session.sendData(call, kept[i]!, i === lastPlace)
    }
    if (call.trailers !== null && call.up === session) session.sendTrailers(call, call.trailers)
    if (flowing && !call.requestDone) call.resumeRequest()
  }

  // ── the answer, coming down ────────────────────────────────────────────────────────────────────────────────────────

  onResponse(stream: Stream, frame: Frame): boolean {
    const call = stream as Call
    if (call.ended) return true
    const status = frame.protocol.status(frame)
    call.answeredAt = this.#site.turn.now
    call.activeAt = call.answeredAt
    const cluster = call.cluster!
    countAnswer(cluster, status)
    const host = call.host!
    if (status >= 500) host.errors++
    if (host.witness !== null) host.witness.onAnswer(status)
    if (call.route!.retry !== null && this.#retriesStatus(call, cluster, status, frame.last))
      return true
    call.kept = null
    if (call.tunnel) call.timeoutAt = 0
    const edits = call.destination!.responseHeaders
    if (edits !== null) edits.apply(frame, call)
    if (frame.last) this.#tryEnded(call)
    return call.chain.exit.onResponse(call, frame)
  }

  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const call = stream as Call
    if (call.ended) return true
    if (last) this.#tryEnded(call)
    else call.activeAt = this.#site.turn.now
    return call.chain.exit.onResponseData(call, chunk, last)
  }

  onResponseTrailers(stream: Stream, frame: Frame): void {
    const call = stream as Call
    if (call.ended) return
    this.#tryEnded(call)
    call.chain.exit.onResponseTrailers(call, frame)
  }

  onInterim(stream: Stream, frame: Frame): void {
    if (!stream.ended && !stream.responseBegun) stream.down.respondInterim(stream, frame)
  }

  pauseResponse(stream: Stream): void {
    stream.up?.pauseResponse(stream)
  }

  resumeResponse(stream: Stream): void {
    stream.up?.resumeResponse(stream)
  }

  // ── what goes wrong ────────────────────────────────────────────────────────────────────────────────────────────────

  onReset(stream: Stream, outcome: Outcome, sentence: string, untouched: boolean): void {
    const call = stream as Call
    if (call.ended) return
    const where = atOnce(call, outcome, untouched, this.#routing.connectTries)
    const { cluster, host } = call
    if (cluster !== null && host !== null && outcome.side === 'upstream') {
      cluster.stats.rq_reset++
      host.errors++
      if (host.witness !== null) host.witness.onLocalFailure()
    }
    this.#tryEnded(call)
    call.up = null
    if (where !== null && this.#retryNow(call, cluster!, where)) return
    if (this.#retryLater(call, cluster!, afterReset(call, outcome))) return
    this.#answer(call, outcome, sentence)
  }

  onAbandon(stream: Stream): void {
    const call = stream as Call
    const { pool, up } = call
    call.up = null
    if (pool !== null) pool.forget(call)
    else if (up !== null) up.cancel(call)
    this.#tryEnded(call)
    this.#retryEnded(call)
  }

  onDue(stream: Stream, now: number): void {
    const call = stream as Call
    this.#site.turn.begin()
    if (call.retryAt > 0 && now >= call.retryAt) {
      call.retryAt = 0
      this.#try(call, call.cluster!)
    } else if (call.timeoutAt > 0 && now >= call.timeoutAt) {
      call.cluster!.stats.rq_timeout++
      this.#onTimeout(call, Outcome.Timeout, `no whole answer within ${this.#timeoutMs(call)} ms`)
    } else if (call.tryTimeoutAt > 0 && now >= call.tryTimeoutAt) {
      this.#onTryTimeout(call)
    } else if (call.idleTimeoutMs > 0 && now >= call.activeAt + call.idleTimeoutMs) {
      this.#onTimeout(call, Outcome.IdleTimeout, `no byte for ${call.idleTimeoutMs} ms`)
    }
    if (!call.ended) this.#arm(call, now)
  }

  #onTimeout(call: Call, outcome: Outcome, what: string): void {
    // A stream may stand still because the client sends or reads nothing: that is not the host's fault.
    const hostIsLate = call.requestDone && !call.responseBegun
    if (call.host !== null && hostIsLate) {
      call.host.timeouts++
      if (call.host.witness !== null) call.host.witness.onLocalFailure()
    }
    const where = call.host === null ? 'cluster' : call.host.address
    this.#answer(call, outcome, `${where}: ${what} (route "${call.routeName}")`)
  }

  #onTryTimeout(call: Call): void {
    call.tryTimeoutAt = 0
    if (!call.unanswered) return
    call.cluster!.stats.rq_per_try_timeout++
    call.host!.timeouts++
    const { up, pool } = call
    if (pool !== null) pool.forget(call)
    else if (up !== null) up.cancel(call)
    const ms = call.route!.retry!.perTryTimeoutMs
    const sentence = `${call.host!.address}: no answer within ${ms} ms (per_try_timeout)`
    this.onReset(call, Outcome.Timeout, sentence, false)
  }

  /** An answer is thrown away because the policy wants another; true when it was. */
  #retriesStatus(call: Call, cluster: Cluster, status: number, last: boolean): boolean {
    if (call.responseBegun) return false
    const { up } = call
    const verdict = afterStatus(call, status)
    if (!this.#retryLater(call, cluster, verdict)) {
      if (verdict === 'spent') this.#explainSpent(call, status)
      return false
    }
    call.answeredAt = 0
    call.up = null
    this.#tryEnded(call)
    if (!last && up !== null) up.cancel(call)
    return true
  }

  #explainSpent(call: Call, status: number): void {
    const { hop } = call.down.intake
    const sentence = `${call.host!.address} answered ${status} after ${call.retries} retries (num_retries)`
    call.explain(Outcome.RetriesExhausted, `${hop}: upstream: ${sentence}`)
  }

  /** Books a try by policy; false when there is to be none, or the cluster has all the retries it may have. */
  #retryLater(call: Call, cluster: Cluster, verdict: Verdict): boolean {
    if (verdict === null) return false
    if (verdict === 'spent') {
      cluster.stats.rq_retry_limit++
      return false
    }
    const policy = call.route!.retry!
    this.#retryEnded(call)
    if (cluster.retries >= cluster.config.limits.maxRetries) {
      cluster.stats.rq_retry_overflow++
      return false
    }
    cluster.retries++
    cluster.stats.rq_retry++
    call.retrying = true
    call.retries++
    call.tryTimeoutAt = 0
    if (policy.avoidTriedHosts) this.#tried(call)
    const now = this.#site.turn.now
    call.retryAt = now + backoffMs(policy, call.retries, this.#site.random)
    this.#arm(call, now)
    return true
  }

  /** False when there is no host to ask. */
  #retryNow(call: Call, cluster: Cluster, where: AtOnce): boolean {
    this.#tried(call)
    const host = this.#pick(call, cluster)
    if (host === null || (where === 'elsewhere' && call.tried!.includes(host))) return false
    cluster.stats.rq_retry++
    this.#send(call, cluster, host)
    return true
  }

  #tried(call: Call): void {
    if (call.host === null) return
    if (call.tried === null) call.tried = [call.host]
    else call.tried.push(call.host)
  }

  // ── books ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The host is done with this try, one way or the other. */
  #tryEnded(call: Call): void {
    if (!call.counted) return
    call.counted = false
    const { stats } = call.cluster!
    call.host!.active--
    stats.rq_active--
    if (call.answeredAt === 0) return
    stats.rq_duration.record((this.#site.turn.now - call.sentAt) * 1000)
    if (call.retrying && call.outcome === Outcome.Ok) stats.rq_retry_success++
    this.#retryEnded(call)
  }

  #retryEnded(call: Call): void {
    if (!call.retrying) return
    call.retrying = false
    call.retryAt = 0
    call.cluster!.retries--
  }

  #arm(call: Call, now: number): void {
    const due = call.nextDue()
    if (due > 0 && (call.due === 0 || due < call.due)) this.#site.wheel.set(call, due - now, now)
  }

  #answer(call: Call, outcome: Outcome, sentence: string, status = 0): void {
    call.answer(outcome, sentence, call.chain.exit, status)
  }

  #noCluster(call: Call, route: Forward<Cluster>, destination: Destination<Cluster>): void {
    const sentence =
      destination.name === ''
        ? `the header that names the cluster of route "${call.routeName}" is missing`
        : `route "${call.routeName}" leads to cluster "${destination.name}", which does not exist`
    this.#answer(call, Outcome.NoCluster, sentence, route.clusterNotFoundStatus)
  }

  #answerLocally(call: Call, route: CompiledRoute<Cluster>): void {
    const { action } = route
    if (action.kind === 'forward') return
    const { request } = call
    const redirect = action.kind === 'redirect'
    const outcome = redirect ? Outcome.Redirect : Outcome.DirectResponse
    const body = redirect ? '' : action.body
    call.explain(outcome, `${outcome.name} of route "${route.name}"`)
    if (call.oneway) return call.end()
    const reply = request.protocol.reply(request, outcome, body, action.status)
    if (redirect) reply.frame.set('location', action.location(request))
    if (route.responseHeaders !== null) route.responseHeaders.apply(reply.frame, call)
    call.deliver(reply.frame, reply.body, call.chain.exit)
  }
}

function countAnswer(cluster: Cluster, status: number): void {
  const { stats } = cluster
  if (status < 300) stats.rq_2xx++
  else if (status < 400) stats.rq_3xx++
  else if (status < 500) stats.rq_4xx++
  else stats.rq_5xx++
}
