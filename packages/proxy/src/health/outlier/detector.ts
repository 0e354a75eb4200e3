import { type Clock, type Logger, Timed, type Wheel } from '@tulle/core'
import type { OutlierDetection } from '@tulle/model'
import { type Patient, Unfit } from '../../health.ts'
import type { ClusterSeries } from '../../metrics.ts'
import { type Judge, type Offence, OutlierWitness } from './witness.ts'

/** What a detector works with. */
export interface OutlierInit {
  readonly cluster: string
  readonly settings: OutlierDetection
  readonly stats: Pick<ClusterSeries, 'outlier_ejected' | 'outlier_ejections_total'>
  readonly wheel: Wheel
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Takes hosts of one cluster out of use that fail again and again, and lets them back in after a time that grows with
 * every ejection.
 *
 * ```
 *                 threshold reached, and few enough are out
 *      in use ────────────────────────────────────────────▶ ejected
 *   multiplier - 1 at every interval                     multiplier + 1
 *      ▲                                                        │
 *      └────────────────────────────────────────────────────────┘
 *        the first interval after base × multiplier (≤ max), or an active check that passes
 * ```
 *
 * The timer runs only while some host has been ejected of late.
 */
export class OutlierDetector extends Timed implements Judge {
  readonly #init: OutlierInit
  readonly #witnesses = new Map<Patient, OutlierWitness>()
  #ejected = 0
  #stopped = false

  constructor(init: OutlierInit) {
    super()
    this.#init = init
  }

  /** The witness of this host, made when first asked for. */
  witness(patient: Patient): OutlierWitness {
    let witness = this.#witnesses.get(patient)
    if (witness === undefined) {
      witness = new OutlierWitness(patient, this.#init.settings, this)
      this.#witnesses.set(patient, witness)
    }
    return witness
  }

  /** The hosts there are now; those no longer among them are forgotten. */
  watch(patients: readonly Patient[]): void {
    const there = new Set(patients)
    for (const [patient, witness] of this.#witnesses) {
      if (there.has(patient)) continue
      this.#witnesses.delete(patient)
      if (witness.ejectedAt >= 0) this.#countEjected(-1)
    }
    for (const patient of patients) this.witness(patient)
  }

  /** Watches no more. The hosts stay as they are, for they go with the cluster. */
  stop(): void {
    this.#stopped = true
    this.#init.wheel.clear(this)
    this.watch([])
  }

  onOffence(witness: OutlierWitness, offence: Offence, failures: number): void {
    if (this.#witnesses.get(witness.patient) !== witness || witness.ejectedAt >= 0) return
    if (this.#mayEject()) this.#eject(witness, offence, failures)
    else
      this.#init.log.debug('host not ejected: too many are', {
        cluster: this.#init.cluster,
        host: witness.patient.address,
        offence,
        failures,
        ejected: this.#ejected,
      })
  }

  /** An active check of this host passed: that is evidence enough to use it again. */
  onCheckPassed(patient: Patient): void {
    const witness = this.#witnesses.get(patient)
    if (witness !== undefined && witness.ejectedAt >= 0) this.#restore(witness)
  }

  override onDue(now: number): void {
    let busy = false
    for (const witness of this.#witnesses.values()) {
      if (witness.ejectedAt < 0) witness.multiplier = Math.max(0, witness.multiplier - 1)
      else if (now - witness.ejectedAt >= this.#ejectionMs(witness)) this.#restore(witness)
      if (witness.ejectedAt >= 0 || witness.multiplier > 0) busy = true
    }
    if (busy && !this.#stopped) this.#init.wheel.set(this, this.#init.settings.intervalMs, now)
  }

  /** One host may always be ejected, however small a share of all is allowed. */
  #mayEject(): boolean {
    const percent = ((this.#ejected + 1) / this.#witnesses.size) * 100
    return this.#ejected === 0 || percent <= this.#init.settings.maxEjectionPercent
  }

  #eject(witness: OutlierWitness, offence: Offence, failures: number): void {
    const { cluster, settings, stats, wheel, clock, log } = this.#init
    const now = clock.now()
    // Beyond the longest time a greater multiplier would only have to be worked off again.
    if (witness.multiplier * settings.baseEjectionMs < settings.maxEjectionMs) witness.multiplier++
    witness.ejectedAt = now
    stats.outlier_ejections_total++
    this.#countEjected(1)
    if (this.due === 0) wheel.set(this, settings.intervalMs, now)
    log.warn('host ejected', {
      cluster,
      host: witness.patient.address,
      offence,
      failures,
      ejectionMs: this.#ejectionMs(witness),
    })
    witness.patient.mark(Unfit.Outlier, true)
  }

  #restore(witness: OutlierWitness): void {
    witness.ejectedAt = -1
    witness.reset()
    this.#countEjected(-1)
    this.#init.log.info('host no longer ejected', {
      cluster: this.#init.cluster,
      host: witness.patient.address,
    })
    witness.patient.mark(Unfit.Outlier, false)
  }

  #ejectionMs(witness: OutlierWitness): number {
    const { baseEjectionMs, maxEjectionMs } = this.#init.settings
    return Math.min(witness.multiplier * baseEjectionMs, Math.max(maxEjectionMs, baseEjectionMs))
  }

  #countEjected(by: 1 | -1): void {
    this.#ejected += by
    this.#init.stats.outlier_ejected += by
  }
}
