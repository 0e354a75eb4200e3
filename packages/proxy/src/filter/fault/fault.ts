import { decode } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { Depth } from '../../protocol.ts'
import { FaultFilter } from './filter.ts'
import { type FaultSettings, faultMessage } from './settings.ts'

/** Delays and aborts a share of requests. `random` gives [0, 1). */
export function faultKind(random: () => number = Math.random): FilterKind<FaultSettings> {
  return {
    name: 'tulle.filters.fault',
    types: ['tulle.filters.v1.Fault', 'envoy.extensions.filters.http.fault.v3.HTTPFault'],
    configure(value, at, { speech, ask }) {
      const settings = decode(faultMessage(speech), value, at)
      if (settings.ok)
        for (const [i, { name }] of settings.value.headers.entries())
          ask(Depth.Headers, `a fault by header "${name}"`, `${at}.headers[${i}]`)
      return settings
    },
    create: (settings) => new FaultFilter(settings, random),
  }
}

export const fault: FilterKind<FaultSettings> = faultKind()
