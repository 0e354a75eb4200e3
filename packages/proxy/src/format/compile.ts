import { nearest } from '@tulle/model'
import type { Depth } from '../protocol.ts'
import type { Read } from './operator.ts'
import { operators } from './operators.ts'
import { type Call, parse } from './parse.ts'

const NO_SESSION_ID = 'sessions go on by tickets here, which are not told by an id'

/** Operators of other proxies that are known here by name, with the reason why they cannot be had. */
const ABSENT: Readonly<Record<string, string>> = {
  CONNECTION_ID: 'connections have no number here; %DOWNSTREAM_REMOTE_ADDRESS% tells them apart',
  DOWNSTREAM_TLS_SESSION_ID: NO_SESSION_ID,
  UPSTREAM_TLS_SESSION_ID: NO_SESSION_ID,
}

/** Told how deep an operator reads messages, with the operator as it stands in the template. */
export type Deep = (depth: Depth, operator: string) => void

/** A template ready to be filled in: literal text and what to read, in turn. */
export function compilePieces(
  template: string,
  say: (what: string) => void,
  deep: Deep,
): (string | Read)[] {
  return parse(template, say).map((piece) =>
    typeof piece === 'string' ? piece : compileCall(piece, say, deep),
  )
}

function compileCall(
  { name, argument, limit }: Call,
  say: (what: string) => void,
  deep: Deep,
): Read {
  const operator = Object.hasOwn(operators, name) ? operators[name]! : null
  if (operator === null) {
    say(Object.hasOwn(ABSENT, name) ? `%${name}% is not supported: ${ABSENT[name]}` : unknown(name))
    return () => null
  }
  if (operator.argument === '' && argument !== null) say(`%${name}% takes nothing in brackets`)
  if (operator.required && argument === null) {
    say(`%${name}% needs brackets: %${name}(${operator.argument})%`)
    return () => null
  }
  if (limit !== null && !operator.required) say(`%${name}% takes no length ":${limit}"`)
  if (operator.reads !== undefined)
    deep(operator.reads, argument === null ? `%${name}%` : `%${name}(${argument})%`)
  const read = operator.compile(argument ?? '', say)
  return limit === null ? read : cut(read, limit)
}

function unknown(name: string): string {
  const meant = nearest(name.toUpperCase(), Object.keys(operators))
  const advice = meant ? `did you mean %${meant}%?` : `known: ${Object.keys(operators).join(', ')}`
  return `%${name}% is not an operator; ${advice}`
}

function cut(read: Read, limit: number): Read {
  return (stream) => {
    const value = read(stream)
    return typeof value === 'string' ? value.slice(0, limit) : value
  }
}
