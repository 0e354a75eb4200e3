import { type Method, nameIn, type ServiceInterface } from '@tulle/model'
import { serviceName, serviceParts } from '../../framed.ts'
import type { Naming } from '../../transcode/callees.ts'
import { javaType, jvmType } from '../../transcode/java-type.ts'
import { NO_VERSION } from './header.ts'

/** The types of a method's parameters, as Java source has them. */
export function typesOf({ parameters }: Method, { structs }: ServiceInterface): string[] {
  return parameters.map(({ type, java }) => javaType(type, java, structs))
}

/** The same as the JVM describes them, one behind the other. */
export function descriptorOf(types: readonly string[]): string {
  return types.map((type) => jvmType(type, '/')).join('')
}

/** As Dubbo names services. */
export const naming: Naming = {
  protocol: 'dubbo',
  full: (service) => {
    const { group, version } = service
    return serviceName(group, nameIn('dubbo', service), version === NO_VERSION ? '' : version)
  },
  parts: serviceParts,
  types: (method, service) => descriptorOf(typesOf(method, service)),
}
