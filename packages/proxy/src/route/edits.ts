import type { HeaderEdit, HeaderEdits } from '@tulle/model'
import { compileFormat } from '../format.ts'
import type { Frame } from '../frame.ts'
import { Depth } from '../protocol.ts'
import type { CompiledEdits } from '../route.ts'
import type { Stream } from '../stream.ts'
import type { Compilation } from './compilation.ts'

/** What can carry changes of headers: configuration, virtual host, route, weighted cluster. */
interface Edited {
  readonly requestHeaders: HeaderEdits
  readonly responseHeaders: HeaderEdits
}

/** The changes of headers of one level and of those around it: null where there are none. */
export class LevelEdits {
  readonly request: CompiledEdits | null
  readonly response: CompiledEdits | null

  constructor(request: CompiledEdits | null, response: CompiledEdits | null) {
    this.request = request
    this.response = response
  }

  static of(owner: Edited, compilation: Compilation<unknown>, at: string): LevelEdits {
    const path = at === '' ? '' : `${at}.`
    askForEdits(owner.requestHeaders, compilation, `${path}request_headers_to`)
    askForEdits(owner.responseHeaders, compilation, `${path}response_headers_to`)
    const request = compileSteps(owner.requestHeaders, compilation, `${path}request_headers_to_add`)
    const response = compileSteps(
      owner.responseHeaders,
      compilation,
      `${path}response_headers_to_add`,
    )
    return new LevelEdits(
      request.length === 0 ? null : new RequestEdits(request),
      response.length === 0 ? null : new ResponseEdits(response),
    )
  }

  /** These first, then those of the level around: the less specific has the last word, as in Envoy. */
  within(outer: LevelEdits): LevelEdits {
    return new LevelEdits(
      inTurn(this.request, outer.request),
      inTurn(this.response, outer.response),
    )
  }
}

/** Changes one header of a frame. */
type Step = (frame: Frame, stream: Stream) => void

class RequestEdits implements CompiledEdits {
  readonly #steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  apply(frame: Frame, stream: Stream): void {
    for (const step of this.#steps) step(frame, stream)
  }
}

/** While values are made, the frame is the answer that `%RESP(…)%` looks at. */
class ResponseEdits implements CompiledEdits {
  readonly #steps: readonly Step[]

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  apply(frame: Frame, stream: Stream): void {
    const before = stream.response
    stream.response = frame
    for (const step of this.#steps) step(frame, stream)
    stream.response = before
  }
}

/** Two levels, one after the other. */
class Both implements CompiledEdits {
  readonly #inner: CompiledEdits
  readonly #outer: CompiledEdits

  constructor(inner: CompiledEdits, outer: CompiledEdits) {
    this.#inner = inner
    this.#outer = outer
  }

  apply(frame: Frame, stream: Stream): void {
    this.#inner.apply(frame, stream)
    this.#outer.apply(frame, stream)
  }
}

function inTurn(inner: CompiledEdits | null, outer: CompiledEdits | null): CompiledEdits | null {
  if (inner === null) return outer
  return outer === null ? inner : new Both(inner, outer)
}

function askForEdits(
  { remove, add }: HeaderEdits,
  { ask }: Compilation<unknown>,
  at: string,
): void {
  if (remove.length > 0) ask(Depth.Headers, 'a change of headers', `${at}_remove`)
  if (add.length > 0) ask(Depth.Headers, 'a change of headers', `${at}_add`)
}

function compileSteps(
  { remove, add }: HeaderEdits,
  compilation: Compilation<unknown>,
  at: string,
): readonly Step[] {
  const steps: Step[] = []
  for (const header of remove) {
    const name = nameOf(header, compilation)
    steps.push((frame) => frame.remove(name))
  }
  for (const [i, edit] of add.entries()) {
    const step = compileAdd(edit, compilation, `${at}[${i}].header.value`)
    if (step !== null) steps.push(step)
  }
  return steps
}

/** Null for a value that is always empty: that is no header. */
function compileAdd(edit: HeaderEdit, compilation: Compilation<unknown>, at: string): Step | null {
  const name = nameOf(edit.name, compilation)
  if (!edit.value.includes('%')) return edit.value === '' ? null : constant(edit, name)
  const format = compileFormat(edit.value, { at, missing: '' })
  if (format.ok) return formatted(edit, name, format.value)
  compilation.problems.push(...format.problems)
  return null
}

function constant({ action, value }: HeaderEdit, name: string): Step {
  if (action === 'append') return (frame) => frame.append(name, value)
  if (action === 'overwrite') return (frame) => frame.set(name, value)
  const wanted = action === 'overwrite-if-exists'
  return (frame) => {
    if ((frame.header(name) !== undefined) === wanted) frame.set(name, value)
  }
}

/** A value that comes out empty changes nothing. */
function formatted({ action }: HeaderEdit, name: string, format: (stream: Stream) => string): Step {
  const wanted = action === 'overwrite-if-exists'
  return (frame, stream) => {
    const value = format(stream)
    if (value === '') return
    if (action === 'append') frame.append(name, value)
    else if (action === 'overwrite' || (frame.header(name) !== undefined) === wanted) {
      frame.set(name, value)
    }
  }
}

/** HTTP's names in lower case, RPC's as they are. */
function nameOf(name: string, { kind }: Compilation<unknown>): string {
  return kind === 'http' ? name.toLowerCase() : name
}
