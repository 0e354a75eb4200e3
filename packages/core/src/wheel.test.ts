import { HandClock } from '@tulle/testkit'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Timed, Wheel } from './wheel.ts'

const TICK_MS = 8

class Alarm extends Timed {
  calls: number[] = []
  readonly action: ((now: number) => void) | null

  constructor(action: ((now: number) => void) | null = null) {
    super()
    this.action = action
  }

  override onDue(now: number): void {
    this.calls.push(now)
    this.action?.(now)
  }
}

const wheels: Wheel[] = []
afterEach(() => {
  for (const wheel of wheels.splice(0)) wheel.stop()
})

function setup(start?: number): { clock: HandClock; wheel: Wheel; turn(ms: number): void } {
  const clock = new HandClock(start)
  const wheel = new Wheel(clock)
  wheels.push(wheel)
  return { clock, wheel, turn: (ms) => wheel.advance(clock.turn(ms)) }
}

describe('a wheel', () => {
  it('calls once, not before the time and at most one tick after it', () => {
    const { clock, wheel, turn } = setup()
    const alarm = new Alarm()
    wheel.set(alarm, 100, clock.now())
    turn(99)
    expect(alarm.calls).toEqual([])
    turn(1 + TICK_MS)
    expect(alarm.calls).toHaveLength(1)
    turn(20_000)
    expect(alarm.calls).toHaveLength(1)
    expect(wheel.size).toBe(0)
  })

  it('does not call what was cleared, and clears twice without harm', () => {
    const { clock, wheel, turn } = setup()
    const [kept, cleared] = [new Alarm(), new Alarm()]
    wheel.set(kept, 10, clock.now())
    wheel.set(cleared, 10, clock.now())
    wheel.clear(cleared)
    wheel.clear(cleared)
    expect(wheel.size).toBe(1)
    turn(50)
    expect(kept.calls).toHaveLength(1)
    expect(cleared.calls).toEqual([])
  })

  it('moves a timer that is set again', () => {
    const { clock, wheel, turn } = setup()
    const alarm = new Alarm()
    wheel.set(alarm, 10, clock.now())
    wheel.set(alarm, 1000, clock.now())
    expect(wheel.size).toBe(1)
    turn(900)
    expect(alarm.calls).toEqual([])
    turn(110)
    expect(alarm.calls).toHaveLength(1)
  })

  it('keeps a timer further off than one round', () => {
    const { clock, wheel, turn } = setup()
    const alarm = new Alarm()
    wheel.set(alarm, 3_600_000, clock.now())
    for (let second = 1; second < 3600; second++) turn(1000)
    expect(alarm.calls).toEqual([])
    turn(1008)
    expect(alarm.calls).toHaveLength(1)
  })

  it('calls everything that came due while it could not run', () => {
    const { clock, wheel, turn } = setup()
    const alarms = Array.from({ length: 2000 }, () => new Alarm())
    alarms.forEach((alarm, i) => {
      wheel.set(alarm, i * 7, clock.now())
    })
    turn(60_000)
    expect(alarms.filter((alarm) => alarm.calls.length === 1)).toHaveLength(2000)
  })

  it.each([
    ['is in the past', -500],
    ['is this very moment', 0],
    ['was counted from a reading of the clock that is half a second old', 20],
  ])('calls soon when the time %s', (_, ms) => {
    const { clock, wheel, turn } = setup()
    wheel.set(new Alarm(), 10_000, clock.now())
    const before = clock.now()
    turn(500)
    const alarm = new Alarm()
    wheel.set(alarm, ms, before)
    turn(TICK_MS)
    expect(alarm.calls).toHaveLength(1)
  })

  it('works from the first moment of a clock that begins at nought', () => {
    const { clock, wheel, turn } = setup(0)
    const alarm = new Alarm()
    wheel.set(alarm, 0, clock.now())
    turn(TICK_MS)
    expect(alarm.calls).toHaveLength(1)
    expect(wheel.size).toBe(0)
  })

  it('lets a callback set itself again', () => {
    const { clock, wheel, turn } = setup()
    const alarm: Alarm = new Alarm((now) => wheel.set(alarm, 100, now))
    wheel.set(alarm, 100, clock.now())
    for (let i = 0; i < 100; i++) turn(10)
    expect(alarm.calls.length).toBeGreaterThanOrEqual(9)
    expect(alarm.calls.length).toBeLessThanOrEqual(10)
  })

  it('lets a callback clear or move one that is due at the same time', () => {
    const { clock, wheel, turn } = setup()
    const [cleared, moved] = [new Alarm(), new Alarm()]
    const first = new Alarm((now) => {
      wheel.clear(cleared)
      wheel.set(moved, 1000, now)
    })
    for (const alarm of [first, cleared, moved]) wheel.set(alarm, 10, clock.now())
    turn(20)
    expect([first, cleared, moved].map((alarm) => alarm.calls.length)).toEqual([1, 0, 0])
    turn(1000)
    expect([first, cleared, moved].map((alarm) => alarm.calls.length)).toEqual([1, 0, 1])
    expect(wheel.size).toBe(0)
  })

  it('calls the others with the next beat when a callback throws', () => {
    const { clock, wheel, turn } = setup()
    const broken = new Alarm(() => {
      throw new Error('broken')
    })
    const [beside, later] = [new Alarm(), new Alarm()]
    wheel.set(broken, 10, clock.now())
    wheel.set(beside, 10, clock.now())
    wheel.set(later, 30, clock.now())
    expect(() => turn(50)).toThrow('broken')
    turn(TICK_MS)
    expect([broken, beside, later].map((alarm) => alarm.calls.length)).toEqual([1, 1, 1])
    expect(wheel.size).toBe(0)
  })

  it('goes on where it stood when it is stopped and something is set', () => {
    const { clock, wheel, turn } = setup()
    const [before, after] = [new Alarm(), new Alarm()]
    wheel.set(before, 100, clock.now())
    wheel.stop()
    clock.turn(500)
    wheel.set(after, 100, clock.now())
    turn(TICK_MS)
    expect(before.calls).toHaveLength(1)
    expect(after.calls).toEqual([])
  })

  it('turns by itself', async () => {
    const wheel = new Wheel()
    wheels.push(wheel)
    const called = Promise.withResolvers<number>()
    const keepAlive = setTimeout(() => called.reject(new Error('never called')), 5000)
    wheel.set(new Alarm(called.resolve), 20, performance.now())
    await called.promise
    clearTimeout(keepAlive)
    expect(wheel.size).toBe(0)
  })

  it('stays stopped when a callback stops it', async () => {
    const wheel = new Wheel()
    wheels.push(wheel)
    const stopped = Promise.withResolvers<void>()
    const waiting = new Alarm()
    const stopper = new Alarm(() => {
      wheel.stop()
      stopped.resolve()
    })
    const keepAlive = setTimeout(() => stopped.reject(new Error('never called')), 5000)
    wheel.set(stopper, 1, performance.now())
    wheel.set(waiting, 30, performance.now())
    await stopped.promise
    await new Promise((resolve) => setTimeout(resolve, 80))
    clearTimeout(keepAlive)
    expect(waiting.calls).toEqual([])
  })
})

