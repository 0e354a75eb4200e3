import type { Result } from '@tulle/core'
import { decode, type Type } from '@tulle/model'
import type { Demand } from '../../demand.ts'
import type { FilterKind } from '../../filter.ts'
import { Depth } from '../../protocol.ts'
import { HeadersFilter } from './filter.ts'
import {
  type HeadersSettings,
  headerMutationMessage,
  headersMessage,
  type Speech,
} from './settings.ts'

/** Sets, adds and removes headers. */
export const headers: FilterKind<HeadersSettings> = {
  name: 'tulle.filters.headers',
  types: ['tulle.filters.v1.Headers'],
  configure: (value, at, demand) => configure(headersMessage, value, at, demand),
  create: (settings) => new HeadersFilter(settings),
}

/** The same in Envoy's words. */
export const headerMutation: FilterKind<HeadersSettings> = {
  name: 'envoy.filters.http.header_mutation',
  types: ['envoy.extensions.filters.http.header_mutation.v3.HeaderMutation'],
  configure: (value, at, demand) => configure(headerMutationMessage, value, at, demand),
  create: (settings) => new HeadersFilter(settings),
}

/** Answers are changed as requests are: also they need headers. */
function configure(
  message: (speech: Speech) => Type<HeadersSettings>,
  value: unknown,
  at: string,
  { speech, ask }: Demand,
): Result<HeadersSettings> {
  const settings = decode(message(speech), value, at)
  if (settings.ok && settings.value.request.length + settings.value.response.length > 0)
    ask(Depth.Headers, 'a change of headers', at)
  return settings
}
