import { Wheel } from '@tulle/core'
import type { OutlierDetection } from '@tulle/model'
import { FakePatient, HandClock, noteLogger } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Unfit } from '../../health.ts'
import { OutlierDetector } from './detector.ts'

const SETTINGS: OutlierDetection = {
  consecutive5xx: 3,
  consecutiveGatewayFailure: 0,
  consecutiveLocalOriginFailure: 3,
  splitLocalErrors: false,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 70_000,
  maxEjectionPercent: 50,
}

const wheels: Wheel[] = []
afterEach(() => {
  for (const wheel of wheels.splice(0)) wheel.stop()
})

class Fixture {
  readonly clock = new HandClock()
  readonly wheel = new Wheel(this.clock)
  readonly stats = { outlier_ejected: 0, outlier_ejections_total: 0 }
  readonly log = noteLogger()
  readonly hosts: readonly FakePatient[]
  readonly detector: OutlierDetector

  constructor(count: number, settings: Partial<OutlierDetection> = {}) {
    wheels.push(this.wheel)
    this.hosts = Array.from({ length: count }, (_, i) => new FakePatient(8000 + i))
    this.detector = new OutlierDetector({
      cluster: 'shop',
      settings: { ...SETTINGS, ...settings },
      stats: this.stats,
      wheel: this.wheel,
      clock: this.clock,
      log: this.log,
    })
    this.detector.watch(this.hosts)
  }

  fail(host: number, times = 3): void {
    for (let i = 0; i < times; i++) this.detector.witness(this.hosts[host]!).onAnswer(500)
  }

  /** The wheel is advanced second by second, and a tick more, so that what is due by then has happened. */
  turn(seconds: number): void {
    for (let i = 0; i < seconds; i++) this.wheel.advance(this.clock.turn(1000))
    this.wheel.advance(this.clock.turn(8))
  }

  /** Returns how many seconds it took. */
  turnUntilBack(): number {
    for (let seconds = 1; seconds < 1000; seconds++) {
      this.turn(1)
      if (this.out.length === 0) return seconds
    }
    throw new Error('ejected for ever')
  }

  get lastEjectionMs(): number {
    return this.log.notes.findLast((note) => note.message === 'host ejected')!.ejectionMs as number
  }

  /** Indices of ejected hosts. */
  get out(): number[] {
    return this.hosts.flatMap((host, i) => (host.unfit & Unfit.Outlier ? [i] : []))
  }
}

