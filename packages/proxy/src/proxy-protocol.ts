import type { Connection, Source } from './connection.ts'
import { readV1, writeV1 } from './proxy-protocol/v1.ts'
import { readV2, writeV2 } from './proxy-protocol/v2.ts'

/** A header that was read: how many bytes it had and whom it speaks for; null when it speaks for nobody. */
export interface ProxyHeader {
  readonly bytes: number
  readonly source: Source | null
}

/** What the first bytes of a connection are, as far as PROXY protocol is concerned. */
export type ProxyReading = ProxyHeader | 'more' | 'none' | { readonly fault: string }

/** Reads the PROXY protocol header, version 1 or 2, at the beginning of a connection. */
export function readProxyHeader(head: Buffer): ProxyReading {
  const text = readV1(head)
  return text === 'none' ? readV2(head) : text
}

/** The bytes that tell a host whom a connection is for; null is the proxy itself. */
export function proxyHeader(version: 'v1' | 'v2', source: Source | null): Buffer {
  return version === 'v1' ? writeV1(source) : writeV2(source)
}

/** Writes the header at once, before anything else leaves. */
export function writeProxyHeader(
  connection: Connection,
  version: 'off' | 'v1' | 'v2',
  source: Source | null,
): void {
  if (version === 'off') return
  connection.write(proxyHeader(version, source))
  connection.flush()
}

/** Both ends of a client's connection, to be told to a host. */
export function sourceOf(client: Connection): Source {
  const { remoteAddress: address, remotePort: port, localAddress, localPort } = client
  return { address, port, localAddress, localPort }
}
