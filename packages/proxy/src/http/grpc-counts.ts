import type { Family, Metrics } from '@tulle/core'
import type { GrpcSeries, grpcMetrics } from '../metrics.ts'
import { GrpcStatus, grpcName } from './grpc.ts'

/** Counts calls by their status: on the path that is a look into an array and an addition. */
export class GrpcCounts {
  readonly #metrics: Metrics
  readonly #family: Family<typeof grpcMetrics>
  readonly #labels: readonly string[]
  /** By status; null until it occurs. */
  readonly #series: (GrpcSeries | null)[] = Object.values(GrpcStatus).map(() => null)
  #dropped = false

  /** `labels` are those of the family before the status. */
  constructor(metrics: Metrics, family: Family<typeof grpcMetrics>, ...labels: string[]) {
    this.#metrics = metrics
    this.#family = family
    this.#labels = labels
  }

  /** A code that gRPC does not know is UNKNOWN: what a host makes up must not make series. */
  count(status: number): void {
    const code = status < this.#series.length ? status : GrpcStatus.UNKNOWN
    const series = this.#series[code]!
    if (series === null) this.#begin(code)
    else series.calls++
  }

  /** Forgets the series, and those of others before it by the same labels: what they count is gone. */
  drop(): void {
    this.#dropped = true
    for (const code of this.#series.keys())
      this.#metrics.drop(this.#family, ...this.#labels, grpcName(code))
  }

  #begin(code: number): void {
    if (this.#dropped) return
    const series = this.#metrics.series(this.#family, ...this.#labels, grpcName(code))
    this.#series[code] = series
    series.calls++
  }
}
