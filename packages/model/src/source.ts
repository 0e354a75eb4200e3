import { bad, good, type Problem, type Result } from '@tulle/core'
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
} from 'yaml'
import { isObject, stepsOf } from './decode/index.ts'

type Parsed = ReturnType<typeof parseDocument<ParsedNode>>

/**
 * A configuration file: its data, and on which line each piece of it stands. JSON is parsed by the runtime, which is many
 * times faster; the slower parser that knows lines looks at it only when somebody asks for one.
 */
export class Source {
  readonly file: string
  readonly #text: string
  readonly #lines = new LineCounter()
  #document: Parsed | null = null

  constructor(text: string, file: string) {
    this.#text = text
    this.file = file
  }

  /** The file's data, or what is wrong with its syntax, each with its line. */
  read(): Result<unknown> {
    const json = this.#readJson()
    if (json !== undefined) return isEndless(json) ? bad(this.#endless()) : good(json)
    const { errors, warnings } = this.#parsed
    const wrong = [...errors, ...warnings]
    if (wrong.length > 0) {
      return bad(
        ...wrong.map(({ code, message, pos }) => ({
          at: `${this.file}:${this.#lines.linePos(pos[0]).line}`,
          what: code === 'MULTIPLE_DOCS' ? SEVERAL : sentence(message),
        })),
      )
    }
    return this.#readYaml()
  }

  /** The same problems, each with file, line and path: `envoy.yaml:12: static_resources.clusters[0].type`. */
  locate(problems: readonly Problem[]): readonly Problem[] {
    return problems
      .map((problem) => ({ problem, line: this.#lineOf(problem.at) }))
      .sort((a, b) => a.line - b.line)
      .map(({ problem: { at, what }, line }) => ({
        at: at === '' ? `${this.file}:${line}` : `${this.file}:${line}: ${at}`,
        what,
      }))
  }

  #readJson(): unknown {
    if (!/^\s*\{/.test(this.#text)) return undefined
    try {
      return JSON.parse(this.#text)
    } catch {
      // Flow-style YAML begins the same way, and the YAML parser says better where JSON is broken.
      return undefined
    }
  }

  #readYaml(): Result<unknown> {
    try {
      const value: unknown = this.#parsed.toJS()
      if (value === null || value === undefined)
        return bad({ at: `${this.file}:1`, what: 'the file is empty' })
      return isEndless(value) ? bad(this.#endless()) : good(value)
    } catch (error) {
      return bad({ at: `${this.file}:1`, what: sentence((error as Error).message) })
    }
  }

  #endless(): Problem {
    return { at: `${this.file}:1`, what: `values are nested more than ${DEEPEST} deep` }
  }

  get #parsed(): Parsed {
    this.#document ??= parseDocument(this.#text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
    })
    return this.#document
  }

  /** The line of what stands at `path`, or of the innermost thing around it that is there. */
  #lineOf(path: string): number {
    let node: Node | null = this.#parsed.contents
    let offset = node?.range?.[0] ?? 0
    for (const step of stepsOf(path)) {
      if (isAlias(node)) node = node.resolve(this.#parsed) ?? null
      if (!isCollection(node)) break
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && isSpelling(String(key.value), step))
        : undefined
      const next = pair ? pair.value : node.items[Number(step)]
      if (next === undefined) break
      offset = rangeOf(pair?.key) ?? rangeOf(next) ?? offset
      node = next as Node | null
    }
    return this.#lines.linePos(offset).line
  }
}

function rangeOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

/** Whether `key` is the field `step` in one of its two spellings. */
function isSpelling(key: string, step: string | number): boolean {
  return key === step || key.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`) === step
}

/** The parser's words: lower case at the beginning, without the line they end in. */
function sentence(message: string): string {
  const line = message.split('\n')[0]!.replace(/:$/, '')
  return line.charAt(0).toLowerCase() + line.slice(1)
}

const DEEPEST = 100
const SEVERAL = 'a second document begins here; a configuration is one'

/** Whether a value is nested deeper than anything sensible is, as one that holds itself by an alias. */
function isEndless(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth > DEEPEST) return true
  const inner = isObject(value) ? Object.values(value) : (value as readonly unknown[])
  return inner.some((it) => isEndless(it, depth + 1))
}
