import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../../frame.ts'
import { HopFilter, type HopSettings } from './hop.ts'

const protocol = new FakeProtocol('http/1.1')
const NOTHING: HopSettings = {
  generateRequestId: false,
  useRemoteAddress: false,
  normalizePath: false,
  mergeSlashes: false,
}

describe('what a hop does to every HTTP request', () => {
  it('is nothing when nothing is asked for', () => {
    expect(HopFilter.for(NOTHING)).toBeNull()
  })

  it('names requests that have no name', () => {
    const named = passed({ generateRequestId: true }, { ':path': '/' })
    expect(named?.header('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    const kept = passed({ generateRequestId: true }, { ':path': '/', 'x-request-id': 'mine' })
    expect(kept?.header('x-request-id')).toBe('mine')
  })

  it("adds the client's address", () => {
    const seen = passed({ useRemoteAddress: true }, { ':path': '/', 'x-forwarded-for': '10.1.1.1' })
    expect(seen?.header('x-forwarded-for')).toMatch(/^10\.1\.1\.1, .+/)
  })

  it.each([
    ['/a/./b/../c?x=/../y', '/a/c?x=/../y'],
    ['/a//b', '/a/b'],
    ['*', '*'],
  ])('brings %s into the form %s', (path, expected) => {
    const seen = passed({ normalizePath: true, mergeSlashes: true }, { ':path': path })
    expect(seen?.header(':path')).toBe(expected)
  })

  it('refuses a path that has no form', () => {
    const chain = chainOf({ normalizePath: true })
    chain.send(protocol.request({ ':path': '/%zz' }))
    expect(chain.far.requests).toEqual([])
    expect(chain.session.answers[0]?.header(':status')).toBe('400')
  })
})

function passed(
  settings: Partial<HopSettings>,
  headers: Readonly<Record<string, string>>,
): Frame | undefined {
  const chain = chainOf(settings)
  chain.send(protocol.request(headers))
  return chain.far.requests[0]
}

function chainOf(settings: Partial<HopSettings>): FakeChain {
  return new FakeChain([new HopFilter({ ...NOTHING, ...settings })])
}
