import { type ConnectionManager, HTTP2_DEFAULTS } from '@tulle/model'
import type { Chain } from '../filter.ts'
import type { Frame } from '../frame.ts'
import { FrameKind } from '../frame.ts'
import { GrpcCounts } from '../http/grpc-counts.ts'
import { type ListenerSeries, listenerFamily, listenerGrpcFamily } from '../metrics.ts'
import { Outcome } from '../outcome.ts'
import type { Protocol } from '../protocol.ts'
import type { Intake, IntakeSettings, ServerSession } from '../session.ts'
import type { Site } from '../site.ts'
import type { Stream } from '../stream.ts'
import { Call } from '../upstream/call.ts'

/**
 * One filter chain of a listener: where sessions of one protocol bring their requests. It outlives changes of
 * configuration; `reconfigure` gives new requests the new chain while those under way keep the old one.
 */
export class ChainIntake implements Intake {
  readonly site: Site
  readonly protocol: Protocol
  /** `stat_prefix`: names it in metrics, and finds it again when configuration changes. */
  readonly name: string
  readonly stats: ListenerSeries
  /** Calls of gRPC by the status that clients got. */
  readonly calls: GrpcCounts
  readonly sessions: Set<ServerSession> = new Set()
  chain: Chain
  settings: IntakeSettings
  draining = false

  constructor(
    site: Site,
    protocol: Protocol,
    name: string,
    chain: Chain,
    settings: IntakeSettings,
  ) {
    this.site = site
    this.protocol = protocol
    this.name = name
    this.chain = chain
    this.settings = settings
    this.stats = site.metrics.series(listenerFamily, name, protocol.name)
    this.calls = new GrpcCounts(site.metrics, listenerGrpcFamily, name, protocol.name)
  }

  get hop(): string {
    return this.site.name
  }
  get turn(): Site['turn'] {
    return this.site.turn
  }
  get wheel(): Site['wheel'] {
    return this.site.wheel
  }

  reconfigure(chain: Chain, settings: IntakeSettings): void {
    this.chain = chain
    this.settings = settings
  }

  opened(session: ServerSession): void {
    session.connection.meter = this.stats
    this.sessions.add(session)
    this.stats.cx_total++
    this.stats.cx_active++
  }

  closed(session: ServerSession): void {
    if (!this.sessions.delete(session)) return
    this.stats.cx_active--
    if (this.draining) this.stats.cx_drain_close++
  }

  open(session: ServerSession, request: Frame): Stream {
    this.site.turn.begin()
    this.stats.rq_total++
    this.stats.rq_active++
    if (request.kind === FrameKind.Oneway) this.stats.rq_oneway++
    return new Call(session, this.chain, request, this.site.turn.now)
  }

  ended(stream: Stream): void {
    const { stats } = this
    stats.rq_active--
    this.site.wheel.clear(stream)
    stats.rq_duration.record((this.site.turn.now - stream.startedAt) * 1000)
    if (stream.outcome !== Outcome.Ok) this.#countOutcome(stream)
    const { status, callStatus } = stream
    if (callStatus >= 0) this.calls.count(callStatus)
    if (status >= 500) stats.rq_5xx++
    else if (status >= 400) stats.rq_4xx++
    else if (status >= 300) stats.rq_3xx++
    else if (status >= 200) stats.rq_2xx++
  }

  /** The stream was no request: forgets it, in counts and logs. */
  withdraw(stream: Stream): void {
    stream.chain.far.onAbandon(stream)
    stream.ended = true
    this.site.wheel.clear(stream)
    this.stats.rq_total--
    this.stats.rq_active--
  }

  drain(): void {
    this.draining = true
    for (const session of this.sessions) session.drain()
  }

  #countOutcome(stream: Stream): void {
    const { stats } = this
    const { outcome } = stream
    if (outcome === Outcome.ClientGone) stats.rq_reset++
    else if (outcome === Outcome.Timeout || outcome === Outcome.MaxDuration) stats.rq_timeout++
    else if (outcome === Outcome.Overloaded) stats.rq_overload++
    if (outcome !== Outcome.ClientGone && stream.answeredAt === 0) stats.rq_local++
  }
}

/** What sessions keep of a connection manager's settings. */
export function intakeSettings(manager: ConnectionManager): IntakeSettings {
  const http = manager.kind === 'http' ? manager : null
  const rpc = manager.kind === 'rpc' ? manager : null
  const streams = http ?? rpc
  return {
    idleTimeoutMs: manager.idleTimeoutMs,
    streamIdleTimeoutMs: streams?.streamIdleTimeoutMs ?? manager.idleTimeoutMs,
    requestTimeoutMs: streams?.requestTimeoutMs ?? 0,
    headerTimeoutMs: http?.headerTimeoutMs ?? 0,
    drainTimeoutMs: streams?.drainTimeoutMs ?? 5000,
    maxHeaderBytes: http?.maxHeaderBytes ?? 0,
    maxHeaders: http?.maxHeaders ?? 0,
    maxFrameBytes: rpc?.maxFrameBytes ?? 0,
    acceptHttp10: http?.acceptHttp10 ?? false,
    defaultHostForHttp10: http?.defaultHostForHttp10 ?? '',
    serverName: http?.serverName ?? null,
    goAway: rpc?.goAway ?? false,
    http2: http?.http2 ?? HTTP2_DEFAULTS,
  }
}
