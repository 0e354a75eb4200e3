import { describe, expect, it } from 'vitest'
import { Bandwidth } from './bandwidth.ts'

const KB = 1024
const MB = 1024 * KB

/** Measures a path that brings so much in a round trip, or what the window allows, until it grows no more. */
function settle(bandwidth: Bandwidth, roundTripBytes: number, roundTripMs: number): number {
  let now = 0
  for (let rounds = 0; rounds < 50 && bandwidth.begin(now); rounds++) {
    const bytes = Math.min(bandwidth.window, roundTripBytes)
    bandwidth.onData(bytes)
    now += roundTripMs
    bandwidth.end(now)
  }
  return bandwidth.window
}

describe('the window that a path needs', () => {
  it('grows as long as it is what limits the peer', () => {
    const bandwidth = new Bandwidth(64 * KB)
    expect(settle(bandwidth, 1.5 * MB, 20)).toBeGreaterThanOrEqual(1.5 * MB)
    expect(bandwidth.window).toBeLessThan(8 * MB)
  })

  it('stays where the path brings less than it allows', () => {
    expect(settle(new Bandwidth(64 * KB), 20 * KB, 20)).toBe(64 * KB)
  })

  it('never grows above what one connection may leave in memory', () => {
    expect(settle(new Bandwidth(64 * KB), Number.POSITIVE_INFINITY, 20)).toBeLessThanOrEqual(8 * MB)
  })

  it('does not grow with a peer that only answers later, no faster', () => {
    const bandwidth = new Bandwidth(64 * KB)
    for (let i = 1; i < 10 && bandwidth.begin(0); i++) {
      bandwidth.onData(bandwidth.window)
      bandwidth.end(i * i * 1000)
    }
    expect(bandwidth.window).toBeLessThanOrEqual(128 * KB)
  })

  it('is measured by one PING at a time', () => {
    const bandwidth = new Bandwidth(64 * KB)
    expect(bandwidth.begin(0)).toBe(true)
    expect(bandwidth.begin(1)).toBe(false)
    bandwidth.end(2)
    expect(bandwidth.begin(3)).toBe(true)
  })

  it('is measured seldom when it is known, and grows again when the path does', () => {
    const bandwidth = new Bandwidth(64 * KB)
    settle(bandwidth, 20 * KB, 20)
    expect(bandwidth.begin(0)).toBe(false)
    let pings = 0
    for (let i = 0; i < 5000; i++) {
      bandwidth.onData(64 * KB)
      if (!bandwidth.begin(i)) continue
      pings++
      bandwidth.onData(64 * KB)
      bandwidth.end(i)
    }
    expect(pings).toBeGreaterThan(0)
    expect(pings).toBeLessThan(20)
    expect(bandwidth.window).toBeGreaterThan(64 * KB)
  })
})
