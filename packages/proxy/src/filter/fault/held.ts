import { Timed } from '@tulle/core'
import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'

/** A request that waits, with whatever of it came meanwhile: it is its own timer. */
export class Held extends Timed {
  readonly stream: Stream
  readonly request: Frame
  readonly #owner: Releaser
  /** At most what was read before the client's data stopped. */
  readonly chunks: Buffer[] = []
  /** The latest chunk ends the request. */
  last = false
  trailers: Frame | null = null

  constructor(stream: Stream, request: Frame, owner: Releaser) {
    super()
    this.stream = stream
    this.request = request
    this.#owner = owner
  }

  override onDue(): void {
    this.stream.down.intake.turn.begin()
    this.#owner.release(this)
  }
}

/** Who takes the request when its time has come. */
export interface Releaser {
  release(held: Held): void
}
