import type { ServiceInterface } from '@tulle/model'
import type { Frame } from '../../frame.ts'
import type { Callee, Callees, Naming } from '../../transcode/callees.ts'
import { Form, Transport } from './frame.ts'
import { header, method, prefix } from './header.ts'
import type { Voice } from './message.ts'

/** How the hosts of a service are called. */
export interface Manner {
  readonly voice: Voice
  /** The service, where it is said; empty otherwise. */
  readonly name: string
}

/** What may stand before the colon in a service's name. */
export const MANNERS: Readonly<Record<string, Voice>> = {
  binary: { transport: Transport.Framed, form: Form.Strict, inner: false },
  compact: { transport: Transport.Framed, form: Form.Compact, inner: false },
  theader: { transport: Transport.THeader, form: Form.Strict, inner: false },
  ttheader: { transport: Transport.TTHeader, form: Form.Strict, inner: false },
}
const PLAIN: Manner = { voice: MANNERS.binary!, name: '' }
/** Headers that may name a service, beside what stands before the method's name. */
const NAMING: readonly string[] = ['to_service', 'isn', 'svc']

/**
 * What the name that a service has in Thrift says; null when it says nothing that is known.
 *
 * | name            | calls are                                                               |
 * |-----------------|-------------------------------------------------------------------------|
 * | none            | framed strict binary, the method alone: for a server of one service      |
 * | `Stock`         | the same, as `Stock:method`: for a server of several                     |
 * | `compact:Stock` | in compact form; `compact:` is without the service                       |
 * | `theader:Stock` | by THeader, so that headers and time-outs travel                         |
 * | `ttheader:Stock`| by TTHeader, where the service is a header                               |
 */
export function mannerOf({ names }: ServiceInterface): Manner | null {
  const said = names.thrift
  if (said === undefined) return PLAIN
  const colon = said.indexOf(':')
  if (colon === -1) return { ...PLAIN, name: said }
  const voice = MANNERS[said.slice(0, colon)]
  return voice === undefined ? null : { voice, name: said.slice(colon + 1) }
}

/** As hosts of several services name them. */
export const naming: Naming = {
  protocol: 'thrift',
  full: (service) => mannerOf(service)?.name || service.name,
  parts: (path) => ({ group: '', path, version: '' }),
}

/**
 * What a request calls. Of all that may name its service, the first that names a declared one counts: callers that
 * discover services by other names put those beside. A request that names none is for the only one that has the method.
 */
export function calleeOf(request: Frame, callees: Callees): Callee {
  const called = method(request) ?? ''
  const before = prefix(request)
  for (const name of [before, ...NAMING.map((one) => header(request, one))])
    if (name !== undefined && callees.service(name) !== undefined) return callees.find(name, called)
  return before === undefined ? callees.findAlone(called) : callees.find(before, called)
}
