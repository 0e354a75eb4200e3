import type { CallerOwner, Target } from './caller.ts'
import { Caller } from './caller.ts'
import { RespFrames, replyEnd } from './resp.ts'

const ERROR = 45
/** In place of a start: the call has failed, and its answer is nobody's. */
const EXPIRED = -1

/** Commands over one Redis connection, pipelined: answers come in the order of the commands. */
export class RedisCaller extends Caller {
  readonly room: number
  readonly #request: Buffer
  readonly #replies = new RespFrames(replyEnd)
  /** When the commands without an answer began, oldest first. */
  #started: number[] = []
  #head = 0
  #pending = 0

  constructor(target: Target, owner: CallerOwner, request: Buffer, inFlight: number) {
    super(target, owner)
    this.#request = request
    this.room = inFlight
  }

  get pending(): number {
    return this.#pending
  }

  call(startedUs: number): void {
    this.#started.push(startedUs)
    this.#pending++
    this.write(this.#request)
  }

  expire(beforeUs: number): void {
    for (let i = this.#head; i < this.#started.length; i++) {
      const startedUs = this.#started[i]!
      if (startedUs >= beforeUs) return
      if (startedUs === EXPIRED) continue
      this.#started[i] = EXPIRED
      this.#pending--
      this.owner.onFailure(this, startedUs, 'timeout')
    }
  }

  protected onBytes(chunk: Buffer): void {
    this.#replies.push(chunk, this.#onReply)
  }

  protected abandon(kind: string): void {
    const abandoned = this.#started.slice(this.#head).filter((started) => started !== EXPIRED)
    this.#started = []
    this.#head = 0
    this.#pending = 0
    for (const startedUs of abandoned) this.owner.onFailure(this, startedUs, kind)
  }

  readonly #onReply = (bytes: Buffer, at: number, end: number): void => {
    const startedUs = this.#started[this.#head]
    if (startedUs === undefined) return this.fail('answer to nothing')
    this.#head++
    if (this.#head > 1024) {
      this.#started.splice(0, this.#head)
      this.#head = 0
    }
    if (startedUs === EXPIRED) return
    this.#pending--
    if (bytes[at] !== ERROR) this.owner.onAnswer(this, startedUs)
    else this.owner.onFailure(this, startedUs, bytes.toString('latin1', at + 1, end).split(' ')[0]!)
  }
}
