import { type Clock, Timed, type Wheel } from '@tulle/core'
import type { HealthCheck } from '@tulle/model'
import type { Finding, Probe } from './probe.ts'

/** Who hears what a check finds. */
export interface CheckOwner {
  readonly wheel: Wheel
  readonly clock: Clock
  readonly random: () => number
  /** The host was asked. `turned`: by this finding it became fit or unfit in the eyes of the check. */
  onFinding(check: Check, finding: Finding, turned: boolean): void
}

/**
 * One way of asking one host how it is, at intervals.
 *
 * * **waiting**: until the interval, and a random part of the jitter, is over. Then the probe asks.
 * * **asking**: until the probe is done, or `timeoutMs` is over. Then waiting again.
 *
 * A host counts as fit until the first answer, unlike in Envoy, where new hosts wait for it: a host that nobody has
 * asked yet is better than 503 in the first moments of a process. The first answer decides by itself; after it the
 * thresholds do.
 */
export class Check extends Timed {
  readonly #settings: HealthCheck
  readonly #probe: Probe
  readonly #owner: CheckOwner
  readonly #done = (finding: Finding): void => this.#onFinding(finding)
  #asking = false
  #stopped = false
  /** Answers in a row that speak against the present state. */
  #contrary = 0
  #answers = 0
  fit = true

  constructor(settings: HealthCheck, probe: Probe, owner: CheckOwner) {
    super()
    this.#settings = settings
    this.#probe = probe
    this.#owner = owner
  }

  /** Asks for the first time: soon, not at once, so that a large cluster's checks spread over their jitter. */
  start(): void {
    this.#wait(0)
  }

  stop(): void {
    this.#stopped = true
    this.#owner.wheel.clear(this)
    this.#probe.cancel()
  }

  override onDue(now: number): void {
    if (this.#asking) {
      this.#probe.cancel()
      this.#onFinding(`no answer within ${this.#settings.timeoutMs} ms`)
      return
    }
    this.#asking = true
    this.#owner.wheel.set(this, this.#settings.timeoutMs, now)
    this.#probe.start(this.#done)
  }

  #onFinding(finding: Finding): void {
    if (this.#stopped || !this.#asking) return
    this.#asking = false
    this.#wait(this.#settings.intervalMs)
    this.#answers++
    const fit = finding === null
    this.#contrary = fit === this.fit ? 0 : this.#contrary + 1
    const turned = this.#contrary > 0 && this.#contrary >= this.#needed(fit)
    if (turned) {
      this.#contrary = 0
      this.fit = fit
    }
    this.#owner.onFinding(this, finding, turned)
  }

  /** How many answers in a row make the host fit, or unfit. */
  #needed(fit: boolean): number {
    if (this.#answers === 1 || (!fit && this.#probe.answered)) return 1
    return fit ? this.#settings.healthyThreshold : this.#settings.unhealthyThreshold
  }

  #wait(ms: number): void {
    const { wheel, clock, random } = this.#owner
    wheel.set(this, ms + random() * this.#settings.intervalJitterMs, clock.now())
  }
}
