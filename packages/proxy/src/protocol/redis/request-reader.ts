import { encodeCommand, splitInline } from './inline.ts'
import { Input } from './input.ts'
import { BAD, behind, MORE, readNumber } from './number.ts'

/** What a reader found. */
export const Got = { More: 0, Message: 1, Bad: 2, TooLarge: 3 } as const
export type Got = (typeof Got)[keyof typeof Got]

const STAR = 42
const DOLLAR = 36
const CR = 13
const LF = 10
/** Redis' own limits: arguments of a command, and bytes of one that is written as a line. */
const MOST_ARGUMENTS = 1024 * 1024
const MOST_INLINE_BYTES = 64 * 1024
/** The shortest argument: `$0`, twice CR LF. */
const LEAST_ARGUMENT_BYTES = 6

/**
 * Reads commands: arrays of bulk strings, or lines of words, which become such arrays. A command that comes in pieces is
 * gone through once.
 *
 * ```
 *  *2\r\n $3\r\n GET\r\n $6\r\n user:7\r\n       GET user:7\r\n
 *  start         nameStart                end
 * ```
 */
export class RequestReader {
  readonly input: Input = new Input()
  readonly #maxBytes: number
  /** The window of the command that was read. */
  buf: Buffer = this.input.buf
  start = 0
  end = 0
  /** Its first argument, which is its name. */
  nameStart = 0
  nameEnd = 0
  /** How many arguments it has, the name among them. */
  count = 0
  /** What is wrong, in Redis' words; of `Got.Bad`. */
  fault = ''
  /** How many bytes it would have had, of `Got.TooLarge`. */
  bytes = 0
  /** How far the command that has begun is gone through, from its start. */
  #done = 0
  #left = 0
  #need = 0
  #nameAt = 0
  #nameBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(chunk: Buffer): void {
    this.input.add(chunk, this.#need)
  }

  next(): Got {
    const { input } = this
    for (;;) {
      if (input.length < this.#need || input.length === 0) return Got.More
      if (this.#left > 0) return this.#arguments()
      if (input.buf[input.start] !== STAR) {
        const got = this.#inline()
        if (got !== null) return got
      } else {
        const got = this.#array()
        if (got !== null) return got
      }
    }
  }

  /** Null: there was nothing in it. */
  #array(): Got | null {
    const { input } = this
    const count = readNumber(input.buf, input.start + 1, input.end)
    if (count === MORE) return this.#more(0)
    if (count === BAD || count > MOST_ARGUMENTS) return this.#bad('invalid multibulk length')
    if (count <= 0) {
      input.start = behind
      return null
    }
    this.#done = behind - input.start
    const least = this.#done + count * LEAST_ARGUMENT_BYTES
    if (least > this.#maxBytes) return this.#tooLarge(least)
    this.count = count
    this.#left = count
    return this.#arguments()
  }

  #arguments(): Got {
    const { input } = this
    const { buf, start, end } = input
    let at = start + this.#done
    let left = this.#left
    while (left > 0) {
      if (at >= end) break
      if (buf[at] !== DOLLAR) return this.#bad(`expected '$', got ${shown(buf[at]!)}`)
      const length = readNumber(buf, at + 1, end)
      if (length === MORE) break
      if (length < 0) return this.#bad('invalid bulk length')
      const from = behind
      const to = from + length
      if (to + 2 - start > this.#maxBytes) return this.#tooLarge(to + 2 - start)
      if (to + 2 > end) {
        this.#need = to + 2 - start
        break
      }
      if (buf[to] !== CR || buf[to + 1] !== LF) return this.#bad('a bulk string without its end')
      if (left === this.count) {
        this.#nameAt = from - start
        this.#nameBytes = length
      }
      at = to + 2
      left--
    }
    this.#left = left
    this.#done = at - start
    if (left > 0) return Got.More
    this.#found(buf, start, at, start + this.#nameAt, this.#nameBytes)
    input.start = at
    return Got.Message
  }

  /** A line of words; null when there are none. */
  #inline(): Got | null {
    const { input } = this
    const { buf, start, end } = input
    let at = start + this.#done
    while (at < end && buf[at] !== LF) at++
    const bytes = at - start
    if (bytes > MOST_INLINE_BYTES) return this.#bad('too big inline request')
    if (bytes > this.#maxBytes) return this.#tooLarge(bytes)
    if (at === end) return this.#more(bytes)
    input.start = at + 1
    this.#done = 0
    this.#need = 0
    const words = splitInline(buf, start, at > start && buf[at - 1] === CR ? at - 1 : at)
    if (words === null) return this.#bad('unbalanced quotes in request')
    if (words.length === 0) return null
    const command = encodeCommand(words)
    const name = words[0]!
    this.count = words.length
    const header = command.indexOf(LF, command.indexOf(LF) + 1) + 1
    this.#found(command, 0, command.length, header, name.length)
    return Got.Message
  }

  #found(buf: Buffer, start: number, end: number, nameStart: number, nameBytes: number): void {
    this.buf = buf
    this.start = start
    this.end = end
    this.nameStart = nameStart
    this.nameEnd = nameStart + nameBytes
    this.#done = 0
    this.#need = 0
  }

  #more(done: number): Got {
    this.#done = done
    return Got.More
  }

  #bad(fault: string): Got {
    this.fault = fault
    return Got.Bad
  }

  #tooLarge(bytes: number): Got {
    this.bytes = bytes
    return Got.TooLarge
  }
}

function shown(byte: number): string {
  return byte > 32 && byte < 127 ? `'${String.fromCharCode(byte)}'` : `byte ${byte}`
}
