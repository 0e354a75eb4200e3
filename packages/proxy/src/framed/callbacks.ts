import { type Frame, FrameKind } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'
import { beginningOf } from './beginning.ts'

/** A host's connection over which it calls a client. */
export interface CallingHost {
  answer(frame: Frame): void
  /** The client does not take its calls fast enough. */
  hold(): void
  release(): void
}

interface Call {
  readonly host: CallingHost
  /** How the host's request began, with its id. */
  readonly request: Frame
}

/** Calls that wait for an answer: of more, the oldest are given up, as their hosts have done long before. */
const MAX_OPEN = 1024

/**
 * Calls that hosts make to one client. Two hosts may use one id at the same time, so each call gets an id of ours, as
 * requests of clients do on their way to hosts.
 */
export class Callbacks {
  readonly #codec: FramedCodec
  /** In the order in which they came. */
  readonly #calls = new Map<number, Call>()
  readonly #held = new Set<CallingHost>()
  #last = 0

  constructor(codec: FramedCodec) {
    this.#codec = codec
  }

  /** Gives the request the id under which the client will answer. */
  pass(host: CallingHost, request: Frame): void {
    do this.#last = this.#last >= this.#codec.maxId ? 1 : this.#last + 1
    while (this.#calls.has(this.#last))
    if (request.kind === FrameKind.Request) this.#remember(host, request)
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

  /** The client is full of what this host calls it for. */
  hold(host: CallingHost): void {
    this.#held.add(host)
    host.hold()
  }

  /** The client takes more. */
  release(): void {
    for (const host of this.#held) host.release()
    this.#held.clear()
  }

  /** Its connection has closed: nobody waits there any more. */
  forget(host: CallingHost): void {
    this.#held.delete(host)
    for (const [id, call] of this.#calls) if (call.host === host) this.#calls.delete(id)
  }

  #remember(host: CallingHost, request: Frame): void {
    if (this.#calls.size >= MAX_OPEN) this.#calls.delete(this.#calls.keys().next().value!)
    this.#calls.set(this.#last, { host, request: beginningOf(request) })
  }
}
