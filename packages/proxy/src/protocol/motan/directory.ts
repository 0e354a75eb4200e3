import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import { Untranslatable } from '../../transcoder.ts'
import { describe } from './java-types.ts'

/** What a call names its method by. */
export interface Asked {
  readonly path: string
  readonly group: string
  readonly version: string
  readonly method: string
  /** The parameters' classes; empty where it does not say. */
  readonly classes: string
}

/** A method of a service, and what is said of it in calls. */
export interface Entry {
  readonly service: ServiceInterface
  readonly method: Method
  readonly path: string
  readonly name: string
  /** Its parameters' classes; empty where one cannot be named. */
  readonly classes: string
  /** Hosts would not know which one is meant by the name alone. */
  readonly overloaded: boolean
}

/** The declared methods, by what calls say of them. */
export class Directory {
  readonly entries: readonly Entry[]
  readonly #byPath = new Map<string, Entry[]>()
  readonly #byMethod = new Map<Method, Entry>()

  constructor(services: readonly ServiceInterface[]) {
    this.entries = services.flatMap(entriesOf)
    for (const entry of this.entries) {
      const known = this.#byPath.get(entry.path)
      if (known === undefined) this.#byPath.set(entry.path, [entry])
      else known.push(entry)
      this.#byMethod.set(entry.method, entry)
    }
  }

  /** What is said of a method of these services. */
  of(service: ServiceInterface, method: Method): Entry {
    const entry = this.#byMethod.get(method)
    if (entry !== undefined) return entry
    throw new Untranslatable('method', `${service.name}.${method.name} is not declared`, 404)
  }

  /** The method that a call names. A service declared without group or version answers in all of them. */
  find({ path, group, version, method, classes }: Asked): Entry {
    const here = (this.#byPath.get(path) ?? []).filter(
      ({ service }) =>
        (service.group === '' || service.group === group) &&
        (service.version === '' || service.version === version),
    )
    if (here.length === 0) throw new Untranslatable('service', `${path} is not declared`, 404)
    const named = here.filter(({ name }) => name === method)
    if (named.length === 0)
      throw new Untranslatable('method', `${path} has no ${method || 'nameless method'}`, 404)
    if (classes === '' || named.length === 1) return exactest(named)
    const meant = named.filter((one) => one.classes === classes)
    if (meant.length > 0) return exactest(meant)
    throw new Untranslatable('method', `${path} has no ${method}(${classes})`, 404)
  }
}

/** The one whose service says most about itself. */
function exactest(entries: readonly Entry[]): Entry {
  const said = ({ service }: Entry): number =>
    (service.group === '' ? 0 : 1) + (service.version === '' ? 0 : 1)
  return entries.reduce((best, one) => (said(one) > said(best) ? one : best))
}

function entriesOf(service: ServiceInterface): Entry[] {
  const path = nameIn('motan', service)
  const names = service.methods.map((method) => nameIn('motan', method))
  return service.methods.map((method, i) => ({
    service,
    method,
    path,
    name: names[i]!,
    classes: describe(method, service.structs) ?? '',
    overloaded: names.filter((name) => name === names[i]).length > 1,
  }))
}
