import { isIPv4, isIPv6 } from 'node:net'
import type { Source } from '../connection.ts'
import type { ProxyReading } from '../proxy-protocol.ts'
import { endsOf } from './addresses.ts'

const BEGINNING = Buffer.from('PROXY ')
/** The longest line there can be, its end included. */
const MAX_BYTES = 107

/*
 * The header in text:
 *
 *   PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n      TCP6 for IPv6
 *   PROXY UNKNOWN …\r\n                                  the proxy does not know, or speaks for itself
 */
export function readV1(head: Buffer): ProxyReading {
  const seen = Math.min(head.length, BEGINNING.length)
  if (head.compare(BEGINNING, 0, seen, 0, seen) !== 0) return 'none'
  const end = head.subarray(0, MAX_BYTES).indexOf('\r\n')
  if (end >= 0) return readLine(head.toString('latin1', BEGINNING.length, end), end + 2)
  if (head.length < MAX_BYTES) return 'more'
  return { fault: `its line does not end within ${MAX_BYTES} bytes` }
}

export function writeV1(source: Source | null): Buffer {
  const ends = source === null ? null : endsOf(source)
  if (ends === null) return Buffer.from('PROXY UNKNOWN\r\n')
  const { family, address, localAddress, port, localPort } = ends
  return Buffer.from(`PROXY TCP${family} ${address} ${localAddress} ${port} ${localPort}\r\n`)
}

function readLine(line: string, bytes: number): ProxyReading {
  const [family, address = '', localAddress = '', from = '', to = '', ...more] = line.split(' ')
  if (family === 'UNKNOWN') return { bytes, source: null }
  if (family !== 'TCP4' && family !== 'TCP6') return { fault: 'it names no family it could have' }
  if (more.length > 0) return { fault: 'it has more words than a header' }
  const isIp = family === 'TCP4' ? isIPv4 : isIPv6
  if (!isIp(address) || !isIp(localAddress))
    return { fault: `its addresses are not those of ${family}` }
  if (!isPort(from) || !isPort(to)) return { fault: 'its ports are no ports' }
  return {
    bytes,
    source: { address, port: Number(from), localAddress, localPort: Number(to) },
  }
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535
}
