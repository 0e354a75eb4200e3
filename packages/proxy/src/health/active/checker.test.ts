import net, { type AddressInfo, type Server } from 'node:net'
import { systemClock, Wheel } from '@tulle/core'
import type { HealthCheck } from '@tulle/model'
import { FakePatient, HandClock, noteLogger } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Unfit } from '../../health.ts'
import { ActiveChecker } from './checker.ts'

const HEARTBEAT: HealthCheck = {
  timeoutMs: 500,
  intervalMs: 1000,
  intervalJitterMs: 0,
  unhealthyThreshold: 2,
  healthyThreshold: 2,
  probe: { kind: 'heartbeat', protocol: 'bolt' },
}

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

class Fixture {
  readonly clock = new HandClock()
  readonly wheel = new Wheel(this.clock)
  readonly stats = { health_check_total: 0, health_check_failed: 0 }
  readonly log = noteLogger()
  readonly passed: string[] = []
  /** `protocol address`, as long as it is well. */
  readonly well = new Set<string>()
  readonly checker: ActiveChecker

  constructor(checks: readonly HealthCheck[]) {
    this.checker = new ActiveChecker({
      cluster: 'shop',
      checks,
      stats: this.stats,
      wheel: this.wheel,
      clock: this.clock,
      random: () => 0,
      log: this.log,
      ping: (protocol, host, _timeoutMs, done) =>
        done(this.well.has(`${protocol} ${host.address}`)),
      onPassed: (host) => this.passed.push(host.address),
    })
    stops.push(() => {
      this.checker.stop()
      this.wheel.stop()
    })
  }

  /** Time for every host to be asked once. */
  round(): void {
    this.wheel.advance(this.clock.turn(1008))
  }
}

describe('an active checker', () => {
  it('marks a host that fails and clears the mark when it is well again', () => {
    const fixture = new Fixture([HEARTBEAT])
    const host = new FakePatient(1)
    fixture.checker.watch([host])
    expect(host.unfit).toBe(0)
    fixture.round()
    expect(host.unfit).toBe(Unfit.Check)
    fixture.well.add('bolt 127.0.0.1:1')
    fixture.round()
    expect(host.unfit).toBe(Unfit.Check)
    fixture.round()
    expect(host.unfit).toBe(0)
    expect(fixture.stats).toEqual({ health_check_total: 3, health_check_failed: 1 })
    expect(fixture.log.notes).toEqual([
      {
        message: 'host failed its health check',
        cluster: 'shop',
        host: host.address,
        reason: 'the heartbeat was not answered',
      },
      { message: 'host passes its health check again', cluster: 'shop', host: host.address },
    ])
  })

  it('leaves the marks of others alone', () => {
    const fixture = new Fixture([{ ...HEARTBEAT, healthyThreshold: 1 }])
    const host = new FakePatient(1, { unfit: Unfit.Outlier })
    fixture.checker.watch([host])
    fixture.round()
    expect(host.unfit).toBe(Unfit.Outlier | Unfit.Check)
    fixture.well.add('bolt 127.0.0.1:1')
    fixture.round()
    expect(host.unfit).toBe(Unfit.Outlier)
  })

  it('wants a host to be well by all checks, and then tells of every check that passes', () => {
    const once = { ...HEARTBEAT, healthyThreshold: 1 }
    const fixture = new Fixture([
      once,
      { ...once, probe: { kind: 'heartbeat', protocol: 'dubbo' } },
    ])
    const host = new FakePatient(1)
    fixture.checker.watch([host])
    fixture.round()
    fixture.well.add('bolt 127.0.0.1:1')
    fixture.round()
    expect(host.unfit).toBe(Unfit.Check)
    expect(fixture.passed).toEqual([])
    fixture.well.add('dubbo 127.0.0.1:1')
    fixture.round()
    expect(host.unfit).toBe(0)
    fixture.round()
    expect(fixture.passed.length).toBeGreaterThanOrEqual(2)
    expect(host.changes).toBe(2)
  })

  it('asks new hosts, goes on with known ones and leaves those that are gone', () => {
    const fixture = new Fixture([HEARTBEAT])
    const [a, b, c] = [new FakePatient(1), new FakePatient(2), new FakePatient(3)]
    fixture.checker.watch([a, b])
    fixture.checker.watch([b, c])
    expect(fixture.wheel.size).toBe(2)
    fixture.round()
    expect([a, b, c].map((host) => host.unfit)).toEqual([0, Unfit.Check, Unfit.Check])
    fixture.checker.watch([b, c])
    fixture.round()
    expect(fixture.stats.health_check_total).toBe(4)
  })

  it('stops asking', () => {
    const fixture = new Fixture([HEARTBEAT])
    fixture.checker.watch([new FakePatient(1)])
    fixture.checker.stop()
    fixture.round()
    expect(fixture.wheel.size).toBe(0)
    expect(fixture.stats.health_check_total).toBe(0)
  })

  it.each<[string, HealthCheck['probe']]>([
    ['TCP', { kind: 'tcp' }],
    ['HTTP', { kind: 'http', host: '', path: '/', http2: false, expectedStatuses: [] }],
  ])('finds out over %s that a server goes away and comes back', async (_, probe) => {
    const { port, stop } = await listen(0)
    const host = new FakePatient(port)
    const wheel = new Wheel()
    let passed = 0
    const checker = new ActiveChecker({
      cluster: 'shop',
      checks: [{ ...HEARTBEAT, probe, intervalMs: 10, timeoutMs: 2000 }],
      stats: { health_check_total: 0, health_check_failed: 0 },
      wheel,
      clock: systemClock,
      random: Math.random,
      log: noteLogger(),
      ping: () => {},
      onPassed: () => passed++,
    })
    stops.push(() => {
      checker.stop()
      wheel.stop()
    })
    checker.watch([host])
    await until(() => passed > 2)
    expect(host.changes).toBe(0)
    await stop()
    await until(() => host.unfit === Unfit.Check)
    const again = await listen(port)
    stops.push(() => void again.stop())
    await until(() => host.unfit === 0)
    expect(host.changes).toBe(2)
  })
})

async function listen(port: number): Promise<{ port: number; stop: () => Promise<unknown> }> {
  const server: Server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
