import type { Place } from './place.ts'

/** Complains when more than one of these fields was given. */
export function atMostOne(at: Place, fields: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(fields).filter((name) => fields[name] !== null)
  if (given.length > 1) at.say(`only one of ${names(given, 'and')} may be given`)
}

/**
 * Complains unless exactly one of these fields was given; says nothing of a missing one where a field was given that
 * is unknown or refused.
 */
export function exactlyOne(at: Place, fields: Readonly<Record<string, unknown>>): void {
  atMostOne(at, fields)
  const all = Object.keys(fields)
  if (at.puzzled || all.some((name) => fields[name] !== null)) return
  at.say(all.length === 1 ? `"${all[0]}" is missing` : `one of ${names(all, 'or')} is missing`)
}

function names(all: readonly string[], last: 'and' | 'or'): string {
  const quotes = all.map((name) => `"${name}"`)
  return `${quotes.slice(0, -1).join(', ')} ${last} ${quotes.at(-1)}`
}
