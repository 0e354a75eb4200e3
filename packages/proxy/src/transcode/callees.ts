import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import type { ServiceParts } from '../framed.ts'
import { Untranslatable } from '../transcoder.ts'

/** A method that can be called, with its service. */
export interface Callee {
  readonly service: ServiceInterface
  readonly method: Method
}

/** How a protocol names services, and methods where one name is not enough. */
export interface Naming {
  readonly protocol: string
  /** A service's whole name, as a request says it. */
  full(service: ServiceInterface): string
  /** What such a name consists of. */
  parts(name: string): ServiceParts
  /** The types of a method's parameters as a call says them; empty where they cannot be said. */
  types?(method: Method, service: ServiceInterface): string
}

/** How many names a sentence tells of those there are. */
const TOLD = 8
const NO_METHODS: ReadonlyMap<string, readonly Callee[]> = new Map()

/** The methods of declared services, by the names that a protocol has for them. */
export class Callees {
  readonly #naming: Naming
  readonly #services = new Map<string, ServiceInterface>()
  readonly #byPath = new Map<string, ServiceInterface[]>()
  readonly #methods = new Map<ServiceInterface, ReadonlyMap<string, readonly Callee[]>>()

  constructor(services: readonly ServiceInterface[], naming: Naming) {
    this.#naming = naming
    for (const service of services) {
      const name = naming.full(service)
      this.#services.set(name, service)
      add(this.#byPath, naming.parts(name).path, service)
      const methods = new Map<string, Callee[]>()
      for (const method of service.methods)
        add(methods, nameIn(naming.protocol, method), { service, method })
      this.#methods.set(service, methods)
    }
  }

  /**
   * The service that a request names; undefined where it is not declared. One that is declared without a version or a
   * group answers for all of them; of several that do, the one that says most of itself.
   */
  service(name: string): ServiceInterface | undefined {
    const exact = this.#services.get(name)
    if (exact !== undefined) return exact
    const { path, group, version } = this.#naming.parts(name)
    const fitting = (this.#byPath.get(path) ?? []).filter(
      (one) =>
        (one.group === '' || one.group === group) &&
        (one.version === '' || one.version === version),
    )
    return fitting.toSorted((one, other) => said(other) - said(one))[0]
  }

  /**
   * The method that a request names; of several with that name the one that takes these types, or the first where the
   * request does not tell. Throws `Untranslatable`, with what there is.
   */
  find(serviceName: string, methodName: string, types = ''): Callee {
    const service = this.service(serviceName)
    if (service === undefined) throw this.#unknown('service', serviceName, this.#services.keys())
    const methods = this.#methods.get(service) ?? NO_METHODS
    const named = methods.get(methodName) ?? []
    if (named.length === 0)
      throw this.#unknown('method', methodName, methods.keys(), ` of ${service.name}`)
    const [first] = named
    if (named.length === 1 || types === '') return first!
    const typed = named.map(({ method }) => this.#naming.types?.(method, service) ?? '')
    const meant = named[typed.indexOf(types)]
    if (meant !== undefined) return meant
    const there = typed.map((one) => `${methodName}(${one})`)
    throw this.#unknown('method', `${methodName}(${types})`, there, ` of ${service.name}`)
  }

  /** The method of a request that names no service: of the only one that has it. */
  findAlone(methodName: string): Callee {
    const owners = [...this.#methods.values()].filter((methods) => methods.has(methodName))
    if (owners.length === 1) return owners[0]!.get(methodName)![0]!
    if (owners.length === 0) {
      const there = [...this.#methods.values()].flatMap((methods) => [...methods.keys()])
      throw this.#unknown('method', methodName, new Set(there))
    }
    const names = owners.map((methods) => methods.get(methodName)![0]!.service.name).join(', ')
    throw new Untranslatable('service', `is not said, and ${names} have "${methodName}"`, 404)
  }

  #unknown(what: string, name: string, there: Iterable<string>, of = ''): Untranslatable {
    const known = [...there].slice(0, TOLD).join(', ')
    return new Untranslatable(what, `no ${what} "${name}"${of} is declared; there is ${known}`, 404)
  }
}

function said({ group, version }: ServiceInterface): number {
  return (group === '' ? 0 : 1) + (version === '' ? 0 : 1)
}

function add<K, V>(lists: Map<K, V[]>, key: K, one: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [one])
  else list.push(one)
}
