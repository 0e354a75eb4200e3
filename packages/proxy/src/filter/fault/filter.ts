import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import { compileKey, type KeyTest } from '../../match.ts'
import { Outcome } from '../../outcome.ts'
import { stable } from '../../reading.ts'
import type { Stream } from '../../stream.ts'
import { Held, type Releaser } from './held.ts'
import type { FaultSettings } from './settings.ts'

/** In the slot of a request that will never go on: what else of it comes is thrown away. */
const STOPPED = Symbol('stopped')

/**
 * Harms some requests on purpose, to show what callers make of it.
 *
 * ```
 *            ┌ not chosen ──────────────────────────────▶ next
 *  onRequest ┤                                    ┌─────▶ next, then the data held
 *            ├ delay ─▶ held ─ its time has come ─┤
 *            │            └ stream ends: let go   └ abort ┐
 *            └ abort ─────────────────────────────────────┴▶ answered; what follows is thrown away
 *
 *  the slot:   null           Held                    STOPPED
 * ```
 */
export class FaultFilter extends Filter implements Releaser {
  override readonly stateful: boolean = true
  readonly #settings: FaultSettings
  readonly #random: () => number
  readonly #sentence: string
  /** What a request's headers must say for it to be harmed. */
  readonly #headers: readonly { readonly name: string; readonly test: KeyTest }[]
  /** Requests held at the moment. */
  #active = 0

  constructor(settings: FaultSettings, random: () => number) {
    super()
    this.#settings = settings
    this.#random = random
    this.#sentence = abortSentence(settings)
    this.#headers = settings.headers.map((one) => ({ name: one.name, test: compileKey(one) }))
  }

  override onRequest(stream: Stream, frame: Frame): void {
    const { delay, maxActive } = this.#settings
    if (!this.#isMeant(frame) || this.#active >= maxActive) this.next.onRequest(stream, frame)
    else if (delay !== null && this.#chosen(delay.ppm)) this.#hold(stream, frame, delay.ms)
    else if (!this.#abort(stream)) this.next.onRequest(stream, frame)
  }

  override onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const held = this.#slotOf(stream)
    if (held === null) return this.next.onRequestData(stream, chunk, last)
    if (held === STOPPED) return true
    held.chunks.push(stable(chunk))
    held.last = last
    return false
  }

  override onRequestTrailers(stream: Stream, frame: Frame): void {
    const held = this.#slotOf(stream)
    if (held === null) this.next.onRequestTrailers(stream, frame)
    else if (held !== STOPPED) held.trailers = frame
  }

  /** Whoever sets a timer clears it here: streams end at any moment. */
  override onStreamEnd(stream: Stream): void {
    const held = this.#slotOf(stream)
    if (held === null || held === STOPPED) return
    stream.down.intake.wheel.clear(held)
    stream.slots[this.slot] = null
    this.#active--
  }

  /** The delay is over. In the meantime somebody else may have answered: a time-out, or a filter further down. */
  release(held: Held): void {
    const { stream } = held
    this.#active--
    stream.slots[this.slot] = STOPPED
    if (stream.ended || stream.responseBegun) return
    const flows = this.#abort(stream) || this.#pass(held)
    if (held.chunks.length > 0 && flows) stream.resumeRequest()
  }

  #hold(stream: Stream, frame: Frame, ms: number): void {
    const held = new Held(stream, frame, this)
    stream.slots[this.slot] = held
    this.#active++
    const { wheel, turn } = stream.down.intake
    wheel.set(held, ms, turn.now)
  }

  /** Whether it was answered. */
  #abort(stream: Stream): boolean {
    const { abort } = this.#settings
    if (abort === null || !this.#chosen(abort.ppm)) return false
    stream.slots[this.slot] = STOPPED
    stream.answer(Outcome.FaultAbort, this.#sentence, this.back, abort.status)
    return true
  }

  /** Hands on what was held, as if it came now. False: the next layer wants a pause, and will end it. */
  #pass(held: Held): boolean {
    const { stream, request, chunks, last, trailers } = held
    stream.slots[this.slot] = null
    this.next.onRequest(stream, request)
    let flows = true
    for (const [index, chunk] of chunks.entries()) {
      if (stream.ended) return true
      flows = this.next.onRequestData(stream, chunk, last && index === chunks.length - 1)
    }
    if (trailers !== null && !stream.ended) this.next.onRequestTrailers(stream, trailers)
    return flows
  }

  #isMeant(frame: Frame): boolean {
    for (const { name, test } of this.#headers) if (!test(frame.header(name))) return false
    return true
  }

  #chosen(ppm: number): boolean {
    return this.#random() * 1_000_000 < ppm
  }

  #slotOf(stream: Stream): Held | typeof STOPPED | null {
    return stream.slots[this.slot] as Held | typeof STOPPED | null
  }
}

/** Made once: on the path it is only handed on. */
function abortSentence({ abort }: FaultSettings): string {
  if (abort === null) return ''
  const share = abort.ppm / 10_000
  return `the fault filter aborts ${share} % of these requests with status ${abort.status}`
}
