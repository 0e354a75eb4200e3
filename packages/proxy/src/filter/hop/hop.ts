import { randomUUID } from 'node:crypto'
import type { HttpManager } from '@tulle/model'
import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Stream } from '../../stream.ts'
import { mergeSlashes, normalizePath } from './normalize.ts'

/** What a connection manager does to every HTTP request before the filters of its list. */
export type HopSettings = Pick<
  HttpManager,
  'generateRequestId' | 'useRemoteAddress' | 'normalizePath' | 'mergeSlashes'
>

/** Names the request, adds the client's address, and brings its path into one form. */
export class HopFilter extends Filter {
  readonly #settings: HopSettings
  readonly #paths: boolean

  constructor(settings: HopSettings) {
    super()
    this.#settings = settings
    this.#paths = settings.normalizePath || settings.mergeSlashes
  }

  /** The filter, or null where every request may pass as it is. */
  static for(settings: HopSettings): HopFilter | null {
    const { generateRequestId, useRemoteAddress } = settings
    const idle = !(
      generateRequestId ||
      useRemoteAddress ||
      settings.normalizePath ||
      settings.mergeSlashes
    )
    return idle ? null : new HopFilter(settings)
  }

  override onRequest(stream: Stream, frame: Frame): void {
    const { generateRequestId, useRemoteAddress } = this.#settings
    if (generateRequestId && frame.header('x-request-id') === undefined)
      frame.set('x-request-id', randomUUID())
    if (useRemoteAddress) frame.append('x-forwarded-for', stream.down.connection.remoteAddress)
    if (!this.#paths || this.#unify(frame)) this.next.onRequest(stream, frame)
    else stream.answer(Outcome.BadRequest, 'the path is not well formed', this.back)
  }

  /** False: the path has no such form. */
  #unify(frame: Frame): boolean {
    const before = frame.header(':path') ?? ''
    // `OPTIONS *` and CONNECT have none.
    if (!before.startsWith('/')) return true
    const normal = this.#settings.normalizePath ? normalizePath(before) : before
    if (normal === null) return false
    const after = this.#settings.mergeSlashes ? mergeSlashes(normal) : normal
    if (after !== before) frame.set(':path', after)
    return true
  }
}