describe('outlier detection', () => {
  it('ejects a host at the failure that reaches the threshold', () => {
    const cluster = new Fixture(4)
    cluster.fail(1, 2)
    expect(cluster.out).toEqual([])
    cluster.fail(1, 1)
    expect(cluster.out).toEqual([1])
    expect(cluster.stats).toEqual({ outlier_ejected: 1, outlier_ejections_total: 1 })
    expect(cluster.log.notes).toEqual([
      {
        message: 'host ejected',
        cluster: 'shop',
        host: '127.0.0.1:8001',
        offence: 'consecutive_5xx',
        failures: 3,
        ejectionMs: 30_000,
      },
    ])
  })

  it('lets it back in after the base time', () => {
    const cluster = new Fixture(4)
    cluster.fail(1)
    cluster.turn(29)
    expect(cluster.out).toEqual([1])
    cluster.turn(2)
    expect(cluster.out).toEqual([])
    expect(cluster.stats).toEqual({ outlier_ejected: 0, outlier_ejections_total: 1 })
    expect(cluster.log.notes.at(-1)!.message).toBe('host no longer ejected')
  })

  it('ejects for longer every time, up to the maximum', () => {
    const cluster = new Fixture(4)
    const [said, seconds]: number[][] = [[], []]
    for (let i = 0; i < 4; i++) {
      cluster.fail(1)
      said!.push(cluster.lastEjectionMs)
      seconds!.push(cluster.turnUntilBack())
    }
    expect(said).toEqual([30_000, 60_000, 70_000, 70_000])
    expect(seconds).toEqual([30, 60, 70, 70])
  })

  it('forgets one ejection for each interval in which the host behaves', () => {
    const cluster = new Fixture(4)
    const said: number[] = []
    for (const intervals of [0, 1, 2, 0]) {
      cluster.fail(1)
      said.push(cluster.lastEjectionMs)
      cluster.turnUntilBack()
      cluster.turn(intervals * 10)
    }
    expect(said).toEqual([30_000, 60_000, 60_000, 30_000])
  })

  it('has forgotten everything after as many intervals as the longest ejection has base times', () => {
    const cluster = new Fixture(4)
    for (let i = 0; i < 20; i++) {
      cluster.fail(1)
      cluster.turnUntilBack()
    }
    cluster.turn(30)
    cluster.fail(1)
    expect(cluster.lastEjectionMs).toBe(30_000)
  })

  it('rests when nobody was ejected of late', () => {
    const cluster = new Fixture(4)
    expect(cluster.wheel.size).toBe(0)
    cluster.fail(1)
    expect(cluster.wheel.size).toBe(1)
    cluster.turn(60)
    expect(cluster.wheel.size).toBe(0)
  })

  it.each([
    [1, 10, 1],
    [5, 10, 1],
    [4, 0, 1],
    [4, 50, 2],
    [10, 29, 2],
    [10, 30, 3],
    [3, 100, 3],
  ])('of %d hosts with %d %% allowed ejects %d at the most', (count, maxEjectionPercent, most) => {
    const cluster = new Fixture(count, { maxEjectionPercent })
    for (let host = 0; host < count; host++) cluster.fail(host)
    expect(cluster.out).toHaveLength(most)
    expect(cluster.stats.outlier_ejected).toBe(most)
  })

  it('ejects a host that was spared once there is room and it fails again', () => {
    const cluster = new Fixture(2, { maxEjectionPercent: 50 })
    cluster.fail(0)
    cluster.fail(1)
    expect(cluster.out).toEqual([0])
    cluster.turn(31)
    cluster.fail(1)
    expect(cluster.out).toEqual([1])
  })

  it('counts anew after an ejection', () => {
    const cluster = new Fixture(4)
    cluster.fail(1)
    cluster.fail(1, 2)
    cluster.turn(31)
    cluster.fail(1, 1)
    expect(cluster.out).toEqual([])
    cluster.fail(1, 2)
    expect(cluster.out).toEqual([1])
  })

  it('does not eject twice for requests that were under way', () => {
    const cluster = new Fixture(4)
    cluster.fail(1, 30)
    expect(cluster.stats).toEqual({ outlier_ejected: 1, outlier_ejections_total: 1 })
    cluster.turn(31)
    expect(cluster.out).toEqual([])
  })

  it('ends an ejection when an active check of the host passes', () => {
    const cluster = new Fixture(4)
    cluster.fail(1)
    cluster.detector.onCheckPassed(cluster.hosts[0]!)
    expect(cluster.out).toEqual([1])
    cluster.detector.onCheckPassed(cluster.hosts[1]!)
    expect(cluster.out).toEqual([])
    expect(cluster.stats.outlier_ejected).toBe(0)
  })

  it('leaves the marks of others alone', () => {
    const cluster = new Fixture(4)
    cluster.hosts[1]!.mark(Unfit.Check, true)
    cluster.fail(1)
    cluster.turn(31)
    expect(cluster.hosts[1]!.unfit).toBe(Unfit.Check)
  })

  it('forgets hosts that are gone, with what they count for', () => {
    const cluster = new Fixture(4, { maxEjectionPercent: 25 })
    const late = cluster.detector.witness(cluster.hosts[1]!)
    cluster.fail(1)
    cluster.detector.watch(cluster.hosts.filter((_, i) => i !== 1))
    expect(cluster.stats.outlier_ejected).toBe(0)
    for (let i = 0; i < 9; i++) late.onAnswer(500)
    expect(cluster.stats).toEqual({ outlier_ejected: 0, outlier_ejections_total: 1 })
    cluster.fail(2)
    expect(cluster.out).toEqual([1, 2])
  })

  it('does nothing once it is stopped', () => {
    const cluster = new Fixture(4)
    const late = cluster.detector.witness(cluster.hosts[2]!)
    cluster.fail(1)
    cluster.detector.stop()
    expect(cluster.wheel.size).toBe(0)
    expect(cluster.stats.outlier_ejected).toBe(0)
    for (let i = 0; i < 9; i++) late.onAnswer(500)
    expect(cluster.out).toEqual([1])
    expect(cluster.wheel.size).toBe(0)
  })
})
