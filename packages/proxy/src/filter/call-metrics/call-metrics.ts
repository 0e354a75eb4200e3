import { decode } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { Depth } from '../../protocol.ts'
import { CallMetricsFilter } from './filter.ts'
import { type CallMetricsSettings, callMetricsMessage } from './settings.ts'

/** Counts calls by who called what, how they ended and how long they took. */
export const callMetrics: FilterKind<CallMetricsSettings> = {
  name: 'tulle.filters.call_metrics',
  types: ['tulle.filters.v1.CallMetrics'],
  configure(value, at, { speech, ask }) {
    const settings = decode(callMetricsMessage(speech), value, at)
    if (!settings.ok) return settings
    const { sourceHeader } = settings.value
    if (sourceHeader === '') ask(Depth.Names, 'call metrics', at)
    else ask(Depth.Headers, `call metrics by header "${sourceHeader}"`, `${at}.source_header`)
    return settings
  },
  create: (settings, site) => new CallMetricsFilter(settings, site),
}
