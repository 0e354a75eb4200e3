import type { ForwardAction, HeaderEdits } from '@tulle/model'
import { NO_EDITS } from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Choice, compileChoice } from './destination.ts'
import { LevelEdits } from './edits.ts'

const protocol = new FakeProtocol('http/1.1')
const request = protocol.request({ 'x-cluster': 'known' })
const NOTHING = new LevelEdits(null, null)

describe('the destination of a request', () => {
  it('is the only cluster, without drawing a lot', () => {
    const choice = choiceOf([['a', 1]])
    const never = () => {
      throw new Error('nobody asked for a lot')
    }
    expect(choice.destination(request, never)).toMatchObject({ name: 'a', cluster: 'A' })
  })

  it('is chosen by weight: each cluster has its share of the lots', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), check),
    )

    function check(shares: readonly number[], draw: number): void {
      fc.pre(shares.some((share) => share > 0))
      const choice = choiceOf(shares.map((share, i) => [`${i}`, share]))
      const chosen = Number(choice.destination(request, () => draw).name)
      const before = shares.slice(0, chosen).reduce((sum, share) => sum + share, 0)
      const total = shares.reduce((sum, share) => sum + share, 0)
      expect(shares[chosen]).toBeGreaterThan(0)
      expect(draw * total).toBeGreaterThanOrEqual(before)
      expect(draw * total).toBeLessThanOrEqual(before + shares[chosen]!)
    }
  })

  it('is the cluster a header names', () => {
    const choice = choiceOf([], 'x-cluster')
    const of = (headers: Record<string, string>) =>
      choice.destination(protocol.request(headers), Math.random)
    expect(of({ 'x-cluster': 'known' })).toMatchObject({ name: 'known', cluster: 'KNOWN' })
    expect(of({ 'x-cluster': 'known' })).toBe(of({ 'x-cluster': 'known' }))
    expect(of({ 'x-cluster': 'none' })).toMatchObject({ name: 'none', cluster: null })
    expect(of({})).toMatchObject({ name: '', cluster: null })
  })

  it('brings the changes of its headers before those of the route', () => {
    const own: HeaderEdits = {
      remove: [],
      add: [{ name: 'x', value: 'cluster', action: 'append' }],
    }
    const route = LevelEdits.of(
      {
        requestHeaders: { remove: [], add: [{ name: 'x', value: 'route', action: 'append' }] },
        responseHeaders: NO_EDITS,
      },
      { kind: 'http', resolve: () => null, ask: () => {}, problems: [] },
      '',
    )
    const destination = choiceOf([['a', 1]], null, own, route).destination(request, Math.random)
    const frame = protocol.request({})
    destination.requestHeaders?.apply(frame, new FakeChain().session.open(frame))
    expect(frame.header('x')).toBe('cluster, route')
    expect(destination.responseHeaders).toBeNull()
  })
})

function choiceOf(
  weights: readonly (readonly [name: string, weight: number])[],
  clusterHeader: string | null = null,
  requestHeaders: HeaderEdits = NO_EDITS,
  edits: LevelEdits = NOTHING,
): Choice<string> {
  const action: ForwardAction = {
    kind: 'forward',
    clusters: weights.map(([name, weight]) => ({
      name,
      weight,
      requestHeaders,
      responseHeaders: NO_EDITS,
    })),
    clusterHeader,
    clusterNotFoundStatus: 503,
    rewrite: null,
    hostRewrite: null,
    timeoutMs: 0,
    idleTimeoutMs: null,
    maxStreamDuration: null,
    retryPolicy: null,
    upgrades: {},
  }
  const resolve = (name: string) => (name === 'none' || name === '' ? null : name.toUpperCase())
  return compileChoice(
    action,
    edits,
    { kind: 'http', resolve, ask: () => {}, problems: [] },
    'route',
  )
}
