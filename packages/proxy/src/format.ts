import { good, type Problem, type Result } from '@tulle/core'
import { compilePieces, type Deep } from './format/compile.ts'
import type { Read } from './format/operator.ts'
import type { Stream } from './stream.ts'

/** Writes what a format says about one stream. */
export type Format = (stream: Stream) => string

export interface FormatOptions {
  /** Where the template stands, for problems. @default '' */
  readonly at?: string
  /** What stands in text for something there is not. @default '-' */
  readonly missing?: string
  /** Told how deep the template's operators read messages. */
  readonly deep?: Deep
}

const indifferent: Deep = () => {}

/**
 * Compiles text with Envoy's command operators (`%REQ(:PATH)%`), or tells all that is wrong with it. Control characters
 * in what operators find are written as `\x0a`, so that nobody can forge a line or a header by a value.
 */
export function compileFormat(template: string, options: FormatOptions = {}): Result<Format> {
  const { at = '', missing = '-', deep = indifferent } = options
  const problems: Problem[] = []
  const pieces = compilePieces(template, (what) => problems.push({ at, what }), deep)
  if (problems.length > 0) return { ok: false, problems }
  const only = pieces[0] ?? ''
  if (pieces.length <= 1 && typeof only === 'string') return good(() => only)
  return good((stream) => {
    let text = ''
    for (const piece of pieces) text += typeof piece === 'string' ? piece : found(piece(stream))
    return text
  })

  function found(value: string | number | null): string {
    if (value === null) return missing
    return typeof value === 'string' ? printable(value) : String(value)
  }
}

/**
 * Compiles an object whose strings hold operators into one line of JSON, its end of line included. A string that is one
 * operator and nothing else keeps the type of what it finds: a number, or null when there is none.
 */
export function compileJsonFormat(
  template: Readonly<Record<string, unknown>>,
  options: FormatOptions = {},
): Result<Format> {
  const problems: Problem[] = []
  const { missing = '-', deep = indifferent } = options
  const parts = new JsonParts(missing, problems, deep)
  parts.add(template, options.at ?? '')
  parts.literal('\n')
  if (problems.length > 0) return { ok: false, problems }
  const writers = parts.all
  return good((stream) => {
    let line = ''
    for (const part of writers) line += typeof part === 'string' ? part : part(stream)
    return line
  })
}

/** The pieces of a JSON line, in the order in which they are written: text that never changes, and what is filled in. */
class JsonParts {
  readonly all: (string | Format)[] = []
  readonly #missing: string
  readonly #problems: Problem[]
  readonly #deep: Deep

  constructor(missing: string, problems: Problem[], deep: Deep) {
    this.#missing = missing
    this.#problems = problems
    this.#deep = deep
  }

  add(value: unknown, at: string): void {
    if (typeof value === 'string') this.#text(value, at)
    else if (Array.isArray(value)) this.#list(value, at)
    else if (typeof value === 'object' && value !== null) this.#object(value, at)
    else this.literal(JSON.stringify(value) ?? 'null')
  }

  literal(text: string): void {
    const last = this.all.at(-1)
    if (typeof last === 'string') this.all[this.all.length - 1] = last + text
    else this.all.push(text)
  }

  #object(value: object, at: string): void {
    let before = '{'
    for (const [key, inner] of Object.entries(value)) {
      this.literal(`${before}${JSON.stringify(key)}:`)
      this.add(inner, at === '' ? key : `${at}.${key}`)
      before = ','
    }
    this.literal(before === '{' ? '{}' : '}')
  }

  #list(value: readonly unknown[], at: string): void {
    this.literal('[')
    for (const [index, inner] of value.entries()) {
      if (index > 0) this.literal(',')
      this.add(inner, `${at}[${index}]`)
    }
    this.literal(']')
  }

  #text(template: string, at: string): void {
    const say = (what: string): void => void this.#problems.push({ at, what })
    const pieces = compilePieces(template, say, this.#deep)
    const [first = ''] = pieces
    if (pieces.length > 1) this.all.push(this.#joined(pieces))
    else if (typeof first === 'string') this.literal(JSON.stringify(first))
    else this.all.push((stream) => JSON.stringify(first(stream)))
  }

  #joined(pieces: readonly (string | Read)[]): Format {
    const missing = this.#missing
    return (stream) => {
      let text = ''
      for (const piece of pieces)
        text += typeof piece === 'string' ? piece : (piece(stream) ?? missing)
      return JSON.stringify(text)
    }
  }
}

/** The value without control characters; nearly all values are returned as they are. */
function printable(value: string): string {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return escaped(value)
  }
  return value
}

function escaped(value: string): string {
  let out = ''
  for (const letter of value) {
    const code = letter.charCodeAt(0)
    out += code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : letter
  }
  return out
}
