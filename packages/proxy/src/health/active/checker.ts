import type { Clock, Logger, Wheel } from '@tulle/core'
import type { HealthCheck } from '@tulle/model'
import { type CheckedHost, type Connect, type Ping, Unfit } from '../../health.ts'
import type { ClusterSeries } from '../../metrics.ts'
import { Check, type CheckOwner } from './check.ts'
import { connectPlain } from './connect.ts'
import { GrpcProbe } from './grpc.ts'
import { HeartbeatProbe } from './heartbeat.ts'
import { HttpProbe } from './http.ts'
import type { Finding, Probe } from './probe.ts'
import { TcpProbe } from './tcp.ts'

/** What a checker works with. */
export interface CheckerInit {
  readonly cluster: string
  readonly checks: readonly HealthCheck[]
  readonly stats: Pick<ClusterSeries, 'health_check_total' | 'health_check_failed'>
  readonly wheel: Wheel
  readonly clock: Clock
  /** Gives [0, 1). */
  readonly random: () => number
  readonly log: Logger
  readonly ping: Ping
  /** @default plain TCP connections */
  readonly connect?: Connect
  /** Told of each check that passes at a host which is fit by all its checks. */
  readonly onPassed?: ((host: CheckedHost) => void) | null
  /** Connections are TLS, for those whose questions say so. */
  readonly secure?: boolean
}

/** Asks the hosts of one cluster how they are, and takes those out of use that are unwell by any of its checks. */
export class ActiveChecker {
  readonly #init: CheckerInit
  readonly #hosts = new Map<CheckedHost, HostChecks>()

  constructor(init: CheckerInit) {
    this.#init = init
  }

  /** The hosts there are now. New ones are asked from now on; those no longer among them are left alone. */
  watch(hosts: readonly CheckedHost[]): void {
    const there = new Set(hosts)
    for (const [host, checks] of this.#hosts) {
      if (there.has(host)) continue
      this.#hosts.delete(host)
      checks.stop()
    }
    for (const host of there)
      if (!this.#hosts.has(host)) this.#hosts.set(host, new HostChecks(host, this.#init))
  }

  /** Asks no more and closes every connection. The hosts stay as they are, for they go with the cluster. */
  stop(): void {
    this.watch([])
  }
}

/** All checks of one host. */
class HostChecks implements CheckOwner {
  readonly wheel: Wheel
  readonly clock: Clock
  readonly random: () => number
  readonly #host: CheckedHost
  readonly #init: CheckerInit
  readonly #checks: readonly Check[]

  constructor(host: CheckedHost, init: CheckerInit) {
    this.wheel = init.wheel
    this.clock = init.clock
    this.random = init.random
    this.#host = host
    this.#init = init
    this.#checks = init.checks.map((one) => new Check(one, probeFor(one, host, init), this))
    for (const check of this.#checks) check.start()
  }

  stop(): void {
    for (const check of this.#checks) check.stop()
  }

  onFinding(check: Check, finding: Finding, turned: boolean): void {
    const { stats, onPassed } = this.#init
    stats.health_check_total++
    if (finding !== null) stats.health_check_failed++
    const fit = this.#checks.every((one) => one.fit)
    if (turned) this.#tell(check, finding, fit)
    if (finding === null && fit) onPassed?.(this.#host)
  }

  #tell(check: Check, finding: Finding, fit: boolean): void {
    const { cluster, log } = this.#init
    const host = this.#host.address
    if (check.fit) log.info('host passes its health check again', { cluster, host })
    else log.warn('host failed its health check', { cluster, host, reason: finding })
    this.#host.mark(Unfit.Check, !fit)
  }
}

function probeFor(check: HealthCheck, host: CheckedHost, init: CheckerInit): Probe {
  const { probe } = check
  const connect = init.connect ?? connectPlain
  const scheme = init.secure ? 'https' : 'http'
  switch (probe.kind) {
    case 'tcp':
      return new TcpProbe(host, connect)
    case 'http':
      return new HttpProbe(host, probe, init.cluster, scheme, connect)
    case 'grpc':
      return new GrpcProbe(host, probe, init.cluster, scheme, connect)
    case 'heartbeat':
      return new HeartbeatProbe(host, probe.protocol, check.timeoutMs, init.ping)
  }
}
