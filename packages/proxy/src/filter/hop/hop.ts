import type { HttpManager } from '@tulle/model'
import { Filter } from '../../filter.ts'
import type { Edit, Frame } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Stream } from '../../stream.ts'
import { withoutDot, withoutPort } from './authority.ts'
import { Forwarded, type ForwardedSettings } from './forwarded.ts'
import { mergeSlashes, normalizePath } from './normalize.ts'
import { requestId } from './request-id.ts'

/** What a connection manager does to every HTTP request before the filters of its list. */
export type HopSettings = ForwardedSettings &
  Pick<
    HttpManager,
    | 'generateRequestId'
    | 'preserveRequestId'
    | 'requestIdInResponse'
    | 'via'
    | 'normalizePath'
    | 'mergeSlashes'
    | 'stripPort'
    | 'stripTrailingDot'
  >

const REQUEST_ID = 'x-request-id'

/** Brings path and authority into one form, tells the next hop whom the request comes from, and names it. */
export class HopFilter extends Filter {
  readonly #settings: HopSettings
  readonly #forwarded: Forwarded
  readonly #paths: boolean
  readonly #authorities: boolean
  /** Null where this hop does not show itself. */
  readonly #via: Edit | null

  constructor(settings: HopSettings) {
    super()
    const { via } = settings
    this.#settings = settings
    this.#forwarded = new Forwarded(settings)
    this.#paths = settings.normalizePath || settings.mergeSlashes
    this.#authorities = settings.stripPort !== 'no' || settings.stripTrailingDot
    this.#via = via === '' ? null : { name: 'via', value: via, append: true }
  }

  override onRequest(stream: Stream, frame: Frame): void {
    if (this.#paths && !this.#unifyPath(frame)) {
      stream.answer(Outcome.BadRequest, 'the path is not well formed', this)
      return
    }
    if (this.#authorities) this.#unifyAuthority(stream, frame)
    const outside = this.#forwarded.apply(stream, frame)
    if (this.#settings.generateRequestId) this.#name(frame, outside)
    if (this.#via !== null) frame.edit(this.#via)
    this.next.onRequest(stream, frame)
  }

  override onResponse(stream: Stream, frame: Frame): boolean {
    if (this.#via !== null) frame.edit(this.#via)
    if (this.#settings.requestIdInResponse) {
      const id = stream.request.header(REQUEST_ID)
      if (id !== undefined) frame.set(REQUEST_ID, id)
    }
    return this.back.onResponse(stream, frame)
  }

  /** Who is outside does not choose the names under which we log. */
  #name(frame: Frame, outside: boolean): void {
    const kept = !outside || this.#settings.preserveRequestId
    if (kept && frame.header(REQUEST_ID) !== undefined) return
    frame.set(REQUEST_ID, requestId())
  }

  /** False: the path has no such form. */
  #unifyPath(frame: Frame): boolean {
    const before = frame.header(':path') ?? ''
    // `OPTIONS *` and CONNECT have none.
    if (!before.startsWith('/')) return true
    const normal = this.#settings.normalizePath ? normalizePath(before) : before
    if (normal === null) return false
    const after = this.#settings.mergeSlashes ? mergeSlashes(normal) : normal
    if (after !== before) frame.set(':path', after)
    return true
  }

  #unifyAuthority(stream: Stream, frame: Frame): void {
    const { stripPort, stripTrailingDot } = this.#settings
    const before = frame.header(':authority') ?? ''
    let after = stripTrailingDot ? withoutDot(before) : before
    // CONNECT needs the port to know where to (RFC 9110 §9.3.6).
    if (stripPort !== 'no' && frame.header(':method') !== 'CONNECT') {
      const port = stripPort === 'any' ? stripPort : stream.down.connection.localPort
      after = withoutPort(after, port)
    }
    if (after !== before) frame.set(':authority', after)
  }
}
