import { Metrics } from '@tulle/core'
import { describe, expect, it } from 'vitest'
import { clusterFamily, listenerFamily, serverFamily } from '../metrics.ts'
import { EVERYTHING } from './series.ts'
import { statsJson, statsText } from './stats-text.ts'

function sample(): Metrics {
  const metrics = new Metrics()
  const shop = metrics.series(clusterFamily, 'shop')
  shop.rq_total = 12
  shop.rq_duration.record(5)
  shop.rq_duration.record(1000)
  metrics.series(clusterFamily, 'a').rq_total = 1
  metrics.series(listenerFamily, 'inbound', 'bolt').rq_total = 3
  metrics.series(serverFamily).uptime_seconds = 9
  return metrics
}

const used = { filter: null, usedOnly: true }

describe('statsText', () => {
  it('writes one line per number, sorted by family and labels', () => {
    expect(statsText(sample(), used)).toBe(
      [
        'downstream.inbound.bolt.rq_total: 3',
        'server.uptime_seconds: 9',
        'upstream.a.rq_total: 1',
        'upstream.shop.rq_total: 12',
        'upstream.shop.rq_duration: count(2) mean(503us) P50(5us) P75(1023us) P90(1023us) P95(1023us) P99(1023us) P99.9(1023us) P100(1023us)',
        '',
      ].join('\n'),
    )
  })

  it('says that a histogram has no values', () => {
    expect(statsText(sample())).toContain('upstream.a.rq_duration: no values\n')
  })

  it('holds the filter against the whole dotted name', () => {
    const text = statsText(sample(), { filter: /^upstream\.a\.rq_total$/, usedOnly: false })
    expect(text).toBe('upstream.a.rq_total: 1\n')
  })

  it('keeps one line a number when a name has line ends', () => {
    const metrics = new Metrics()
    metrics.series(clusterFamily, 'two\nlines').rq_total = 1
    expect(statsText(metrics, used)).toBe('upstream.two lines.rq_total: 1\n')
  })
})

describe('statsJson', () => {
  it('names labels and gives only buckets that hold something', () => {
    const { at, series } = statsJson(sample(), 1234, used)
    expect(at).toBe(1234)
    expect(series.map(({ family, labels }) => [family, labels])).toEqual([
      ['downstream', { listener: 'inbound', protocol: 'bolt' }],
      ['server', {}],
      ['upstream', { cluster: 'a' }],
      ['upstream', { cluster: 'shop' }],
    ])
    expect(series[3]?.values).toEqual({
      rq_total: 12,
      rq_duration: {
        count: 2,
        sum: 1005,
        buckets: [
          [5, 1],
          [1023, 1],
        ],
      },
    })
  })

  it('gives every number without a choice, and no series when none fits', () => {
    const all = statsJson(sample(), 0, EVERYTHING)
    expect(Object.keys(all.series.at(-1)!.values)).toEqual(Object.keys(clusterFamily.metrics))
    expect(statsJson(sample(), 0, { filter: /nothing/, usedOnly: false }).series).toEqual([])
  })
})
