import type { Member, Method, Struct, ValueType } from '@tulle/model'

/** What Java names no parameters by. */
const NOTHING = 'void'

/**
 * A method's parameters as Motan tells methods of one name apart, such as `java.lang.String,int,byte[]`; null where a
 * class cannot be named.
 */
export function describe(
  { parameters }: Method,
  structs: ReadonlyMap<string, Struct>,
): string | null {
  if (parameters.length === 0) return NOTHING
  const names = parameters.map((one) => javaName(one, structs))
  return names.includes('') ? null : names.join(',')
}

/** A parameter's class; empty where nobody said it. */
function javaName({ java, type }: Member, structs: ReadonlyMap<string, Struct>): string {
  return java === '' ? classOf(type, structs) : java
}

/** The class that a type has in an interface, where nothing else is said. */
function classOf(type: ValueType, structs: ReadonlyMap<string, Struct>): string {
  switch (type.kind) {
    case 'struct':
      return structs.get(type.name)?.java ?? ''
    default:
      return declared[type.kind]
  }
}

const declared = {
  void: NOTHING,
  any: 'java.lang.Object',
  bool: 'boolean',
  string: 'java.lang.String',
  bytes: 'byte[]',
  date: 'java.util.Date',
  i8: 'byte',
  i16: 'short',
  i32: 'int',
  i64: 'long',
  float: 'float',
  double: 'double',
  list: 'java.util.List',
  map: 'java.util.Map',
} as const

/** The class of a value itself, as Motan1 says it with a result. */
export function valueClass(type: ValueType, structs: ReadonlyMap<string, Struct>): string {
  switch (type.kind) {
    case 'struct':
      return structs.get(type.name)?.java || 'java.util.HashMap'
    default:
      return boxed[type.kind]
  }
}

const boxed = {
  ...declared,
  bool: 'java.lang.Boolean',
  bytes: '[B',
  i8: 'java.lang.Byte',
  i16: 'java.lang.Short',
  i32: 'java.lang.Integer',
  i64: 'java.lang.Long',
  float: 'java.lang.Float',
  double: 'java.lang.Double',
  list: 'java.util.ArrayList',
  map: 'java.util.HashMap',
} as const

/** What Java's own simple serialisation reads where it is declared: the rest needs Hessian. */
const plain: ReadonlySet<string> = new Set([
  '',
  ...Object.values(declared),
  ...Object.values(boxed),
  'java.lang.Object',
  'java.util.Set',
  'java.util.Collection',
  'java.lang.String[]',
])

/** Whether a parameter's class, where it is said, is one that needs no Hessian. */
export function isPlainClass({ java }: Member): boolean {
  return plain.has(java)
}
