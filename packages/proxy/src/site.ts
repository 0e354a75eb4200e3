import { randomBytes } from 'node:crypto'
import { type Logger, Metrics, silentLogger, Turn, Wheel } from '@tulle/core'

import { Descriptors } from './descriptors.ts'

/** What everything in one worker shares: its turn of the event loop, its timers, its numbers. */
export class Site {
  /** This hop's name, as sentences give it: the node id of the configuration. */
  name: string
  readonly turn: Turn
  readonly wheel: Wheel
  readonly random: () => number
  readonly metrics: Metrics
  readonly log: Logger
  readonly descriptors: Descriptors
  /** 32 random bytes, the same in all workers: what one of them has sealed (a TLS session ticket) the others open. */
  readonly secret: Buffer
  /** New requests are refused with this sentence while memory runs short; null while all is well. */
  overload: string | null = null

  constructor(
    init: {
      readonly name?: string
      readonly log?: Logger
      readonly turn?: Turn
      readonly wheel?: Wheel
      readonly random?: () => number
      readonly descriptors?: Descriptors
      readonly secret?: Buffer
    } = {},
  ) {
    this.name = init.name ?? 'tulle'
    this.log = init.log ?? silentLogger
    this.descriptors = init.descriptors ?? new Descriptors()
    this.secret = init.secret ?? randomBytes(32)
    this.turn = init.turn ?? new Turn()
    const { turn } = this
    // What the wheel calls begins a turn: it reads the time, and what it writes leaves at the end.
    this.wheel = init.wheel ?? new Wheel({ now: () => turn.begin(), wall: () => turn.clock.wall() })
    this.random = init.random ?? Math.random
    this.metrics = new Metrics()
  }
}
