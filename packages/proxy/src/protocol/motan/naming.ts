import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import { serviceName, serviceParts } from '../../framed.ts'
import type { Naming } from '../../transcode/callees.ts'
import { javaType } from '../../transcode/java-type.ts'

/** What Java names no parameters by. */
const NOTHING = 'void'

/**
 * The classes of a method's parameters as Motan tells methods of one name apart, such as `java.lang.String,int,byte[]`;
 * empty where one cannot be named.
 */
export function classesOf({ parameters }: Method, { structs }: ServiceInterface): string {
  if (parameters.length === 0) return NOTHING
  const names = parameters.map(({ type, java }) => javaType(type, java, structs))
  return names.includes('') ? '' : names.join()
}

/** Whether hosts would not know by a method's name alone which one is meant. */
export function isOverloaded(method: Method, { methods }: ServiceInterface): boolean {
  const name = nameIn('motan', method)
  return methods.some((one) => one !== method && nameIn('motan', one) === name)
}

/** As Motan names services. */
export const naming: Naming = {
  protocol: 'motan',
  full: (service) => serviceName(service.group, nameIn('motan', service), service.version),
  parts: serviceParts,
  types: classesOf,
}
