import { decode } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { HeadersFilter } from './filter.ts'
import { type HeadersSettings, headerMutationMessage, headersMessage } from './settings.ts'

/** Sets, adds and removes headers. */
export const headers: FilterKind<HeadersSettings> = {
  name: 'tulle.filters.headers',
  types: ['tulle.filters.v1.Headers'],
  configure: (value, at, speech) => decode(headersMessage(speech), value, at),
  create: (settings) => new HeadersFilter(settings),
}

/** The same in Envoy's words. */
export const headerMutation: FilterKind<HeadersSettings> = {
  name: 'envoy.filters.http.header_mutation',
  types: ['envoy.extensions.filters.http.header_mutation.v3.HeaderMutation'],
  configure: (value, at, speech) => decode(headerMutationMessage(speech), value, at),
  create: (settings) => new HeadersFilter(settings),
}
