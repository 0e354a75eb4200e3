import type { OutlierDetection } from '@tulle/model'
import type { Patient, Witness } from '../../health.ts'

/** What a host did too often in a row, as the log names it. */
export type Offence =
  | 'consecutive_5xx'
  | 'consecutive_gateway_failure'
  | 'consecutive_local_failure'

/** Decides what becomes of a host that reached a threshold. */
export interface Judge {
  onOffence(witness: OutlierWitness, offence: Offence, failures: number): void
}

/**
 * Counts one host's failures in a row and calls the judge when a threshold is reached. Fields are all it touches while
 * none is.
 *
 * | seen                   | 5xx  | gateway | local |
 * |------------------------|------|---------|-------|
 * | answer below 500       | 0    | 0       | 0     |
 * | answer 502, 503, 504   | + 1  | + 1     | 0     |
 * | any other 5xx          | + 1  | 0       | 0     |
 * | local failure          | + 1  | + 1     |       |
 * | local failure, split   |      |         | + 1   |
 */
export class OutlierWitness implements Witness {
  readonly patient: Patient
  readonly #settings: OutlierDetection
  readonly #judge: Judge
  #serverErrors = 0
  #gatewayFailures = 0
  #localFailures = 0
  /** Of the detector: since when the host is ejected, monotonic milliseconds; -1 while it is not. */
  ejectedAt = -1
  /** Of the detector: how many times the base time the latest ejection lasts; falls while the host behaves. */
  multiplier = 0

  constructor(patient: Patient, settings: OutlierDetection, judge: Judge) {
    this.patient = patient
    this.#settings = settings
    this.#judge = judge
  }

  onAnswer(status: number): void {
    this.#localFailures = 0
    if (status < 500) this.#forgetAnswers()
    else if (status >= 502 && status <= 504) this.#onGatewayFailure()
    else {
      this.#gatewayFailures = 0
      this.#onServerError()
    }
  }

  /** Unless local failures are split off, it counts as if the host had answered 503. */
  onLocalFailure(): void {
    if (!this.#settings.splitLocalErrors) this.#onGatewayFailure()
    else if (++this.#localFailures === this.#settings.consecutiveLocalOriginFailure)
      this.#accuse('consecutive_local_failure', this.#localFailures)
  }

  /** Begins to count anew. */
  reset(): void {
    this.#localFailures = 0
    this.#forgetAnswers()
  }

  #onGatewayFailure(): void {
    if (++this.#gatewayFailures === this.#settings.consecutiveGatewayFailure)
      this.#accuse('consecutive_gateway_failure', this.#gatewayFailures)
    this.#onServerError()
  }

  #onServerError(): void {
    if (++this.#serverErrors === this.#settings.consecutive5xx)
      this.#accuse('consecutive_5xx', this.#serverErrors)
  }

  /** The count begins anew whatever the judge decides: a host that was spared is accused again after as many. */
  #accuse(offence: Offence, failures: number): void {
    if (offence === 'consecutive_5xx') this.#serverErrors = 0
    else if (offence === 'consecutive_gateway_failure') this.#gatewayFailures = 0
    else this.#localFailures = 0
    this.#judge.onOffence(this, offence, failures)
  }

  #forgetAnswers(): void {
    this.#serverErrors = 0
    this.#gatewayFailures = 0
  }
}
