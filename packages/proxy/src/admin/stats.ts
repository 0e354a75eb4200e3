import type { Clock } from '@tulle/core'
import { openMetrics, prometheusText } from '../observe/openmetrics.ts'
import { statsJson, statsText } from '../observe/stats-text.ts'
import { prefersOpenMetrics } from './accept.ts'
import { choiceOf, formatOf } from './choice.ts'
import type { Endpoint } from './endpoint.ts'
import { compactJson, type Reply, text } from './reply.ts'
import type { AdminSubject } from './subject.ts'

/** `/stats` and `/metrics`: the same numbers for people, for the page and for collectors. */
export function statsEndpoints(subject: AdminSubject, clock: Clock): Endpoint[] {
  return [
    {
      path: '/stats',
      help: 'all numbers, one a line; ?filter=REGEX, ?usedonly, ?format=text|json|prometheus',
      post: null,
      async get(ask): Promise<Reply> {
        const format = formatOf(ask, ['text', 'json', 'prometheus'])
        const choice = choiceOf(ask)
        if (typeof format !== 'string') return format
        if ('status' in choice) return choice
        const metrics = await subject.metrics()
        if (format === 'json') return compactJson(statsJson(metrics, clock.wall(), choice))
        return format === 'text'
          ? text(statsText(metrics, choice))
          : prometheus(prometheusText(metrics, choice))
      },
    },
    {
      path: '/metrics',
      help: 'all numbers for Prometheus, as OpenMetrics when the reader accepts it; ?filter=REGEX, ?usedonly',
      post: null,
      async get(ask): Promise<Reply> {
        const choice = choiceOf(ask)
        if ('status' in choice) return choice
        const metrics = await subject.metrics()
        if (!prefersOpenMetrics(ask.headers.accept))
          return prometheus(prometheusText(metrics, choice))
        const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
        return { status: 200, type, body: openMetrics(metrics, choice) }
      },
    },
  ]
}

function prometheus(body: string): Reply {
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body }
}
