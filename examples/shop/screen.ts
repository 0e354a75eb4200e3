import { stripVTControlCharacters } from 'node:util'

/** Where the shop is shown: a terminal, or anything that takes lines. */
export interface Screen {
  /** Text that stays. */
  print(text: string): void
  /** Something happened. */
  say(sentence: string, at?: number): void
  /** How things are: `line` says the new, `table` is what may have changed. */
  show(line: string, table: readonly string[]): void
  /** The last that is said. */
  close(text: string): void
}

type Out = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/** A screen that fits what is written to. */
export function screenOn(out: Out): Screen {
  return out.isTTY ? new LiveScreen(out) : new PlainScreen(out)
}

/** Everything is a line. The table is shown once: what changes in it is said when it happens. */
class PlainScreen implements Screen {
  readonly #out: Out
  #tableShown = false

  constructor(out: Out) {
    this.#out = out
  }

  print(text: string): void {
    this.#out.write(`${text}\n`)
  }

  say(sentence: string, at = Date.now()): void {
    this.print(`${time(at)} ${stripVTControlCharacters(sentence)}`)
  }

  show(line: string, table: readonly string[]): void {
    if (!this.#tableShown) this.print(`${table.join('\n')}\n`)
    this.#tableShown = true
    this.say(line)
  }

  close(text: string): void {
    this.print(text)
  }
}

/** What happened scrolls; table and line stay at the bottom and are drawn anew. */
class LiveScreen implements Screen {
  readonly #out: Out
  #block: readonly string[] = []

  constructor(out: Out) {
    this.#out = out
  }

  print(text: string): void {
    this.#draw(`${text}\n`, this.#block)
  }

  say(sentence: string, at = Date.now()): void {
    this.print(`${time(at)} ${stripVTControlCharacters(sentence)}`)
  }

  show(line: string, table: readonly string[]): void {
    this.#draw('', ['', ...table, '', line])
  }

  close(text: string): void {
    this.#draw(`${text}\n`, [])
  }

  /** Takes the block away, writes what stays, and puts a block below it. A line that wrapped would be counted wrong. */
  #draw(text: string, block: readonly string[]): void {
    const up = this.#block.length === 0 ? '' : `\x1b[${this.#block.length}A`
    const lines = block.map((line) => `${line.slice(0, this.#out.columns - 1)}\n`)
    this.#out.write(`${up}\r\x1b[J${text}${lines.join('')}`)
    this.#block = block
  }
}

/** `12:00:01.250`, local time. */
function time(at: number): string {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`
}
