import { type Exchange, MAX_GATHERED_BYTES } from './convert/exchange.ts'
import type { Far, Layer } from './filter.ts'
import type { Frame } from './frame.ts'
import { Outcome } from './outcome.ts'
import type { CompiledRoute, Destination, Forward, RouteTable } from './route.ts'
import type { ClientSession } from './session.ts'
import type { Site } from './site.ts'
import type { Stream } from './stream.ts'
import type { Call } from './upstream/call.ts'
import type { Cluster } from './upstream/cluster.ts'
import { limit, tellWhatIsLeft } from './upstream/deadline.ts'
import { beginGathering, gather, mustGather } from './upstream/gathering.ts'
import { answerOf, deliverWhole, tellDone } from './upstream/translation.ts'
import { Tries } from './upstream/tries.ts'

/*
 * The way of a request:
 *
 *   bytes → frame → stream → filters → Dispatch: route → cluster → host → bytes
 *   bytes ← Home ← filters ← Dispatch ← frame ← bytes
 */

/** Request data kept for a second try where no retry policy asks for more, bytes. */
const KEEP_BYTES = 64 * 1024

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
    stream.responseTrailers = frame
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
  readonly #tries: Tries

  constructor(site: Site, routing: Routing) {
    this.#site = site
    this.#routing = routing
    this.#tries = new Tries(site, routing.connectTries)
  }

  // ── the request, going up ──────────────────────────────────────────────────────────────────────────────────────────

  onRequest(stream: Stream, frame: Frame): void {
    const call = stream as Call
    const site = this.#site
    // A filter that waited may come late: the client has gone, or was answered.
    if (call.ended) return
    if (site.overload !== null) return this.#answer(call, Outcome.Overloaded, site.overload)
    const route = this.#routing.table.route(call, site.random)
    if (route === null)
      return this.#answer(call, Outcome.NoRoute, this.#routing.table.explain(frame))
    call.routeName = route.name
    if (route.action.kind !== 'forward') return this.#answerLocally(call, route)
    this.#forward(call, frame, route.action)
  }

  onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const call = stream as Call
    if (call.ended || call.cluster === null) return true
    if (last) call.whole = true
    if (call.gathering) return this.#gather(call, chunk, last)
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
    call.whole = true
    this.#requestDone(call)
    if (call.gathering) return this.#gathered(call)
    if (call.up !== null) call.up.sendTrailers(call, frame)
  }

  /** The whole request has come: from now on the route's time-out runs. */
  #requestDone(call: Call): void {
    call.requestDone = true
    const now = this.#site.turn.now
    call.activeAt = now
    if (call.timeoutMs > 0 && call.timeoutAt === 0 && !call.tunnel)
      call.timeoutAt = now + call.timeoutMs
    call.arm(this.#site.wheel, now)
  }

  /** A request that is said to hosts in other words waits for all its data. */
  #gather(call: Call, chunk: Buffer, last: boolean): boolean {
    call.activeAt = this.#site.turn.now
    if (!gather(call, chunk, this.#site.overload) || !last) return true
    this.#requestDone(call)
    this.#gathered(call)
    return true
  }

  #gathered(call: Call): void {
    call.gathering = false
    const cluster = call.cluster!
    if (!this.#overflows(call, cluster)) this.#tries.begin(call, cluster)
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
    limit(call, route)
    if (call.requestDone) this.#requestDone(call)
    else call.arm(this.#site.wheel, now)
    // A filter may have held it for as long as its caller waits.
    if (call.timeoutAt > 0 && now >= call.timeoutAt) return this.#timedOut(call)
    if (this.#overflows(call, cluster)) return
    if (mustGather(call)) beginGathering(call)
    else this.#tries.begin(call, cluster)
  }

  /** Whether the cluster has enough to do already; then the call was answered. */
  #overflows(call: Call, { name, stats, config }: Cluster): boolean {
    const { maxRequests } = config.limits
    if (stats.rq_active < maxRequests) return false
    stats.rq_overflow++
    const sentence = `cluster "${name}" has its ${maxRequests} requests under way (max_requests)`
    this.#answer(call, Outcome.Overflow, sentence)
    return true
  }

  /** The pool has a connection for the call: all that has come of the request goes out. */
  onConnection(stream: Stream, session: ClientSession): void {
    const call = stream as Call
    call.up = session
    call.sentAt = this.#site.turn.now
    if (call.exchange !== null) return this.#sendTranslated(call, session, call.exchange)
    if (call.toldMs > 0) tellWhatIsLeft(call, call.sentAt)
    const { kept } = call
    let flowing = session.send(call, call.request)
    if (call.up !== session) return
    if (!call.wantsAnswer) {
      this.#sent(call)
      call.end()
      return
    }
    if (kept !== null) {
      const { all } = kept
      const lastPlace = call.requestDone && call.trailers === null ? all.length - 1 : -1
      for (let i = 0; i < all.length && call.up === session; i++)
        flowing = session.sendData(call, all[i]!, i === lastPlace)
    }
    if (call.trailers !== null && call.up === session) session.sendTrailers(call, call.trailers)
    if (flowing && !call.requestDone) call.resumeRequest()
  }

  #sendTranslated(call: Call, session: ClientSession, exchange: Exchange): void {
    const { frame, body, trailers } = exchange.request
    session.send(call, frame)
    if (body !== null && call.up === session) session.sendData(call, body, trailers === null)
    if (trailers !== null && call.up === session) session.sendTrailers(call, trailers)
    if (!exchange.oneway || call.up !== session) return
    this.#sent(call)
    tellDone(call)
  }

  /** A one-way call has left: nothing comes back. */
  #sent(call: Call): void {
    call.up = null
    this.#tries.abandon(call)
  }

  // ── the answer, coming down ────────────────────────────────────────────────────────────────────────────────────────

  onResponse(stream: Stream, frame: Frame): boolean {
    const call = stream as Call
    if (call.ended) return true
    call.answeredAt = this.#site.turn.now
    call.activeAt = call.answeredAt
    if (this.#tries.answered(call, frame)) return true
    if (call.exchange !== null) return this.#gatherAnswer(call, call.exchange, frame)
    call.kept = null
    if (call.tunnel && call.timeoutOutcome === Outcome.Timeout) call.timeoutAt = 0
    const edits = call.destination!.responseHeaders
    if (edits !== null) edits.apply(frame, call)
    if (frame.last) this.#tries.ended(call)
    return call.chain.exit.onResponse(call, frame)
  }

  onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const call = stream as Call
    if (call.ended) return true
    if (call.exchange !== null) return this.#gatherData(call, call.exchange, chunk, last)
    if (last) this.#tries.finished(call, null)
    else call.activeAt = this.#site.turn.now
    return call.chain.exit.onResponseData(call, chunk, last)
  }

  onResponseTrailers(stream: Stream, frame: Frame): void {
    const call = stream as Call
    if (call.ended) return
    this.#tries.finished(call, frame)
    if (call.exchange !== null) return this.#convertAnswer(call, frame)
    call.chain.exit.onResponseTrailers(call, frame)
  }

  /** An answer in other words than the caller's is converted when all of it is there. */
  #gatherAnswer(call: Call, exchange: Exchange, frame: Frame): boolean {
    exchange.begin(frame)
    if (!frame.last) return true
    this.#tries.ended(call)
    this.#convertAnswer(call, null)
    return true
  }

  #gatherData(call: Call, exchange: Exchange, chunk: Buffer, last: boolean): boolean {
    call.activeAt = this.#site.turn.now
    if (!exchange.add(chunk)) {
      const sentence = `${call.host!.address}: an answer of more than ${MAX_GATHERED_BYTES} bytes cannot be converted`
      this.#answer(call, Outcome.UpstreamProtocol, sentence)
    } else if (last) {
      this.#tries.finished(call, null)
      this.#convertAnswer(call, null)
    }
    return true
  }

  #convertAnswer(call: Call, trailers: Frame | null): void {
    const answer = answerOf(call, trailers)
    if (answer === null) return
    const edits = call.destination!.responseHeaders
    if (edits !== null) edits.apply(answer.frame, call)
    deliverWhole(call, answer)
  }

  onInterim(stream: Stream, frame: Frame): void {
    if ((stream as Call).exchange !== null) return
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
    if (this.#tries.failed(call, outcome, untouched)) return
    this.#answer(call, outcome, sentence)
  }

  onAbandon(stream: Stream): void {
    this.#tries.abandon(stream as Call)
  }

  onDue(stream: Stream, now: number): void {
    const call = stream as Call
    this.#site.turn.begin()
    if (call.timeoutAt > 0 && now >= call.timeoutAt) this.#timedOut(call)
    else if (call.retryAt > 0 && now >= call.retryAt) {
      call.retryAt = 0
      this.#tries.begin(call, call.cluster!)
    } else if (call.tryTimeoutAt > 0 && now >= call.tryTimeoutAt) {
      const sentence = this.#tries.timedOut(call)
      if (sentence !== null) this.onReset(call, Outcome.Timeout, sentence, false)
    } else if (call.idleTimeoutMs > 0 && now >= call.activeAt + call.idleTimeoutMs) {
      this.#onTimeout(call, Outcome.IdleTimeout, `no byte for ${call.idleTimeoutMs} ms`)
    }
    if (!call.ended) call.arm(this.#site.wheel, now)
  }

  #timedOut(call: Call): void {
    const { timeoutMs, timeoutOutcome } = call
    call.cluster!.stats.rq_timeout++
    const what =
      timeoutOutcome === Outcome.MaxDuration
        ? `not over within ${timeoutMs} ms (max_stream_duration)`
        : `no whole answer within ${timeoutMs} ms`
    this.#onTimeout(call, timeoutOutcome, what)
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

  // ── answers of our own ─────────────────────────────────────────────────────────────────────────────────────────────

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
