import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import type { Source } from '../connection.ts'

/** Two ends in one family. */
export interface Ends extends Source {
  readonly family: 4 | 6
}

const MAPPED = '::ffff:'

/**
 * Both addresses in one family, as a header can tell them: IPv4 where both are, also where a socket for IPv6 says so
 * (`::ffff:10.0.0.1`); otherwise IPv6. Null when one is no IP address, as those of unix sockets.
 */
export function endsOf(source: Source): Ends | null {
  const address = bare(source.address)
  const localAddress = bare(source.localAddress)
  if (isIPv4(address) && isIPv4(localAddress))
    return { ...source, family: 4, address, localAddress }
  const ends = { ...source, address: wide(address), localAddress: wide(localAddress) }
  return isIPv6(ends.address) && isIPv6(ends.localAddress) ? { ...ends, family: 6 } : null
}

/** The bytes of an address in network order. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [before = '', after] = dotless(address).split('::')
  const head = groups(before)
  const tail = after === undefined ? [] : groups(after)
  const zeros = new Array<number>(8 - head.length - tail.length).fill(0)
  return Buffer.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]))
}

export function ipv4Text(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join('.')
}

/** As a socket would print it (RFC 5952). */
export function ipv6Text(bytes: Buffer, at: number): string {
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16))
  return new SocketAddress({ family: 'ipv6', address: words.join(':') }).address
}

/** Without its zone, and as IPv4 if that is what it means. */
function bare(address: string): string {
  const [plain = ''] = address.split('%')
  const short = plain.toLowerCase().startsWith(MAPPED) ? plain.slice(MAPPED.length) : plain
  return isIPv4(short) ? short : plain
}

function wide(address: string): string {
  return isIPv4(address) ? MAPPED + address : address
}

/** `::ffff:10.0.0.1` as `::ffff:a00:1`. */
function dotless(address: string): string {
  const dotted = address.slice(address.lastIndexOf(':') + 1)
  if (!isIPv4(dotted)) return address
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  const low = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  return address.slice(0, -dotted.length) + low
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
