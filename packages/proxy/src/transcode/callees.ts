import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import { Untranslatable } from '../transcoder.ts'

/** A method that can be called, with its service. */
export interface Callee {
  readonly service: ServiceInterface
  readonly method: Method
}

/** How a protocol names services. */
export interface Naming {
  readonly protocol: string
  /** Its whole name, as a request says it. */
  full(service: ServiceInterface): string
  /** A whole name without version and group. */
  bare(fullName: string): string
}

/** How many names a sentence tells of those there are. */
const TOLD = 8

/** The methods of declared services, by the names a protocol has for them. */
export class Callees {
  readonly #naming: Naming
  readonly #services = new Map<string, ServiceInterface>()
  /** Those that say neither version nor group, by their bare names: any will do. */
  readonly #open = new Map<string, ServiceInterface>()

  constructor(services: readonly ServiceInterface[], naming: Naming) {
    this.#naming = naming
    for (const service of services) {
      const name = naming.full(service)
      this.#services.set(name, service)
      if (service.group === '' && service.version === '') this.#open.set(naming.bare(name), service)
    }
  }

  /** Throws `Untranslatable` where nothing of the kind is declared. */
  find(serviceName: string, methodName: string): Callee {
    const { protocol, bare } = this.#naming
    const service = this.#services.get(serviceName) ?? this.#open.get(bare(serviceName))
    if (service === undefined) {
      const known = [...this.#services.keys()].slice(0, TOLD).join(', ')
      const why = `nobody declares "${serviceName}"; there is ${known}`
      throw new Untranslatable('service', why, 404)
    }
    const method = service.methods.find((one) => nameIn(protocol, one) === methodName)
    if (method !== undefined) return { service, method }
    const known = service.methods.slice(0, TOLD).map((one) => nameIn(protocol, one))
    const why = `"${service.name}" has no "${methodName}"; there is ${known.join(', ')}`
    throw new Untranslatable('method', why, 404)
  }
}
