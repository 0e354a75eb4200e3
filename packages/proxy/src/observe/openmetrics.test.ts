import { type Family, family, Metrics } from '@tulle/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clusterFamily, families, listenerFamily, serverFamily } from '../metrics.ts'
import { metricName, openMetrics, prometheusText } from './openmetrics.ts'

function sample(): Metrics {
  const metrics = new Metrics()
  const late = metrics.series(clusterFamily, 'zebra')
  const shop = metrics.series(clusterFamily, 'shop')
  late.rq_total = 1
  shop.rq_total = 12
  shop.cx_rx_bytes_total = 2048
  for (const microseconds of [90, 800, 40_000, 400_000_000]) shop.rq_duration.record(microseconds)
  metrics.series(serverFamily).uptime_seconds = 42
  return metrics
}

describe('openMetrics', () => {
  const lines = openMetrics(sample()).split('\n')

  it.each([
    ['cx_rx_bytes_total', 'counter', 'tulle_x_cx_rx_bytes', 'tulle_x_cx_rx_bytes_total', 'bytes'],
    ['rq_timeout', 'counter', 'tulle_x_rq_timeout', 'tulle_x_rq_timeout_total', null],
    ['rq_total', 'counter', 'tulle_x_rq', 'tulle_x_rq_total', null],
    ['uptime_seconds', 'gauge', 'tulle_x_uptime_seconds', 'tulle_x_uptime_seconds', 'seconds'],
    ['rq_active', 'gauge', 'tulle_x_rq_active', 'tulle_x_rq_active', null],
  ] as const)('names %s, a %s, %s with samples %s', (metric, kind, base, sampleName, unit) => {
    expect(metricName('x', metric, [kind, ''])).toEqual({ base, sample: sampleName, unit })
  })

  it('puts the unit of a histogram into its name, once', () => {
    expect(metricName('x', 'time', ['histogram', '', 'microseconds']).base).toBe(
      'tulle_x_time_seconds',
    )
    expect(metricName('x', 'body_bytes', ['histogram', '', 'bytes']).base).toBe(
      'tulle_x_body_bytes',
    )
  })

  it('heads a metric with its type, unit and help, and writes all its series below', () => {
    const at = lines.indexOf('# TYPE tulle_upstream_rq counter')
    expect(lines.slice(at, at + 4)).toEqual([
      '# TYPE tulle_upstream_rq counter',
      '# HELP tulle_upstream_rq requests sent, retries included',
      'tulle_upstream_rq_total{cluster="shop"} 12',
      'tulle_upstream_rq_total{cluster="zebra"} 1',
    ])
    expect(lines).toContain('# UNIT tulle_upstream_cx_rx_bytes bytes')
  })

  it('writes a series without labels without braces', () => {
    expect(lines).toContain('tulle_server_uptime_seconds 42')
  })

  it('writes durations in seconds, in buckets that add up', () => {
    const buckets = lines.filter((line) =>
      line.startsWith('tulle_upstream_rq_duration_seconds_bucket{cluster="shop"'),
    )
    const counts = buckets.map((line) => Number(line.split(' ').at(-1)))
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    const at = (edge: string) => buckets.find((line) => line.includes(`le="${edge}"`))
    expect(at('0.0001')).toMatch(/ 1$/)
    expect(at('0.001')).toMatch(/ 2$/)
    expect(at('1.0')).toMatch(/ 3$/)
    expect(at('+Inf')).toMatch(/ 4$/)
    expect(lines).toContain('tulle_upstream_rq_duration_seconds_count{cluster="shop"} 4')
    expect(lines).toContain('tulle_upstream_rq_duration_seconds_sum{cluster="shop"} 400.04089')
  })

  it('ends with # EOF and a line end, even when there is nothing', () => {
    expect(openMetrics(sample())).toMatch(/\n# EOF\n$/)
    expect(openMetrics(new Metrics())).toBe('# EOF\n')
  })

  it('leaves out what the choice leaves out, heads included', () => {
    const text = openMetrics(sample(), { filter: /shop\.rq_/, usedOnly: true })
    expect(text).not.toContain('zebra')
    expect(text).not.toContain('uptime')
    expect(text).not.toContain('rq_timeout')
    expect(text).toContain('tulle_upstream_rq_total{cluster="shop"} 12')
  })

  it('does not depend on the order in which series came to be', () => {
    const other = new Metrics()
    other.series(serverFamily)
    other.series(clusterFamily, 'shop')
    other.series(clusterFamily, 'zebra')
    const merged = Metrics.merge(families, [other.sample(), sample().sample()])
    expect(openMetrics(merged)).toBe(openMetrics(sample()))
  })

  it('gives every label value back, whatever is in it', () => {
    const odd: Family<{ readonly n: readonly ['counter', string] }> = family('odd', ['a', 'b'], {
      n: ['counter', 'says "no"\nto\\all'],
    })
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n') }),
        (a, b) => {
          const metrics = new Metrics()
          metrics.series(odd, a, b).n = 7
          const text = openMetrics(metrics)
          const found =
            /^tulle_odd_n_total\{a="((?:[^"\\]|\\.)*)",b="((?:[^"\\]|\\.)*)"\} 7$/m.exec(text)
          expect(found?.slice(1).map(unescaped)).toEqual([a, b])
          expect(text).toContain('# HELP tulle_odd_n says \\"no\\"\\nto\\\\all\n')
        },
      ),
    )
  })
})

describe('prometheusText', () => {
  it('calls counters by their samples and knows neither units nor an end', () => {
    const text = prometheusText(sample())
    expect(text).toContain('# TYPE tulle_upstream_rq_total counter\n')
    expect(text).toContain('le="1"')
    expect(text).not.toContain('# UNIT')
    expect(text).not.toContain('# EOF')
  })
})

describe('the declared families', () => {
  it('have no two metrics of one name outside', () => {
    const names = families.flatMap((one) =>
      Object.entries(one.metrics).map(([metric, spec]) => metricName(one.name, metric, spec).base),
    )
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain(metricName(listenerFamily.name, 'rq_total', ['counter', '']).base)
  })
})

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign))
}
