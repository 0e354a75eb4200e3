import { type FieldKind, isPseudo } from './field-kind.ts'
import { type FieldName, fieldName } from './field-name.ts'
import { Mark, marksOfText } from './marks.ts'

/** How a field may be written (RFC 7541 §6.2). */
export const Indexing = {
  /** It may enter dynamic tables. */
  Incremental: 0,
  /** Its sender found it not worth a place in the table: only a hint. */
  Without: 1,
  /** It is secret: no table may ever hold it, here or at the hops behind us. */
  Never: 2,
} as const
export type Indexing = (typeof Indexing)[keyof typeof Indexing]

/**
 * One header field, checked when it was made. Fields never change: what comes in may be kept, compared by identity, and
 * sent on over any connection.
 */
export class Field {
  readonly label: FieldName
  /** One character for each byte. */
  readonly value: string
  /** Its size in a dynamic table and in SETTINGS_MAX_HEADER_LIST_SIZE: both texts and 32. */
  readonly size: number
  readonly index: Indexing
  /** 1 to 61 if exactly this pair is in the static table, else 0. */
  readonly staticIndex: number
  /** Whether name and value are what RFC 9113 §8.2.1 allows. A request with another field is malformed. */
  readonly valid: boolean

  /** `marks` are those of the value. */
  constructor(label: FieldName, value: string, index: Indexing, marks: number) {
    this.label = label
    this.value = value
    this.size = label.text.length + value.length + 32
    this.index = index
    this.staticIndex = label.staticIndex === 0 ? 0 : label.pair(value)
    this.valid = label.valid && (marks === 0 || allowed(label, value, marks))
  }

  get name(): string {
    return this.label.text
  }
  get kind(): FieldKind {
    return this.label.kind
  }
  /** The first index in the static table with this name, 0 if there is none. */
  get staticName(): number {
    return this.label.staticIndex
  }
}

/** A field of our own, made once and sent often. The name is in small letters, the characters of the value are bytes. */
export function field(name: string, value: string, index: Indexing = Indexing.Incremental): Field {
  return new Field(fieldName(name), value, index, marksOfText(value))
}

/**
 * Control characters are refused beyond the three of RFC 9113 (NUL, CR, LF), as RFC 9110 §5.5 has it and as our HTTP/1
 * does. The values of pseudo headers become words of a request line: visible ASCII alone.
 */
function allowed(label: FieldName, value: string, marks: number): boolean {
  if ((marks & Mark.Control) !== 0) return false
  if (isPseudo(label.kind)) return (marks & (Mark.Blank | Mark.High)) === 0
  if ((marks & Mark.Blank) === 0) return true
  return !blank(value.charCodeAt(0)) && !blank(value.charCodeAt(value.length - 1))
}

function blank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
