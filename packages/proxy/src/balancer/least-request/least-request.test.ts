import { balancerSuite, seededRandom } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Stream } from '../../stream.ts'
import { leastRequest } from './least-request.ts'

const STREAM = {} as Stream

describe('least request', () => {
  describe('with two draws', () => {
    balancerSuite(leastRequest, {})
  })
  describe('with five draws', () => {
    balancerSuite(leastRequest, { choice_count: 5 })
  })

  it('draws two hosts when nothing else is asked for', () => {
    expect(leastRequest.configure({}, 'lb')).toEqual({ ok: true, value: { choiceCount: 2 } })
  })

  it.each([
    ['fewer than two draws', { choice_count: 1 }, 'choice_count'],
    ['draws that are no number', { choice_count: 'many' }, 'choice_count'],
    ['what it cannot do yet', { active_request_bias: 2 }, 'active_request_bias'],
  ])('refuses %s', (_, value, field) => {
    const result = leastRequest.configure(value, 'lb')
    expect(result.ok ? [] : result.problems.map(({ at }) => at)).toEqual([`lb.${field}`])
  })

  it('always takes the less busy one of two', () => {
    const hosts = [3, 2].map((active, i) => ({ address: `${i}`, weight: 1, active }))
    const picker = leastRequest.picker(hosts, { choiceCount: 2 }, null, seededRandom(1))
    for (let i = 0; i < 100; i++) expect(picker.pick(STREAM)).toBe(hosts[1])
  })

  it('looks at the load of the moment of the pick', () => {
    const hosts = [1, 0].map((active, i) => ({ address: `${i}`, weight: 1, active }))
    const picker = leastRequest.picker(hosts, { choiceCount: 2 }, null, seededRandom(1))
    expect(picker.pick(STREAM)).toBe(hosts[1])
    hosts[1]!.active = 2
    expect(picker.pick(STREAM)).toBe(hosts[0])
  })

  it.each([
    ['equal', [1, 1, 1, 1, 1, 1, 1, 1]],
    ['different', [4, 1, 2, 1, 1, 4, 1, 2]],
  ])('never picks the busiest of many hosts of %s weights when it draws enough', (_, weights) => {
    const hosts = weights.map((weight, i) => ({
      address: `${i}`,
      weight,
      active: i === 0 ? 50 : 1,
    }))
    const picker = leastRequest.picker(hosts, { choiceCount: 30 }, null, seededRandom(1))
    for (let i = 0; i < 200; i++) expect(picker.pick(STREAM)).not.toBe(hosts[0])
  })

  it('fills hosts in proportion to their weights when requests last', () => {
    const hosts = [1, 2, 5].map((weight, i) => ({ address: `${i}`, weight, active: 0 }))
    const picker = leastRequest.picker(hosts, { choiceCount: 2 }, null, seededRandom(1))
    for (let i = 0; i < 800; i++) picker.pick(STREAM)!.active++
    const busy = hosts.map(({ active, weight }) => active / weight)
    expect(Math.max(...busy) / Math.min(...busy)).toBeLessThan(1.2)
  })
})