describe('a wheel beside a list of times', () => {
  const SIZE = 12
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set'), who: fc.nat(SIZE - 1), ms: fc.nat(30_000) }),
    fc.record({ kind: fc.constant('set'), who: fc.nat(SIZE - 1), ms: fc.nat(64) }),
    fc.record({ kind: fc.constant('clear'), who: fc.nat(SIZE - 1), ms: fc.constant(0) }),
    fc.record({ kind: fc.constant('turn'), who: fc.constant(0), ms: fc.nat(20_000) }),
    fc.record({
      kind: fc.constant('turn'),
      who: fc.constant(0),
      ms: fc.double({ min: 0, max: 9 }),
    }),
  )

  it('calls the same ones, none early and none more than a tick late', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.array(step), (start, steps) => {
        const { clock, wheel, turn } = setup(start)
        const alarms = Array.from({ length: SIZE }, () => new Alarm())
        const due = new Map<number, number>()
        for (const { kind, who, ms } of steps) {
          if (kind === 'set') {
            wheel.set(alarms[who]!, ms, clock.now())
            due.set(who, Math.max(clock.now() + ms, 1))
          } else if (kind === 'clear') {
            wheel.clear(alarms[who]!)
            due.delete(who)
          } else {
            turn(ms)
            expectCalls(alarms, due, clock.now())
          }
          expect(wheel.size).toBe(due.size)
        }
        wheel.stop()
      }),
      { numRuns: 300 },
    )
  })

  function expectCalls(alarms: Alarm[], due: Map<number, number>, now: number): void {
    alarms.forEach((alarm, who) => {
      const at = due.get(who) ?? Number.POSITIVE_INFINITY
      expect(alarm.calls.length).toBe(at <= now ? 1 : 0)
      if (alarm.calls.length > 0) due.delete(who)
      alarm.calls = []
    })
  }
})
