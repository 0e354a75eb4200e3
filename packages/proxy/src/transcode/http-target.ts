import { Untranslatable, type Value } from '../transcoder.ts'
import type { HttpMethod } from './http-rule.ts'

/** A segment of dots within a text. */
const STEP = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/

/** Takes the parameters that stand in the path out of the arguments. */
export function pathOf({ segments }: HttpMethod, args: Map<string, Value>): string {
  return segments
    .map(({ text, parameter }) => {
      if (!parameter) return `/${text}`
      const field = `arguments.${text}`
      const said = scalar(args.get(text) ?? null, field)
      args.delete(text)
      return `/${segment(said, field)}`
    })
    .join('')
}

/** Dots between slashes lead to another path, also where a host decodes them first. */
function segment(text: string, field: string): string {
  if (text === '' || STEP.test(text))
    throw new Untranslatable(field, `${JSON.stringify(text)} cannot stand in a path`)
  return encodeURIComponent(text.toWellFormed())
}

/** What is left of the arguments, as a query. */
export function queryOf(args: ReadonlyMap<string, Value>): string {
  const query = new URLSearchParams()
  for (const [name, value] of args)
    if (value !== null) query.append(name, scalar(value, `arguments.${name}`))
  return query.size === 0 ? '' : `?${query}`
}

/** Takes what stands in the body out of the arguments. */
export function bodyFor({ body }: HttpMethod, args: Map<string, Value>): Value {
  const value = body === '*' ? Object.fromEntries(args) : (args.get(body) ?? null)
  if (body === '*') args.clear()
  else args.delete(body)
  return value
}

function scalar(value: Value, field: string): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
  }
  if (value instanceof Date) return value.toISOString()
  throw new Untranslatable(field, 'stands in the path or the query, which take text and numbers')
}
