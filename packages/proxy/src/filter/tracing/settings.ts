import {
  choice,
  filledText,
  list,
  message,
  nullable,
  number,
  optional,
  type Type,
} from '@tulle/model'
import { b3, b3Multi } from './b3.ts'
import type { TraceFormat } from './format.ts'
import { skywalking } from './skywalking.ts'
import { sofa } from './sofa.ts'
import { w3c } from './w3c.ts'

/** Every format, in the order in which a request is looked through. */
export const FORMATS: readonly TraceFormat[] = [w3c, b3, b3Multi, sofa, skywalking]

/** How requests are traced. */
export interface TracingSettings {
  /** Written besides those that a request brings. */
  readonly formats: readonly TraceFormat[]
  /** Of requests whose callers have not decided, from 0 to 1. */
  readonly sampling: number
  readonly service: string
  /** Where spans go; null is nowhere. */
  readonly collector: URL | null
}

const NAMES = ['W3C', 'B3', 'B3_MULTI', 'SOFA', 'SKYWALKING'] as const

const format = choice(NAMES, {
  W3C: w3c,
  B3: b3,
  B3_MULTI: b3Multi,
  SOFA: sofa,
  SKYWALKING: skywalking,
})

/** `tulle.filters.v1.Tracing`. */
export const tracingMessage: Type<TracingSettings> = message(
  'tulle.filters.v1.Tracing',
  {
    formats: optional(
      list(format),
      [w3c],
      'What a request is given besides what it brings, each in its own headers: `W3C`, `B3`, `B3_MULTI`, `SOFA`, `SKYWALKING`.',
    ),
    sampling_percent: optional(
      number(0, 100),
      100,
      'The share of requests recorded whose callers have not decided that.',
    ),
    service_name: optional(filledText, 'tulle', 'Who does the work of the spans made here.'),
    otlp_endpoint: nullable(
      filledText,
      'The URL to which spans are sent by OTLP over HTTP in JSON: `http://127.0.0.1:4318/v1/traces`. Without it none are made.',
    ),
  },
  (it, at) => {
    let collector: URL | null = null
    if (it.otlp_endpoint !== null) {
      collector = URL.parse(it.otlp_endpoint)
      if (collector === null || !/^https?:$/.test(collector.protocol)) {
        at.child('otlp_endpoint').say('must be a URL of http or https')
        collector = null
      }
    }
    return {
      formats: it.formats,
      sampling: it.sampling_percent / 100,
      service: it.service_name,
      collector,
    }
  },
)
