import type { ServiceInterface, ValueType } from '@tulle/model'

/** The names of the structs that a service's calls and answers consist of: what is declared and not used is not said. */
export function usedStructs({ structs, methods }: ServiceInterface): ReadonlySet<string> {
  const used = new Set<string>()
  for (const { parameters, returns, throws } of methods) {
    collect(returns, structs, used)
    for (const { type } of parameters) collect(type, structs, used)
    for (const { type } of throws) collect(type, structs, used)
  }
  return used
}

function collect(type: ValueType, structs: ServiceInterface['structs'], used: Set<string>): void {
  if (type.kind === 'list') collect(type.of, structs, used)
  if (type.kind === 'map') {
    collect(type.key, structs, used)
    collect(type.value, structs, used)
  }
  if (type.kind !== 'struct' || used.has(type.name)) return
  used.add(type.name)
  for (const field of structs.get(type.name)!.fields) collect(field.type, structs, used)
}
