import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'
import type { Change, HeadersSettings } from './settings.ts'

/** Changes headers of requests and answers on their way. */
export class HeadersFilter extends Filter {
  readonly #settings: HeadersSettings

  constructor(settings: HeadersSettings) {
    super()
    this.#settings = settings
  }

  override onRequest(stream: Stream, frame: Frame): void {
    for (const change of this.#settings.request) apply(change, stream, frame)
    this.next.onRequest(stream, frame)
  }

  /** While the values are made, this is the answer that `%RESP(…)%` looks at. */
  override onResponse(stream: Stream, frame: Frame): boolean {
    const before = stream.response
    stream.response = frame
    for (const change of this.#settings.response) apply(change, stream, frame)
    stream.response = before
    return this.back.onResponse(stream, frame)
  }
}

/** A value that comes out empty changes nothing. */
function apply({ name, action, format, edit }: Change, stream: Stream, frame: Frame): void {
  if (edit !== null) {
    frame.edit(edit)
    return
  }
  const value = format(stream)
  if (value === '') return
  if (action === 'append') frame.append(name, value)
  else if (action === 'overwrite') frame.set(name, value)
  else if ((frame.header(name) === undefined) === (action === 'add-if-absent'))
    frame.set(name, value)
}
