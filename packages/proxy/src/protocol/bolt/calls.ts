import { nameIn, type ServiceInterface } from '@tulle/model'
import type { Naming } from '../../transcode/callees.ts'

/** What SOFA takes for the version of a service that says none. */
const FIRST_VERSION = '1.0'

/** `interface:version`, and behind it what tells apart services of one interface; SOFA calls that its unique id. */
export function uniqueName(service: ServiceInterface): string {
  const name = nameIn('bolt', service)
  if (name.includes(':')) return name
  const { version, group } = service
  return `${name}:${version || FIRST_VERSION}${group === '' ? '' : `:${group}`}`
}

/** As SOFA names services. */
export const naming: Naming = {
  protocol: 'bolt',
  full: uniqueName,
  bare: (name) => {
    const colon = name.indexOf(':')
    return colon === -1 ? name : name.slice(0, colon)
  },
}
