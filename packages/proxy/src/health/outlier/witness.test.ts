import type { OutlierDetection } from '@tulle/model'
import { FakePatient } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { OutlierWitness } from './witness.ts'

const SETTINGS: OutlierDetection = {
  consecutive5xx: 5,
  consecutiveGatewayFailure: 3,
  consecutiveLocalOriginFailure: 2,
  splitLocalErrors: false,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 10,
}

/** What the witness accuses the host of after `events`: statuses, and `x` for a local failure. */
function offences(
  settings: Partial<OutlierDetection>,
  events: readonly (number | 'x')[],
): string[] {
  const said: string[] = []
  const witness = new OutlierWitness(
    new FakePatient(80),
    { ...SETTINGS, ...settings },
    { onOffence: (_, offence, failures) => said.push(`${offence} ${failures}`) },
  )
  for (const event of events) {
    if (event === 'x') witness.onLocalFailure()
    else witness.onAnswer(event)
  }
  return said
}

const SPLIT = { splitLocalErrors: true }
const ONLY_5XX = { consecutiveGatewayFailure: 0 }

describe('an outlier witness', () => {
  it.each<[string, Partial<OutlierDetection>, (number | 'x')[], string[]]>([
    ['5xx in a row', ONLY_5XX, [500, 501, 500, 505, 500], ['consecutive_5xx 5']],
    ['too few 5xx', ONLY_5XX, [500, 500, 500, 500], []],
    ['a success between', ONLY_5XX, [500, 500, 500, 500, 200, 500, 500, 500, 500], []],
    ['a 4xx between, which is no failure', ONLY_5XX, [500, 500, 500, 500, 404, 500], []],
    ['502, 503 and 504', {}, [502, 503, 504], ['consecutive_gateway_failure 3']],
    ['a 500 between gateway failures', {}, [502, 503, 500, 504], []],
    [
      'gateway failures, which are 5xx too',
      { consecutiveGatewayFailure: 5 },
      [502, 502, 502, 502, 502],
      ['consecutive_gateway_failure 5', 'consecutive_5xx 5'],
    ],
    [
      'failures after the threshold, counted anew',
      { consecutiveGatewayFailure: 0, consecutive5xx: 2 },
      [500, 500, 500, 500, 500],
      ['consecutive_5xx 2', 'consecutive_5xx 2'],
    ],
    ['everything off', { ...ONLY_5XX, consecutive5xx: 0 }, [500, 500, 500, 500, 500, 500], []],
    ['local failures, as gateway failures', {}, ['x', 502, 'x'], ['consecutive_gateway_failure 3']],
    ['split local failures', SPLIT, ['x', 'x'], ['consecutive_local_failure 2']],
    ['an answer between split local failures', SPLIT, ['x', 503, 'x'], []],
    [
      'split local failures between answers',
      { ...SPLIT, ...ONLY_5XX },
      [500, 500, 500, 500, 'x', 500],
      ['consecutive_5xx 5'],
    ],
    [
      'split local failures that are off',
      { ...SPLIT, consecutiveLocalOriginFailure: 0 },
      ['x', 'x', 'x', 'x', 'x', 'x'],
      [],
    ],
  ])('of %s', (_, settings, events, expected) => {
    expect(offences(settings, events)).toEqual(expected)
  })
})
