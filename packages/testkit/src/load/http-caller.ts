import type { CallerOwner, Target } from './caller.ts'
import { Caller } from './caller.ts'
import { HttpAnswer } from './http-answer.ts'

/** Calls over one HTTP/1.1 connection, one after the other. */
export class HttpCaller extends Caller {
  readonly room = 1
  readonly #request: Buffer
  readonly #answer = new HttpAnswer()
  #startedUs = -1

  constructor(target: Target, owner: CallerOwner, request: Buffer) {
    super(target, owner)
    this.#request = request
  }

  get pending(): number {
    return this.#startedUs < 0 ? 0 : 1
  }

  call(startedUs: number): void {
    this.#startedUs = startedUs
    this.#answer.begin()
    this.write(this.#request)
  }

  /** An answer cannot be told from the next one's, so a time-out costs the connection. */
  expire(beforeUs: number): void {
    if (this.#startedUs >= 0 && this.#startedUs < beforeUs) this.fail('timeout')
  }

  protected onBytes(chunk: Buffer): void {
    if (this.#startedUs < 0) this.fail('bytes without a request')
    else if (this.#answer.push(chunk)) this.#answered(this.#answer.status, this.#answer.reusable)
  }

  protected override onEnd(): void {
    if (this.#answer.endsHere()) this.#answered(this.#answer.status, false)
    else super.onEnd()
  }

  protected abandon(kind: string): void {
    const startedUs = this.#startedUs
    this.#startedUs = -1
    if (startedUs >= 0) this.owner.onFailure(this, startedUs, kind)
  }

  #answered(status: number, reusable: boolean): void {
    const startedUs = this.#startedUs
    this.#startedUs = -1
    if (!reusable) this.close()
    if (status >= 200 && status < 400) this.owner.onAnswer(this, startedUs)
    else this.owner.onFailure(this, startedUs, `status ${status}`)
  }
}
