import {
  duration,
  type Field,
  filledText,
  list,
  optional,
  type Place,
  required,
} from '../decode/index.ts'
import type { FilterConfig } from '../filter-config.ts'
import type { AccessLogConfig } from '../listener.ts'
import type { RouteConfiguration } from '../route.ts'
import { accessLogMessage } from './access-log.ts'

/** What the connection managers of HTTP and of RPC have in common. */
export const STREAM_FIELDS: {
  readonly stat_prefix: Field<string>
  readonly access_log: Field<readonly AccessLogConfig[]>
  readonly stream_idle_timeout: Field<number>
  readonly drain_timeout: Field<number>
} = {
  stat_prefix: required(filledText, "First part of the metrics' names."),
  access_log: optional(list(accessLogMessage), [], 'A line for each request.'),
  stream_idle_timeout: optional(
    duration,
    300_000,
    'Ends a request without a byte in either direction for so long; 0s is never.',
  ),
  drain_timeout: optional(
    duration,
    5000,
    'How long a connection may finish its requests once it was told to end.',
  ),
}

/** Complains of settings that routes have for filters which are not there. `at` is where the manager stands. */
export function needKnownFilters(
  routes: RouteConfiguration,
  filters: readonly FilterConfig[],
  at: Place,
): void {
  const names = filters.map(({ name }) => name)
  const told = new Set<string>()
  for (const host of routes.virtualHosts) {
    for (const route of host.routes) {
      for (const [name, config] of Object.entries(route.perFilterConfig)) {
        if (names.includes(name) || told.has(config.at)) continue
        told.add(config.at)
        const known = names.length > 0 ? `known here: ${names.join(', ')}` : 'there is none'
        at.sayAt(config.at, `no filter of this chain is called "${name}"; ${known}`)
      }
    }
  }
}
