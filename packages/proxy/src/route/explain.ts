import type { Frame } from '../frame.ts'
import type { RouteKind } from './compilation.ts'
import { pathOf } from './path.ts'

/** How many domains a sentence names. */
const SHOWN = 5
/** How much of a request's own words a sentence repeats. */
const LONGEST = 100

/** Why there is no virtual host for a request. */
export function noHost(
  kind: RouteKind,
  table: string,
  domain: string,
  known: readonly string[],
): string {
  const what = kind === 'http' ? 'host' : 'service'
  const whose = domain === '' ? `a request that names no ${what}` : `${what} ${quoted(domain)}`
  return `no virtual host of ${quoted(table)} takes ${whose} (${listed(known)})`
}

/** Why no route of a virtual host takes a request. */
export function noRoute(kind: RouteKind, host: string, routes: number, request: Frame): string {
  if (routes === 0) return `virtual host ${quoted(host)} has no routes`
  const whose = kind === 'http' ? pathWords(request) : methodWords(request)
  const count = routes === 1 ? 'it has one' : `it has ${routes}`
  return `no route in virtual host ${quoted(host)} matches ${whose} with its headers (${count})`
}

function pathWords(request: Frame): string {
  const path = pathOf(request.header(':path') ?? '')
  return `${request.header(':method') ?? 'path'} ${quoted(path)}`
}

function methodWords(request: Frame): string {
  const method = request.protocol.method(request)
  const service = request.protocol.service(request) ?? ''
  if (method === undefined) return `this request of service ${quoted(service)}`
  return `method ${quoted(method)} of service ${quoted(service)}`
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'it has none'
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN
    ? `known: ${shown} and ${names.length - SHOWN} more`
    : `known: ${shown}`
}

function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}
