import type { Problem } from '@tulle/core'
import type { ServiceInterface, Struct, ValueType } from '@tulle/model'
import { usedStructs } from './used-structs.ts'

/** What Java calls the types that are the same in every service. */
const SIMPLE: Readonly<Record<Exclude<ValueType['kind'], 'struct' | 'list' | 'map'>, string>> = {
  void: 'void',
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
}

/** Letters that stand for types that are no classes, in signatures of the JVM. */
const LETTERS: Readonly<Record<string, string>> = {
  void: 'V',
  boolean: 'Z',
  byte: 'B',
  char: 'C',
  double: 'D',
  float: 'F',
  int: 'I',
  long: 'J',
  short: 'S',
}

/**
 * A type as Java source has it, such as `int`, `java.lang.String` or `com.shop.Item[]`. `java` is what the interface says,
 * if anything; what stands in angle brackets is not known at run time.
 */
export function javaType(
  type: ValueType,
  java: string,
  structs: ReadonlyMap<string, Struct>,
): string {
  if (java !== '') return java.replace(/<.*>/, '').replaceAll(' ', '')
  if (type.kind === 'list') return 'java.util.List'
  if (type.kind === 'map') return 'java.util.Map'
  return type.kind === 'struct' ? structs.get(type.name)!.java : SIMPLE[type.kind]
}

/** The same as the JVM describes it, names parted by `separator`: `I`, `Ljava/lang/String;`, `[Lcom/shop/Item;`. */
export function jvmType(name: string, separator: '/' | '.'): string {
  let end = name.length
  while (name.endsWith('[]', end)) end -= 2
  const element = name.slice(0, end)
  const dimensions = '['.repeat((name.length - end) / 2)
  return dimensions + (LETTERS[element] ?? `L${element.replaceAll('.', separator)};`)
}

/** Whether null is no value of it. */
export function isPrimitive(name: string): boolean {
  return name in LETTERS
}

/** Whether it comes with Java, so that every program knows what it is. */
export function isBuiltIn(name: string): boolean {
  return isPrimitive(name) || name.startsWith('java.') || name.endsWith('[]')
}

/** Structs that values of these services consist of, and of which nobody said what class they are. */
export function needClasses(services: readonly ServiceInterface[], at: string): Problem[] {
  const problems: Problem[] = []
  for (const [i, service] of services.entries())
    for (const name of usedStructs(service))
      if (service.structs.get(name)!.java === '')
        problems.push({
          at: `${at}[${i}].structs.${name}.java`,
          what: 'is missing: objects are written with the name of their class in Java',
        })
  return problems
}
