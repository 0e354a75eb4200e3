import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Addresses that cannot be reached from outside: RFC 1918, RFC 4193 and this machine. */
const INSIDE = new BlockList()
INSIDE.addSubnet('10.0.0.0', 8, 'ipv4')
INSIDE.addSubnet('172.16.0.0', 12, 'ipv4')
INSIDE.addSubnet('192.168.0.0', 16, 'ipv4')
INSIDE.addAddress('127.0.0.1', 'ipv4')
INSIDE.addSubnet('fc00::', 7, 'ipv6')
INSIDE.addAddress('::1', 'ipv6')

const MAPPED = '::ffff:'

/** Whether an address belongs to a private network or this machine. */
export function isInternal(address: string): boolean {
  if (isIPv4(address)) return INSIDE.check(address, 'ipv4')
  return isIPv6(address) && INSIDE.check(address, 'ipv6')
}

/** An IPv4 address as it is written, also where a socket for both versions tells it as one of IPv6 (RFC 4291 §2.5.5.2). */
export function unmapped(address: string): string {
  if (!address.startsWith(MAPPED)) return address
  const rest = address.slice(MAPPED.length)
  return isIPv4(rest) ? rest : address
}

/**
 * Of a list such as `x-forwarded-for` the address that `skip` others follow; null when the list is too short, or what
 * stands there is no address. A port behind the address is not part of it.
 */
export function addressFromRight(list: string, skip: number): string | null {
  let end = list.length
  for (let i = 0; i < skip; i++) {
    end = list.lastIndexOf(',', end - 1)
    if (end <= 0) return null
  }
  const entry = list.slice(end === 0 ? 0 : list.lastIndexOf(',', end - 1) + 1, end).trim()
  if (isIPv4(entry) || isIPv6(entry)) return entry
  const [, address = ''] = WITH_PORT.exec(entry) ?? []
  const bare = address.startsWith('[') ? address.slice(1, -1) : address
  return isIPv4(bare) || (bare !== address && isIPv6(bare)) ? bare : null
}

/** `10.0.0.1:80`, `[::1]:80`, and `[::1]` alone. */
const WITH_PORT = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/
