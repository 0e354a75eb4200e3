import { type Frame, FrameKind } from '../frame.ts'
import type { Protocol } from '../protocol.ts'
import type { WholeMessage } from '../transcoder.ts'
import { Pieces } from './pieces.ts'
import type { Step } from './step.ts'

/** Answers are converted whole: more than this of one is not gathered. */
export const MAX_GATHERED_BYTES: number = 64 * 1024 * 1024

/** A call on its way to a host in other words than its caller's, and its answer as it gathers. */
export class Exchange {
  /** What the connection to the host speaks. */
  readonly protocol: Protocol
  readonly #steps: readonly Step[]
  #head: Frame | null = null
  #data = new Pieces()

  constructor(protocol: Protocol, steps: readonly Step[]) {
    this.protocol = protocol
    this.#steps = steps
  }

  /** As the host hears it. */
  get request(): WholeMessage {
    return this.#steps[this.#steps.length - 1]!.request
  }

  /** The host does not answer. */
  get oneway(): boolean {
    return this.request.frame.kind === FrameKind.Oneway
  }

  begin(head: Frame): void {
    this.#head = head
    this.#data = new Pieces()
  }

  /** False: it is more than is gathered. */
  add(chunk: Buffer): boolean {
    if (this.#data.bytes + chunk.length > MAX_GATHERED_BYTES) return false
    this.#data.add(chunk)
    return true
  }

  /** The answer that has gathered, in the caller's words. Throws `Untranslatable`. */
  answer(trailers: Frame | null): WholeMessage {
    return this.#back({ frame: this.#head!, body: this.#data.whole(), trailers })
  }

  /** What a caller is told that waits for the answer to a call which the host does not answer. */
  done(): WholeMessage {
    return this.#back(null)
  }

  #back(message: WholeMessage | null): WholeMessage {
    const { length } = this.#steps
    let said = this.#steps[length - 1]!.answer(message)
    for (let i = length - 2; i >= 0; i--) said = this.#steps[i]!.answer(said)
    return said
  }
}
