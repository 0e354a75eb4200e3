import type { BalancerKind, Candidate, Picker, Stream } from '@tulle/proxy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'

/** No kind of the suite's may look into the stream: how a kind uses it is for its own tests. */
const ANY_STREAM = {} as Stream

/**
 * What every kind of balancer must do, whatever its way of choosing. `value` are settings as they stand in a file.
 *
 * ```
 * describe('round robin', () => {
 *   balancerSuite(roundRobin, {})
 * })
 * ```
 */
export function balancerSuite<S>(kind: BalancerKind<S>, value: unknown): void {
  const settings = settingsOf(kind, value)
  const picker = <H extends Candidate>(
    hosts: readonly H[],
    previous: Picker<H> | null = null,
    random: () => number = seededRandom(1),
  ): Picker<H> => kind.picker(hosts, settings, previous, random)

  describe('its settings', () => {
    it('may be left out', () => {
      expect(kind.configure(undefined, 'lb').ok).toBe(true)
      expect(kind.configure({}, 'lb').ok).toBe(true)
    })

    it.each([
      ['text', 'fast'],
      ['a list', []],
      ['a field nobody knows', { no_such_field: 1 }],
    ])('are refused when they are %s, with the path of what is wrong', (_, wrong) => {
      const result = kind.configure(wrong, 'clusters[3].lb')
      expect(result.ok).toBe(false)
      if (result.ok) return
      expect(result.problems.length).toBeGreaterThan(0)
      for (const { at, what } of result.problems) {
        expect(at).toMatch(/^clusters\[3\]\.lb/)
        expect(what).not.toBe('')
      }
    })
  })

  describe('its picker', () => {
    it('has nothing to pick from no hosts', () => {
      const none = picker([])
      expect(none.pick(ANY_STREAM)).toBeNull()
      expect(picker([], picker(hostsOf([1, 2]))).pick(ANY_STREAM)).toBeNull()
      expect(picker(hostsOf([1]), none).pick(ANY_STREAM)).not.toBeNull()
    })

    it('picks the only host always', () => {
      const hosts = hostsOf([7])
      expect(countPicks(picker(hosts), 10)).toEqual(new Map([[hosts[0], 10]]))
    })

    it('picks only its own hosts, from whatever weights, loads and random numbers', () => {
      fc.assert(
        fc.property(fc.array(anyHost, { minLength: 1, maxLength: 40 }), fc.nat(), (parts, seed) => {
          const hosts = parts.map((part, i) => ({ ...part, address: addressOf(i) }))
          const half = hosts.slice(0, Math.ceil(hosts.length / 2))
          const random = seededRandom(seed)
          const first = picker(hosts, null, random)
          for (const host of countPicks(first, 50).keys()) expect(hosts).toContain(host)
          const second = picker(half, first, random)
          for (const host of countPicks(second, 50).keys()) expect(half).toContain(host)
        }),
      )
    })

    it.each([0, 1 - 2 ** -53])('picks a host when every random number is %d', (edge) => {
      for (const weights of [[1], [1, 1, 1], [1, 2, 3], [100, 1]]) {
        const hosts = hostsOf(weights)
        for (const host of countPicks(
          picker(hosts, null, () => edge),
          20,
        ).keys())
          expect(hosts).toContain(host)
      }
    })
  })

  describe('its picks among hosts that are equally busy', () => {
    it.each([
      [[1, 1]],
      [[5, 5, 5, 5, 5, 5, 5]],
      [[1, 2]],
      [[1, 2, 3]],
      [[100, 1]],
      [[7, 13, 5, 5]],
      [[128, 64, 64, 1, 1, 1]],
    ])('follow the weights %j', (weights) => {
      expectShares(picker(hostsOf(weights)), hostsOf(weights))
    })

    it('follow any weights', () => {
      const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 })
      fc.assert(
        fc.property(weights, fc.nat(), (weights, seed) => {
          const hosts = hostsOf(weights)
          expectShares(picker(hosts, null, seededRandom(seed)), hosts)
        }),
        { numRuns: 50 },
      )
    })
  })

  describe('its pickers one after another', () => {
    it('keep to the weights when a new one is published after every pick', () => {
      const hosts = hostsOf([3, 1, 2])
      const random = seededRandom(2)
      let current: Picker<Candidate> | null = null
      expectShares(
        {
          pick: (stream) => {
            current = picker(hosts, current, random)
            return current.pick(stream)
          },
        },
        hosts,
      )
    })

    it('leave nobody out while a host comes and goes all the time', () => {
      const hosts = hostsOf([1, 1, 1, 1])
      const random = seededRandom(3)
      let current = picker(hosts, null, random)
      const seen = new Set<Candidate | null>()
      for (let i = 0; i < 200; i++) {
        current = picker(random() < 0.5 ? hosts.slice(1) : hosts, current, random)
        seen.add(current.pick(ANY_STREAM))
      }
      expect(seen).toEqual(new Set(hosts))
    })

    it('do not begin at the same host in every process', () => {
      const hosts = hostsOf([1, 1, 1, 1, 1, 1, 1, 1])
      const random = seededRandom(4)
      const first = Array.from({ length: 100 }, () => picker(hosts, null, random).pick(ANY_STREAM))
      expect(new Set(first).size).toBe(hosts.length)
    })
  })
}

const anyHost = fc.record({
  weight: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 4294967295 })),
  active: fc.nat(1000),
})

const PICKS = 20_000

/** Each host's picks lie within five standard deviations of what its weight asks for, and within one of none. */
function expectShares(picker: Picker, hosts: readonly Candidate[]): void {
  const byAddress = new Map<string, number>()
  for (const [host, count] of countPicks(picker, PICKS)) byAddress.set(host!.address, count)
  const total = hosts.reduce((sum, host) => sum + host.weight, 0)
  for (const { address, weight } of hosts) {
    const share = weight / total
    const spread = Math.sqrt(PICKS * share * (1 - share))
    const count = byAddress.get(address) ?? 0
    expect(Math.abs(count - PICKS * share), `${address} ${count}`).toBeLessThan(5 * spread + 1)
  }
}

function countPicks<H extends Candidate>(picker: Picker<H>, count: number): Map<H | null, number> {
  const picks = new Map<H | null, number>()
  for (let i = 0; i < count; i++) {
    const host = picker.pick(ANY_STREAM)
    picks.set(host, (picks.get(host) ?? 0) + 1)
  }
  return picks
}

function hostsOf(weights: readonly number[]): readonly Candidate[] {
  return weights.map((weight, i) => ({ address: addressOf(i), weight, active: 0 }))
}

function addressOf(index: number): string {
  return `10.0.${index >> 8}.${index & 255}:80`
}

function settingsOf<S>(kind: BalancerKind<S>, value: unknown): S {
  const result = kind.configure(value, 'lb')
  if (result.ok) return result.value
  throw new Error(`${kind.name}: ${result.problems.map(({ what }) => what).join('; ')}`)
}
