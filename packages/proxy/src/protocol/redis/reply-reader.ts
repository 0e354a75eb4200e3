import { Input } from './input.ts'
import { BAD, behind, MORE, readNumber } from './number.ts'
import { Got } from './request-reader.ts'

/** The first byte of a value says what it is: RESP2, and RESP3 from the underscore on. */
export const Resp = {
  Simple: 43,
  Error: 45,
  Integer: 58,
  Bulk: 36,
  Array: 42,
  Null: 95,
  Boolean: 35,
  Double: 44,
  BigNumber: 40,
  BulkError: 33,
  Verbatim: 61,
  Map: 37,
  Set: 126,
  Attribute: 124,
  Push: 62,
} as const

const CR = 13
const LF = 10
/** Values within values; the deepest answer of Redis' own has about ten. */
export const MAX_DEPTH = 64
/** The shortest value: `_` and its line's end. */
const LEAST_VALUE_BYTES = 3

/**
 * Reads values of any kind, each of which is an answer, or a push that nobody asked for. What a value holds is gone
 * through once, however it is cut, without a call of its own for what is inside.
 *
 * ```
 *  *2\r\n  :1\r\n  *1\r\n  $2\r\nhi\r\n        owed:  [1]  [1 2]  [1 1]  [1 1 1]  [1 1 0] → [1 0] → [0]: whole
 * ```
 */
export class ReplyReader {
  readonly input: Input = new Input()
  readonly #maxBytes: number
  /** The window of the value that was read. */
  buf: Buffer = this.input.buf
  start = 0
  end = 0
  /** What is wrong; of `Got.Bad`. */
  fault = ''
  /** How many bytes it would have had, of `Got.TooLarge`. */
  bytes = 0
  /** How many values each aggregate that is open still owes. */
  readonly #owed: Int32Array = new Int32Array(MAX_DEPTH + 1)
  #depth = 0
  /** How far the value that has begun is gone through, and how far its last line, from its start. */
  #done = 0
  #seen = 0
  #need = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#owed[0] = 1
  }

  add(chunk: Buffer): void {
    this.input.add(chunk, this.#need)
  }

  next(): Got {
    const { input } = this
    if (input.length < this.#need) return Got.More
    const { buf, start, end } = input
    let at = start + this.#done
    while (at < end) {
      const type = buf[at]
      let inside = 0
      switch (type) {
        case Resp.Simple:
        case Resp.Error:
        case Resp.Integer:
        case Resp.Null:
        case Resp.Boolean:
        case Resp.Double:
        case Resp.BigNumber: {
          const eol = this.#endOfLine(at)
          if (eol < 0) return eol === BAD ? this.#bad('a line that is cut in two') : this.#more(at)
          at = eol
          break
        }
        case Resp.Bulk:
        case Resp.BulkError:
        case Resp.Verbatim: {
          const length = readNumber(buf, at + 1, end)
          if (length === MORE) return this.#more(at)
          if (length === BAD || (length < 0 && type !== Resp.Bulk))
            return this.#bad('a bulk string without a length')
          if (length < 0) at = behind
          else {
            const to = behind + length
            if (to + 2 - start > this.#maxBytes) return this.#tooLarge(to + 2 - start)
            if (to + 2 > end) {
              this.#need = to + 2 - start
              return this.#more(at)
            }
            if (buf[to] !== CR || buf[to + 1] !== LF)
              return this.#bad('a bulk string without its end')
            at = to + 2
          }
          break
        }
        case Resp.Array:
        case Resp.Set:
        case Resp.Push:
        case Resp.Map:
        case Resp.Attribute: {
          const count = readNumber(buf, at + 1, end)
          if (count === MORE) return this.#more(at)
          if (count === BAD || (count < 0 && type !== Resp.Array))
            return this.#bad('an aggregate without a count')
          inside = type === Resp.Map || type === Resp.Attribute ? count * 2 : count
          const least = behind - start + inside * LEAST_VALUE_BYTES
          if (least > this.#maxBytes) return this.#tooLarge(least)
          at = behind
          // What an attribute tells of follows it: the value that was owed is still owed.
          if (type === Resp.Attribute) this.#owed[this.#depth]!++
          break
        }
        default:
          return this.#bad(`a value of unknown type, byte ${type}`)
      }
      if (at - start > this.#maxBytes) return this.#tooLarge(at - start)
      if (inside > 0) {
        if (this.#depth === MAX_DEPTH) return this.#bad(`values nested deeper than ${MAX_DEPTH}`)
        this.#owed[++this.#depth] = inside
      } else if (this.#closes()) return this.#found(at)
    }
    return this.#more(at)
  }

  /** A value is over, and with it each aggregate whose last one it was. True: the outermost is. */
  #closes(): boolean {
    const owed = this.#owed
    let depth = this.#depth
    while (--owed[depth]! === 0) {
      if (depth === 0) {
        owed[0] = 1
        this.#depth = 0
        return true
      }
      depth--
    }
    this.#depth = depth
    return false
  }

  /** Where the line that begins here ends; `MORE` when that has not come, `BAD` when half of it has. */
  #endOfLine(at: number): number {
    const { buf, start, end } = this.input
    for (let i = Math.max(at + 1, start + this.#seen); i < end; i++) {
      if (buf[i] === LF) return BAD
      if (buf[i] !== CR) continue
      if (i + 1 === end) {
        this.#seen = i - start
        return MORE
      }
      return buf[i + 1] === LF ? i + 2 : BAD
    }
    this.#seen = end - start
    return MORE
  }

  #found(at: number): Got {
    const { input } = this
    this.buf = input.buf
    this.start = input.start
    this.end = at
    input.start = at
    this.#done = 0
    this.#seen = 0
    this.#need = 0
    return Got.Message
  }

  #more(at: number): Got {
    const { length, start } = this.input
    this.#done = at - start
    return length > this.#maxBytes ? this.#tooLarge(length) : Got.More
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
