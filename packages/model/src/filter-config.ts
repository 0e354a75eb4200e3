import {
  filledText,
  mapOf,
  mapped,
  message,
  required,
  type Type,
  type Unread,
  unreadAny,
  unsupported,
} from './decode/index.ts'

/** A filter by the name of its `typed_config`'s type, its settings not yet read: the filter's kind reads them. */
export interface FilterConfig {
  readonly name: string
  /** The full message name behind `@type`: `envoy.extensions.filters.http.fault.v3.HTTPFault`. */
  readonly type: string
  readonly settings: unknown
  /** Where it stands in its file, for problems. */
  readonly at: string
}

function filterConfig(name: string, { type, settings, at }: Unread): FilterConfig {
  return { name, type, settings, at }
}

/** One entry of a filter chain, in the form of `HttpFilter`: `{name, typed_config}`. */
export function filterMessage(name: string): Type<FilterConfig> {
  return message(
    name,
    {
      name: required(filledText, 'The name by which `typed_per_filter_config` speaks of it.'),
      typed_config: required(unreadAny, 'What it is, by its `@type`, and its settings.'),
      ...unsupported('config_discovery', 'is_optional', 'disabled'),
    },
    (it) => filterConfig(it.name, it.typed_config),
  )
}

/** `typed_per_filter_config`: settings by the name of the filter. */
export const perFilterConfigMap: Type<Readonly<Record<string, FilterConfig>>> = mapped(
  mapOf(unreadAny),
  (configs, at) =>
    Object.fromEntries(
      Object.entries(configs).map(([name, config]) => {
        if (config.type === 'envoy.config.route.v3.FilterConfig')
          at.child(name).say('FilterConfig is not supported yet; write what it holds in its place')
        return [name, filterConfig(name, config)]
      }),
    ),
)
