import { decode } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { Depth } from '../../protocol.ts'
import { TracingFilter } from './filter.ts'
import { type TracingSettings, tracingMessage } from './settings.ts'

/** Takes part in distributed traces, in the words of whoever calls. */
export const tracing: FilterKind<TracingSettings> = {
  name: 'tulle.filters.tracing',
  types: ['tulle.filters.v1.Tracing'],
  configure(value, at, { ask }) {
    const settings = decode(tracingMessage, value, at)
    if (settings.ok) ask(Depth.Headers, 'tracing', at)
    return settings
  },
  create: (settings, site) => new TracingFilter(settings, site),
}
