import { decode } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { FaultFilter } from './filter.ts'
import { type FaultSettings, faultMessage } from './settings.ts'

/** Delays and aborts a share of requests. `random` gives [0, 1). */
export function faultKind(random: () => number = Math.random): FilterKind<FaultSettings> {
  return {
    name: 'tulle.filters.fault',
    types: ['tulle.filters.v1.Fault', 'envoy.extensions.filters.http.fault.v3.HTTPFault'],
    configure: (value, at, speech) => decode(faultMessage(speech), value, at),
    create: (settings) => new FaultFilter(settings, random),
  }
}

export const fault: FilterKind<FaultSettings> = faultKind()
