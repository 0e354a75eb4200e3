import { Histogram } from '@tulle/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

// A plain script of the page: it has no types of its own.
const { duration, growth, quantile, shortNumber, sumRates, Track, uptime } = await import(
  new URL('./numbers.js', import.meta.url).href
)

function track(...totals: number[]): typeof Track {
  const made = new Track()
  totals.forEach((rq_total, second) => {
    made.push(second * 1000, { rq_total, rq_5xx: second })
  })
  return made
}

describe('Track', () => {
  it('turns the growth of counters into rates per second', () => {
    const one = track(10, 20, 50)
    expect(one.rates(['rq_total'])).toEqual([10, 30])
    expect(one.rate(['rq_total', 'rq_5xx'])).toBe(31)
    expect(one.now('rq_total')).toBe(50)
  })

  it('counts by the time between the answers, not by their number', () => {
    const one = new Track()
    one.push(0, { rq_total: 0 })
    one.push(4000, { rq_total: 100 })
    expect(one.rate(['rq_total'])).toBe(25)
  })

  it('starts anew when a counter shrank, because the process is another', () => {
    const one = track(1000, 1010, 5, 8)
    expect(one.rates(['rq_total'])).toEqual([3])
  })

  it('keeps a minute', () => {
    expect(track(...Array.from({ length: 500 }, (_, i) => i)).rates(['rq_total'])).toHaveLength(60)
  })

  it('says null of a histogram that counted nothing lately', () => {
    const one = new Track()
    const old = { rq_total: 1, rq_duration: { buckets: [[5, 3]] } }
    one.push(0, old)
    expect(one.quantiles('rq_duration', [0.5])).toEqual([null])
    one.push(1000, old)
    expect(one.quantiles('rq_duration', [0.5])).toEqual([null])
  })
})

it('adds up series that began at different times, by their newest seconds', () => {
  expect(sumRates([track(0, 1, 3, 6), track(0, 10)], ['rq_total'])).toEqual([1, 2, 13])
  expect(sumRates([], ['rq_total'])).toEqual([])
})

it('finds the same quantiles between two answers as the histogram of the values in between', () => {
  const values = fc.array(fc.integer({ min: 0, max: 5_000_000 }), { maxLength: 40 })
  fc.assert(
    fc.property(values, values, fc.constantFrom(0.5, 0.9, 0.99, 1), (before, between, q) => {
      const running = new Histogram()
      const alone = new Histogram()
      for (const value of before) running.record(value)
      const first = { buckets: [...running.filled()] }
      for (const value of between) {
        running.record(value)
        alone.record(value)
      }
      const found = quantile(growth(first, { buckets: [...running.filled()] }), q)
      expect(found).toBe(between.length === 0 ? null : alone.quantile(q))
    }),
  )
})

it.each([
  [shortNumber, 0, '0'],
  [shortNumber, 0.42, '0.4'],
  [shortNumber, 37.4, '37'],
  [shortNumber, 1204, '1\u202f204'],
  [shortNumber, 18_240, '18.2k'],
  [shortNumber, 3_400_000, '3.4M'],
  [duration, null, '–'],
  [duration, 840, '840 µs'],
  [duration, 3210, '3.2 ms'],
  [duration, 45_600, '46 ms'],
  [duration, 1_250_000, '1.25 s'],
  [uptime, 42, '42s'],
  [uptime, 423, '7m 03s'],
  [uptime, 18_720, '5h 12m'],
  [uptime, 275_000, '3d 4h'],
])('%# says what a person says', (say, value, words) => {
  expect(say(value)).toBe(words)
})
