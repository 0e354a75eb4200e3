/** The dot that makes a host name absolute is taken away: `shop.example.:80` is `shop.example:80`. */
export function withoutDot(authority: string): string {
  const dot = authority.lastIndexOf('.')
  if (dot === -1) return authority
  // Of an address in brackets no dot stands before the colon of the port.
  if (dot !== authority.length - 1 && authority[dot + 1] !== ':') return authority
  return authority.slice(0, dot) + authority.slice(dot + 1)
}

/** The port is taken away: any, or this one alone. */
export function withoutPort(authority: string, port: number | 'any'): string {
  const colon = authority.lastIndexOf(':')
  // An address of IPv6 has colons of its own, and brackets where a port follows.
  if (colon === -1 || authority.lastIndexOf(']') > colon) return authority
  if (authority.indexOf(':') !== colon && authority[colon - 1] !== ']') return authority
  const digits = authority.slice(colon + 1)
  if (!/^\d{1,5}$/.test(digits) || (port !== 'any' && Number(digits) !== port)) return authority
  return authority.slice(0, colon)
}
