import type { Source } from '../connection.ts'
import type { ProxyReading } from '../proxy-protocol.ts'
import { addressBytes, endsOf, ipv4Text, ipv6Text } from './addresses.ts'
import { crc32c } from './crc32c.ts'

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const FIXED_BYTES = 16
/** More than addresses and the TLVs of any proxy have, certificates included. */
const MAX_BYTES = 16 * 1024
const LOCAL = 0x20
const PROXY = 0x21
const TCP4 = 0x11
const TCP6 = 0x21
const CRC32C = 0x03
/** Bytes of both addresses and, but for unix sockets, both ports, by family. */
const ADDRESS_BYTES = [0, 12, 36, 216]

/*
 * The header in bytes:
 *
 *   0            12        13       14       16
 *   ├ signature ─┼ 2│cmd ──┼ family ┼ length ┼ addresses, ports ─ TLVs: type, length (2), value …
 *                     0 LOCAL: the proxy itself     family: 4 bits of address, 4 of transport
 *                     1 PROXY: for somebody
 */
export function readV2(head: Buffer): ProxyReading {
  const seen = Math.min(head.length, SIGNATURE.length)
  if (head.compare(SIGNATURE, 0, seen, 0, seen) !== 0) return 'none'
  if (head.length < FIXED_BYTES) return 'more'
  const command = head[12]!
  if (command !== LOCAL && command !== PROXY)
    return { fault: `it has version and command 0x${command.toString(16)}` }
  const bytes = FIXED_BYTES + head.readUInt16BE(14)
  if (bytes > MAX_BYTES) return { fault: `it has ${bytes} bytes; ${MAX_BYTES} are read` }
  if (head.length < bytes) return 'more'
  return readWhole(head.subarray(0, bytes), command)
}

export function writeV2(source: Source | null): Buffer {
  const ends = source === null ? null : endsOf(source)
  if (ends === null) return Buffer.concat([SIGNATURE, Buffer.from([LOCAL, 0, 0, 0])])
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(ends.port, 0)
  ports.writeUInt16BE(ends.localPort, 2)
  const body = [addressBytes(ends.address), addressBytes(ends.localAddress), ports]
  const family = ends.family === 4 ? TCP4 : TCP6
  const fixed = Buffer.from([PROXY, family, 0, ADDRESS_BYTES[ends.family === 4 ? 1 : 2]!])
  return Buffer.concat([SIGNATURE, fixed, ...body])
}

function readWhole(header: Buffer, command: number): ProxyReading {
  const bytes = header.length
  const family = header[13]!
  const addressBytes = ADDRESS_BYTES[family >> 4]
  if (addressBytes === undefined || (family & 0xf) > 2)
    return { fault: `it has address family 0x${family.toString(16)}` }
  // Whoever speaks for itself, or says not for whom, may put what it likes where addresses are.
  if (command === LOCAL || family === 0) return { bytes, source: null }
  if (FIXED_BYTES + addressBytes > bytes) return { fault: 'it is too short for its addresses' }
  const fault = checkTlvs(header, FIXED_BYTES + addressBytes)
  return fault === null ? { bytes, source: sourceOf(header, family) } : { fault }
}

/** Null for unix sockets and datagrams: there is no address that could stand for the socket's. */
function sourceOf(header: Buffer, family: number): Source | null {
  if (family !== TCP4 && family !== TCP6) return null
  const text = family === TCP4 ? ipv4Text : ipv6Text
  const length = family === TCP4 ? 4 : 16
  const ports = FIXED_BYTES + 2 * length
  return {
    address: text(header, FIXED_BYTES),
    port: header.readUInt16BE(ports),
    localAddress: text(header, FIXED_BYTES + length),
    localPort: header.readUInt16BE(ports + 2),
  }
}

/** They are skipped, but for a checksum. */
function checkTlvs(header: Buffer, from: number): string | null {
  for (let at = from; at < header.length; ) {
    if (at + 3 > header.length) return 'its last TLV is cut short'
    const value = at + 3
    const end = value + header.readUInt16BE(at + 1)
    if (end > header.length) return 'its last TLV is cut short'
    if (header[at] === CRC32C && !hasChecksum(header, value, end)) return 'its checksum is wrong'
    at = end
  }
  return null
}

/** The checksum is that of the header with zeros in its place. */
function hasChecksum(header: Buffer, start: number, end: number): boolean {
  if (end - start !== 4) return false
  const blank = Buffer.from(header)
  blank.fill(0, start, end)
  return crc32c(blank) === header.readUInt32BE(start)
}
