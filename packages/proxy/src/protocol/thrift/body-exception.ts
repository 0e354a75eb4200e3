import type { Member, Method, Struct } from '@tulle/model'
import { type ExceptionAnswer, Untranslatable, type Value } from '../../transcoder.ts'
import type { Form } from './frame.ts'
import { writeBody } from './write-body.ts'

/** The fields of a struct by their names. */
export type Fields = Readonly<Record<string, Value>>

/** What exceptions call their text. */
const MESSAGES: readonly string[] = ['message', 'msg', 'errorMessage', 'reason', 'why', 'what']

/** An exception that the method declares, as its fields were read. */
export function thrown(
  struct: Struct,
  detail: Fields,
  headers: ReadonlyMap<string, string>,
): ExceptionAnswer {
  const said = MESSAGES.map((name) => detail[name]).find((one) => typeof one === 'string')
  const type = struct.java === '' ? struct.name : struct.java
  return { kind: 'exception', type, message: said ?? '', detail, headers }
}

/** An exception as the result of a method that declares it; null where it does not. */
export function exceptionBody(
  { type, message: text, detail }: ExceptionAnswer,
  { throws }: Method,
  structs: ReadonlyMap<string, Struct>,
  form: Form,
): Buffer | null {
  const member = throws.find((one) => isOf(type, one, structs))
  if (member?.type.kind !== 'struct') return null
  const struct = structs.get(member.type.name)!
  const write = (value: Value): Buffer =>
    writeBody(form, [member], [value], structs, () => 'exception')
  try {
    return write(detailed(struct, detail, text))
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    // Details that do not fit are left out: the exception itself is worth more.
    return write(detailed(struct, null, text))
  }
}

/** An exception may come by its class in Java, by its name, or by that without the package. */
function isOf(
  type: string,
  { type: declared }: Member,
  structs: ReadonlyMap<string, Struct>,
): boolean {
  if (type === '' || declared.kind !== 'struct') return false
  const { name, java } = structs.get(declared.name)!
  return type === java || type === name || last(type) === last(name)
}

function last(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** What is declared of the details, and the text in the field that exceptions have for it. */
function detailed({ fields }: Struct, detail: Value, text: string): Value {
  const given = isFields(detail) ? detail : {}
  const known = fields.filter(({ name }) => given[name] !== undefined)
  const value: Record<string, Value> = Object.fromEntries(
    known.map(({ name }) => [name, given[name]!]),
  )
  const texts = fields.filter(({ type }) => type.kind === 'string').map(({ name }) => name)
  const field = MESSAGES.find((name) => texts.includes(name))
  if (field !== undefined && text !== '') value[field] ??= text
  return value
}

function isFields(value: Value): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  )
}
