import { type Place, quoted, type Type } from '../decode/index.ts'
import type { ValueType } from '../interface.ts'

const SIMPLE = [
  'void',
  'any',
  'bool',
  'string',
  'bytes',
  'date',
  'i8',
  'i16',
  'i32',
  'i64',
  'float',
  'double',
] as const

const SYNTAX = `${SIMPLE.join(', ')}, list<T>, map<K, V> or the name of a struct`

/** A type as one writes it: `i32`, `list<Item>`, `map<string, double>`. */
export const valueType: Type<ValueType> = {
  name: 'type of a value',
  parts: [],
  message: null,
  read(value, at) {
    const parsed = typeof value === 'string' ? parse(value) : null
    if (parsed !== null) return parsed
    at.say(`must be ${SYNTAX}, not ${quoted(value)}`)
    return { kind: 'any' }
  },
  blank: () => ({ kind: 'any' }),
  show: showType,
}

/** As one writes it. */
export function showType(type: ValueType): string {
  if (type.kind === 'list') return `list<${showType(type.of)}>`
  if (type.kind === 'map') return `map<${showType(type.key)}, ${showType(type.value)}>`
  return type.kind === 'struct' ? type.name : type.kind
}

/** The names of structs in a type. */
export function structsIn(type: ValueType): readonly string[] {
  if (type.kind === 'list') return structsIn(type.of)
  if (type.kind === 'map') return [...structsIn(type.key), ...structsIn(type.value)]
  return type.kind === 'struct' ? [type.name] : []
}

function parse(text: string): ValueType | null {
  const tokens = text.match(/[\w.$]+|[<>,]|\S/g) ?? []
  let at = 0
  const next = (): string | undefined => tokens[at++]
  const one = (): ValueType | null => {
    const name = next()
    if (name === undefined || !/^[A-Za-z_]/.test(name)) return null
    if (name === 'list') return within((of) => ({ kind: 'list', of }))
    if (name === 'map') return pair()
    const kind = SIMPLE.find((simple) => simple === name)
    return kind === undefined ? { kind: 'struct', name } : { kind }
  }
  const within = (make: (of: ValueType) => ValueType): ValueType | null => {
    const of = next() === '<' ? one() : null
    return of !== null && next() === '>' ? make(of) : null
  }
  const pair = (): ValueType | null => {
    const key = next() === '<' ? one() : null
    const value = key !== null && next() === ',' ? one() : null
    return key !== null && value !== null && next() === '>' ? { kind: 'map', key, value } : null
  }
  const type = one()
  return at === tokens.length ? type : null
}

/** Complains of structs that nobody declared. */
export function needStructs(type: ValueType, known: ReadonlySet<string>, at: Place): void {
  for (const name of structsIn(type))
    if (!known.has(name)) at.say(`no type "${name}": it is neither built in nor among "structs"`)
}
