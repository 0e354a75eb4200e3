import type { HistogramSample, SeriesSample } from '@tulle/core'

/** The filter as a configuration names it. */
export function callMetricsFilter(settings: object = {}): Readonly<Record<string, unknown>> {
  const type = 'type.googleapis.com/tulle.filters.v1.CallMetrics'
  return { name: 'tulle.filters.call_metrics', typed_config: { '@type': type, ...settings } }
}

/**
 * What was counted, by `prefix source service method` as far as there are any: calls that ended well, those that failed
 * by their caller, those that failed otherwise, and how many durations there are.
 */
export function counted(samples: readonly SeriesSample[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    samples
      .filter(({ family }) => family === 'call')
      .map(({ labels, values: { ok, client_error, server_error, duration } }) => [
        labels.filter((label) => label !== '').join(' '),
        [
          Number(ok),
          Number(client_error),
          Number(server_error),
          (duration as HistogramSample).count,
        ],
      ]),
  )
}
