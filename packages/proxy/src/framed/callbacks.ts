import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'

/** A host's connection over which it calls a client. */
export interface CallingHost {
  answer(frame: Frame): void
}

/**
 * Calls that hosts make to one client. Two hosts may use one id at the same time, so each call gets an id of ours, as
 * requests of clients do on their way to hosts.
 */
export class Callbacks {
  readonly #codec: FramedCodec
  readonly #calls = new Map<number, { readonly host: CallingHost; readonly request: Frame }>()
  #last = 0

  constructor(codec: FramedCodec) {
    this.#codec = codec
  }

  /** Gives the request the id under which the client will answer. */
  pass(host: CallingHost, request: Frame): void {
    do this.#last = this.#last >= this.#codec.maxId ? 1 : this.#last + 1
    while (this.#calls.has(this.#last))
    if (request.kind === FrameKind.Request) this.#calls.set(this.#last, { host, request })
    this.#codec.readdress(request, this.#last)
  }

  /** Takes an answer to the host that asked; nobody's answers are dropped. */
  answered(answer: Frame): void {
    const id = this.#codec.idOf(answer)
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    if (this.#codec.restore === undefined) this.#codec.readdress(answer, call.request.id)
    else this.#codec.restore(answer, call.request)
    call.host.answer(answer)
  }
}
