import { type FieldKind, fieldKind } from './field-kind.ts'
import { Mark, marksOfText } from './marks.ts'
import { staticPairs } from './static-pairs.ts'

/** Longer names are made anew each time: nobody uses them, and remembering them would be a way to our memory. */
const LONGEST = 96
/** Far more names than services use. Beyond them we forget all and begin again. */
const MOST = 2048

/** Where each name is in the static table. */
const RANGES = new Map<string, { readonly first: number; readonly end: number }>()
staticPairs.forEach(([name], i) => {
  RANGES.set(name, { first: RANGES.get(name)?.first ?? i + 1, end: i + 2 })
})

let made = 0

/** The name of header fields with all that can be known about it, one object for a name wherever possible. */
export class FieldName {
  readonly text: string
  readonly kind: FieldKind
  /** Whether RFC 9113 §8.2.1 allows it: small letters and other token characters, one colon before a pseudo header. */
  readonly valid: boolean
  /** The first index in the static table with this name, 0 if there is none. */
  readonly staticIndex: number
  /** The index after its last in the static table: all indices of a name are neighbours there. */
  readonly staticEnd: number
  /** A number of its own. */
  readonly id: number

  constructor(text: string) {
    this.text = text
    this.kind = fieldKind(text)
    this.valid = wellFormed(text)
    const range = RANGES.get(text)
    this.staticIndex = range === undefined ? 0 : range.first
    this.staticEnd = range === undefined ? 0 : range.end
    this.id = made++
  }

  /** The index in the static table of exactly this name and value, 0 if there is none. */
  pair(value: string): number {
    if (this.staticIndex === 0) return 0
    for (let i = this.staticIndex; i < this.staticEnd; i++) {
      if (staticPairs[i - 1]![1] === value) return i
    }
    return 0
  }
}

const STATIC: readonly FieldName[] = Array.from(RANGES.keys(), (name) => new FieldName(name))
const known = new Map<string, FieldName>()
forget()

/** The name made of these characters. */
export function fieldName(text: string): FieldName {
  const name = known.get(text)
  return name !== undefined ? name : learn(text)
}

function learn(text: string): FieldName {
  const name = new FieldName(text)
  if (text.length > LONGEST) return name
  if (known.size === MOST) forget()
  known.set(text, name)
  return name
}

function forget(): void {
  known.clear()
  for (const name of STATIC) known.set(name.text, name)
}

function wellFormed(text: string): boolean {
  const token = text.startsWith(':') ? text.slice(1) : text
  return token !== '' && (marksOfText(token) & Mark.NotName) === 0
}
