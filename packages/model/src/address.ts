/** Where a socket listens or connects: `envoy.config.core.v3.SocketAddress`. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/** `127.0.0.1:8080`, `[::1]:8080`. */
export function addressText(address: SocketAddress): string {
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
}
