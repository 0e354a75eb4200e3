import type { Type } from './type.ts'

/** One option, as the documentation shows it. */
export interface OptionDoc {
  /** The message's full name. */
  readonly message: string
  readonly field: string
  readonly type: string
  /** As one would write it; empty when there is nothing to write. */
  readonly default: string
  readonly help: string
  readonly support: 'required' | 'optional' | 'unused' | 'unsupported'
}

/** Every option of these messages and of all they hold, message by message in the order in which one meets them. */
export function optionsOf(...roots: readonly Type<unknown>[]): readonly OptionDoc[] {
  const options: OptionDoc[] = []
  const seen = new Set<string>()
  const waiting = [...roots]
  for (let type = waiting.shift(); type; type = waiting.shift()) {
    if (type.message === null) {
      waiting.unshift(...type.parts)
    } else if (!seen.has(type.message.name)) {
      seen.add(type.message.name)
      options.push(...fieldsOf(type.message))
      waiting.unshift(...type.parts)
    }
  }
  return options
}

function fieldsOf(message: NonNullable<Type<unknown>['message']>): OptionDoc[] {
  return Object.entries(message.fields).map(([field, { type, shown, help, support }]) => ({
    message: message.name,
    field,
    type: type?.name ?? '',
    default: shown,
    help,
    support,
  }))
}
