import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import type { Naming } from '../../transcode/callees.ts'
import { javaType, jvmType } from '../../transcode/java-type.ts'

/** What SOFA takes for the version of a service that says none. */
const FIRST_VERSION = '1.0'

/** `interface:version`, and behind it what tells apart services of one interface; SOFA calls that its unique id. */
export function uniqueName(service: ServiceInterface): string {
  const name = nameIn('bolt', service)
  if (name.includes(':')) return name
  const { version, group } = service
  return `${name}:${version || FIRST_VERSION}${group === '' ? '' : `:${group}`}`
}

/** The types of a method's parameters by their names, arrays as Java names their classes. */
export function signatures({ parameters }: Method, { structs }: ServiceInterface): string[] {
  return parameters.map((one) => {
    const name = javaType(one.type, one.java, structs)
    return name.endsWith('[]') ? jvmType(name, '.') : name
  })
}

/** As SOFA names services. */
export const naming: Naming = {
  protocol: 'bolt',
  full: uniqueName,
  parts: (name) => {
    const [path, version = '', ...id] = name.split(':')
    return { path: path!, version, group: id.join(':') }
  },
  types: (method, service) => signatures(method, service).join(),
}
