import { Wheel } from '@tulle/core'
import type { HealthCheck } from '@tulle/model'
import { HandClock } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Check, type CheckOwner } from './check.ts'
import type { Finding, Probe } from './probe.ts'

const SETTINGS: HealthCheck = {
  timeoutMs: 500,
  intervalMs: 5000,
  intervalJitterMs: 0,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
  probe: { kind: 'tcp' },
}

/** Answers when the test says so. */
class HandProbe implements Probe {
  answered = false
  asked = 0
  cancelled = 0
  done: ((finding: Finding) => void) | null = null

  start(done: (finding: Finding) => void): void {
    this.asked++
    this.done = done
  }

  cancel(): void {
    this.cancelled++
    this.done = null
  }

  answer(finding: Finding): void {
    const { done } = this
    this.done = null
    done!(finding)
  }
}

const wheels: Wheel[] = []
afterEach(() => {
  for (const wheel of wheels.splice(0)) wheel.stop()
})

class Fixture implements CheckOwner {
  readonly clock = new HandClock()
  readonly wheel = new Wheel(this.clock)
  readonly probe = new HandProbe()
  readonly findings: Finding[] = []
  readonly turns: boolean[] = []
  random: () => number = () => 0
  readonly check: Check

  constructor(settings: Partial<HealthCheck> = {}) {
    wheels.push(this.wheel)
    this.check = new Check({ ...SETTINGS, ...settings }, this.probe, this)
  }

  onFinding(check: Check, finding: Finding, turned: boolean): void {
    this.findings.push(finding)
    if (turned) this.turns.push(check.fit)
  }

  turn(ms: number): void {
    this.wheel.advance(this.clock.turn(ms))
  }

  /** Lets every question, one an interval, be answered. */
  run(line: string): void {
    if (this.probe.asked === 0) {
      this.check.start()
      this.turn(8)
    }
    for (const letter of line) {
      this.probe.answered = letter === '!'
      this.probe.answer(letter === '+' ? null : 'unwell')
      this.turn(5008)
    }
  }
}

describe('an active check', () => {
  it.each([
    ['a host nobody has asked is fit', '', []],
    ['a first success changes nothing', '+', []],
    ['a first failure decides at once', '-', [false]],
    ['later failures decide when there are enough in a row', '+---', [false]],
    ['a success between begins the count anew', '+--+--', []],
    ['successes decide when there are enough in a row', '-+-++', [false, true]],
    ['the count begins anew after each turn', '+---++---', [false, true, false]],
    ['a host that answers no is unfit whatever the threshold', '+!', [false]],
    ['it tells only of changes', '+------++++', [false, true]],
  ])('%s', (_, line, turns) => {
    const fixture = new Fixture()
    fixture.run(line)
    expect(fixture.turns).toEqual(turns)
    expect(fixture.findings).toHaveLength(line.length)
  })

  it('asks again when the interval is over, counted from the answer', () => {
    const fixture = new Fixture()
    fixture.check.start()
    fixture.turn(8)
    expect(fixture.probe.asked).toBe(1)
    fixture.turn(400)
    fixture.probe.answer(null)
    fixture.turn(4999)
    expect(fixture.probe.asked).toBe(1)
    fixture.turn(9)
    expect(fixture.probe.asked).toBe(2)
  })

  it('waits a random part of the jitter longer, also before the first time', () => {
    const fixture = new Fixture({ intervalJitterMs: 1000 })
    fixture.random = () => 0.5
    fixture.check.start()
    fixture.turn(499)
    expect(fixture.probe.asked).toBe(0)
    fixture.turn(9)
    expect(fixture.probe.asked).toBe(1)
    fixture.probe.answer(null)
    fixture.turn(5490)
    expect(fixture.probe.asked).toBe(1)
    fixture.turn(18)
    expect(fixture.probe.asked).toBe(2)
  })

  it('fails when the time is over, and asks again an interval later', () => {
    const fixture = new Fixture()
    fixture.check.start()
    fixture.turn(8)
    fixture.turn(508)
    expect(fixture.findings).toEqual(['no answer within 500 ms'])
    expect(fixture.probe.cancelled).toBe(1)
    fixture.turn(5008)
    expect(fixture.probe.asked).toBe(2)
  })

  it('stops in either state, and hears no late answers', () => {
    for (const state of ['waiting', 'asking'] as const) {
      const fixture = new Fixture()
      fixture.check.start()
      if (state === 'asking') fixture.turn(8)
      const { done } = fixture.probe
      fixture.check.stop()
      done?.(null)
      fixture.turn(20_000)
      expect(fixture.wheel.size).toBe(0)
      expect(fixture.findings).toEqual([])
      expect(fixture.probe.asked).toBe(state === 'asking' ? 1 : 0)
    }
  })
})
