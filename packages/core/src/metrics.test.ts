import { describe, expect, it } from 'vitest'
import { family, Metrics } from './metrics.ts'

const parcels = family('parcel', ['town', 'street'], {
  sent: ['counter', 'parcels sent'],
  waiting: ['gauge', 'parcels that wait'],
  weight: ['histogram', 'weight of a parcel', 'bytes'],
})

describe('metrics', () => {
  it('gives one object per set of labels, with a field for each metric', () => {
    const metrics = new Metrics()
    const series = metrics.series(parcels, 'ulm', 'a')
    expect([series.sent, series.waiting, series.weight.count]).toEqual([0, 0, 0])
    series.sent++
    expect(metrics.series(parcels, 'ulm', 'a')).toBe(series)
    expect(metrics.series(parcels, 'ulm', 'b').sent).toBe(0)
  })

  it('tells label values apart whatever is in them', () => {
    const metrics = new Metrics()
    const series = [
      ['a\0', 'b'],
      ['a', '\0b'],
      ['a","b', ''],
      ['a', 'b",""'],
    ].map((labels) => metrics.series(parcels, ...labels))
    expect(new Set(series).size).toBe(4)
  })

  it('begins at 0 again after a series was dropped', () => {
    const metrics = new Metrics()
    metrics.series(parcels, 'ulm', 'a').sent = 5
    metrics.drop(parcels, 'ulm', 'a')
    expect(metrics.sample()).toEqual([])
    expect(metrics.series(parcels, 'ulm', 'a').sent).toBe(0)
  })

  it('samples as data that survives JSON', () => {
    const metrics = new Metrics()
    const series = metrics.series(parcels, 'ulm', 'a')
    series.sent = 2
    series.weight.record(3)
    metrics.series(parcels, 'ulm', 'b')
    const sample = metrics.sample()
    expect(JSON.parse(JSON.stringify(sample))).toEqual(sample)
    expect(sample[0]).toMatchObject({
      family: 'parcel',
      labels: ['ulm', 'a'],
      values: { sent: 2, waiting: 0, weight: { count: 1, sum: 3 } },
    })
    expect(sample[1]!.values.weight).toEqual({ count: 0, sum: 0, buckets: null })
  })

  it('merges the samples of several processes by label and leaves unknown families out', () => {
    const workers = [1, 2].map((sent) => {
      const metrics = new Metrics()
      const series = metrics.series(parcels, 'ulm', 'a')
      series.sent = sent
      series.weight.record(sent)
      return metrics
    })
    workers[1]!.series(parcels, 'bonn', 'a').sent = 7
    workers[1]!.series(family('letter', [], { sent: ['counter', 'letters sent'] }))
    const merged = Metrics.merge(
      [parcels],
      workers.map((worker) => worker.sample()),
    )
    expect([...merged.all()]).toHaveLength(2)
    const ulm = merged.series(parcels, 'ulm', 'a')
    expect([ulm.sent, ulm.weight.count, ulm.weight.sum]).toEqual([3, 2, 3])
    expect(merged.series(parcels, 'bonn', 'a').sent).toBe(7)
  })
})
