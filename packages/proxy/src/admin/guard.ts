import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const wildcard = new BlockList()
wildcard.addAddress('0.0.0.0')
wildcard.addAddress('::', 'ipv6')

/**
 * The sentence that refuses a request a foreign web page may have caused, or null. The admin side has no password, so a
 * browser on the same machine must not become a tool of whatever page it shows: neither by a name that resolves to this
 * machine (DNS rebinding), nor by a form or script that sends blindly.
 */
export function refusal(request: IncomingMessage, boundHost: string): string | null {
  const { host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers
  if (host !== undefined && !isOurs(hostName(host), boundHost))
    return `refused: the Host header says "${host}", which is neither loopback nor the address this admin listener is bound to`
  if (request.method === 'GET' || request.method === 'HEAD') {
    const link = mode === 'navigate' && !request.url?.includes('?')
    return isForeign(site) && !link ? 'refused: a page from elsewhere asked for this' : null
  }
  if (isForeign(site) || (origin !== undefined && hostOf(origin) !== host))
    return `refused: only pages of this admin listener may change things, not ${origin ?? 'others'}`
  return null
}

/** Whether the address can be reached from other machines. */
export function isExposed(boundHost: string): boolean {
  return !isLoopback(boundHost)
}

function isOurs(name: string, boundHost: string): boolean {
  if (isLoopback(name) || name === boundHost.toLowerCase()) return true
  // Rebinding needs a name: whoever gives an address has connected to that address.
  return isIn(wildcard, boundHost) && isIP(name) !== 0
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || isIn(loopback, name)
}

function isIn(list: BlockList, name: string): boolean {
  const family = isIP(name)
  return family !== 0 && list.check(name, family === 6 ? 'ipv6' : 'ipv4')
}

function isForeign(site: string | string[] | undefined): boolean {
  return site === 'cross-site' || site === 'same-site'
}

/** `localhost:9901` → `localhost`, `[::1]:9901` → `::1`. */
function hostName(host: string): string {
  const found = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host)
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase()
}

function hostOf(origin: string): string | null {
  return URL.parse(origin)?.host ?? null
}
