import { filledText, list, mapped, type Place, type Type } from '../decode/index.ts'
import type { VirtualHost } from '../route.ts'

/** The domains of a virtual host: names of hosts, which are lowered, or of services, which keep their case. */
export function domainList(protocol: 'http' | 'rpc'): Type<readonly string[]> {
  return list(
    mapped(filledText, (domain, at) => {
      if (/.\*./.test(domain) || /^\*.*\*$/.test(domain))
        at.say(`"${domain}" has a "*" that stands neither alone, nor first, nor last`)
      return protocol === 'http' ? domain.toLowerCase() : domain
    }),
    1,
  )
}

/** Complains of domains that two virtual hosts claim. `at` is where their route configuration stands. */
export function needDistinctDomains(hosts: readonly VirtualHost[], at: Place): void {
  const owners = new Map<string, string>()
  hosts.forEach((host, index) => {
    host.domains.forEach((domain, position) => {
      const owner = owners.get(domain)
      owners.set(domain, host.name)
      if (owner === undefined || domain === '') return
      const place = at.child('virtual_hosts').child(index).child('domains').child(position)
      place.say(`"${domain}" is a domain of virtual host "${owner}" already; remove one of them`)
    })
  })
}
