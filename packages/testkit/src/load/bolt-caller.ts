import { FrameType, ID_AT } from './bolt-frame.ts'
import type { CallerOwner, Target } from './caller.ts'
import { Caller } from './caller.ts'
import { Frames } from './frames.ts'

/** Calls over one Bolt connection: many at once, answers in any order. */
export class BoltCaller extends Caller {
  readonly room: number
  readonly #template: Buffer
  readonly #frames = new Frames()
  /** Start by id, oldest first, as ids go up. */
  readonly #started = new Map<number, number>()
  /** Ids whose call timed out: their answer may still come and is then nobody's. */
  readonly #expired = new Set<number>()
  #nextId = 1

  constructor(target: Target, owner: CallerOwner, request: Buffer, inFlight: number) {
    super(target, owner)
    this.#template = request
    this.room = inFlight
  }

  get pending(): number {
    return this.#started.size
  }

  call(startedUs: number): void {
    const id = this.#nextId++ >>> 0
    this.#started.set(id, startedUs)
    const frame = Buffer.from(this.#template)
    frame.writeUInt32BE(id, ID_AT)
    this.write(frame)
  }

  expire(beforeUs: number): void {
    for (const [id, startedUs] of this.#started) {
      if (startedUs >= beforeUs) return
      this.#started.delete(id)
      this.#expired.add(id)
      this.owner.onFailure(this, startedUs, 'timeout')
    }
  }

  protected onBytes(chunk: Buffer): void {
    this.#frames.push(chunk, this.#onFrame)
  }

  protected abandon(kind: string): void {
    const abandoned = [...this.#started.values()]
    this.#started.clear()
    for (const startedUs of abandoned) this.owner.onFailure(this, startedUs, kind)
  }

  readonly #onFrame = (bytes: Buffer, at: number): void => {
    if (bytes[at + 1] !== FrameType.Response) return
    const id = bytes.readUInt32BE(at + ID_AT)
    const startedUs = this.#started.get(id)
    if (startedUs === undefined) {
      if (!this.#expired.delete(id)) this.fail('answer with an unknown id')
      return
    }
    this.#started.delete(id)
    const status = bytes.readUInt16BE(at + 10)
    if (status === 0) this.owner.onAnswer(this, startedUs)
    else this.owner.onFailure(this, startedUs, `status ${status}`)
  }
}
