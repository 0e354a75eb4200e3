import type { Problem } from '@tulle/core'
import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import type { Frame } from '../../frame.ts'
import { Untranslatable } from '../../transcoder.ts'
import { Form, Transport } from './frame.ts'
import { header, method, prefix } from './header.ts'
import type { Voice } from './message.ts'

/** A method that can be called, with its service. */
export interface Callee {
  readonly service: ServiceInterface
  readonly method: Method
}

/** How the hosts of a service are called. */
export interface Manner {
  readonly voice: Voice
  /** The service, where it is said; empty otherwise. */
  readonly name: string
}

const MANNERS: Readonly<Record<string, Voice>> = {
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

/** What is wrong with a service's name. */
export function nameProblems(service: ServiceInterface, at: string): Problem[] {
  if (mannerOf(service) !== null) return []
  const what = `begins with none of ${Object.keys(MANNERS).join(', ')} before its colon`
  return [{ at: `${at}.names.thrift`, what }]
}

/** The services that are declared. */
export class Callees {
  readonly #services: readonly ServiceInterface[]

  constructor(services: readonly ServiceInterface[]) {
    this.#services = services
  }

  /** What a request calls. One that names no service is for the only one that has the method. */
  find(request: Frame): Callee {
    const called = method(request) ?? ''
    const before = prefix(request)
    const said = [before, ...NAMING.map((name) => header(request, name))]
    for (const name of said) {
      const service = name === undefined ? undefined : this.#named(name)
      if (service !== undefined) return { service, method: methodOf(service, called) }
    }
    if (before !== undefined)
      throw new Untranslatable('service', `nobody declares "${before}"; ${this.#known()}`, 404)
    const owners = this.#services.filter((one) => find(one, called) !== undefined)
    const [service] = owners
    if (service === undefined)
      throw new Untranslatable('method', `nobody declares "${called}"; ${this.#known()}`, 404)
    if (owners.length > 1) {
      const names = owners.map(({ name }) => name).join(', ')
      throw new Untranslatable('service', `is not said, and ${names} have "${called}"`, 404)
    }
    return { service, method: methodOf(service, called) }
  }

  #named(name: string): ServiceInterface | undefined {
    return this.#services.find((one) => one.name === name || mannerOf(one)?.name === name)
  }

  #known(): string {
    return `there is ${this.#services
      .map(({ name }) => name)
      .slice(0, 8)
      .join(', ')}`
  }
}

function methodOf(service: ServiceInterface, name: string): Method {
  const found = find(service, name)
  if (found !== undefined) return found
  const known = service.methods.map((one) => nameIn('thrift', one)).join(', ')
  throw new Untranslatable('method', `"${service.name}" has no "${name}"; there is ${known}`, 404)
}

function find({ methods }: ServiceInterface, name: string): Method | undefined {
  return methods.find((one) => nameIn('thrift', one) === name)
}
