import { integer, message, optional, type Type, text } from '@tulle/model'

/** By what calls are counted, and under how many names at most. */
export interface CallMetricsSettings {
  /** The header that names who calls; empty: nobody asks. */
  readonly sourceHeader: string
  /** Series that this worker may have when one more begins. */
  readonly maxSeries: number
  /** Tells apart what filters in several chains count. */
  readonly prefix: string
}

/** `tulle.filters.v1.CallMetrics`. */
export function callMetricsMessage(speech: 'http' | 'rpc'): Type<CallMetricsSettings> {
  return message(
    'tulle.filters.v1.CallMetrics',
    {
      source_header: optional(
        text,
        '',
        'The header that names the calling application. Without it callers are not told apart.',
      ),
      max_series: optional(
        integer(1, 100_000),
        500,
        'How many series there may be; what would need more is counted under `other`.',
      ),
      stat_prefix: optional(
        text,
        '',
        'The label `prefix`, for telling apart what filters of several listeners count.',
      ),
    },
    (it) => ({
      sourceHeader: speech === 'http' ? it.source_header.toLowerCase() : it.source_header,
      maxSeries: it.max_series,
      prefix: it.stat_prefix,
    }),
  )
}
