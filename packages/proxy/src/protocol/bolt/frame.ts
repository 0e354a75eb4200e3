import { crc32 } from 'node:zlib'
import { put32 } from '../../framed.ts'

/**
 * SOFA Bolt, byte by byte. Everything is big-endian. Both generations have requests with a time-out and responses
 * with a status; one connection may carry both generations, the first byte of each frame tells which it is.
 *
 * ```
 *  version 1, request (22 bytes before the class name)
 *   0     1     2     4     5           9     10          14      16      18          22
 *  ┌─────┬─────┬─────┬─────┬───────────┬─────┬───────────┬───────┬───────┬───────────┬──
 *  │  1  │type │ cmd │ver2 │    id     │codec│  timeout  │ class │header │  content  │ class name, header map, content
 *  │     │     │ u16 │ = 1 │   u32     │     │  i32 ms   │len u16│len u16│  len u32  │
 *  └─────┴─────┴─────┴─────┴───────────┴─────┴───────────┴───────┴───────┴───────────┴──
 *
 *  version 1, response (20 bytes)
 *   0     1     2     4     5           9     10      12      14      16          20
 *  ┌─────┬─────┬─────┬─────┬───────────┬─────┬───────┬───────┬───────┬───────────┬──
 *  │  1  │  0  │ cmd │ver2 │    id     │codec│status │ class │header │  content  │ class name, header map, content
 *  │     │     │ u16 │ = 1 │   u32     │     │  u16  │len u16│len u16│  len u32  │
 *  └─────┴─────┴─────┴─────┴───────────┴─────┴───────┴───────┴───────┴───────────┴──
 *
 *  version 2, request (24 bytes): `ver1` comes in after the first byte, `switch` after the codec
 *   0     1     2     3     5     6           10    11     12          16      18      20          24
 *  ┌─────┬─────┬─────┬─────┬─────┬───────────┬─────┬──────┬───────────┬───────┬───────┬───────────┬──────┬───────┐
 *  │  2  │ver1 │type │ cmd │ver2 │    id     │codec│switch│  timeout  │ class │header │  content  │  …   │ CRC32 │
 *  │     │1, 2 │     │ u16 │ = 1 │   u32     │     │      │  i32 ms   │len u16│len u16│  len u32  │      │ maybe │
 *  └─────┴─────┴─────┴─────┴─────┴───────────┴─────┴──────┴───────────┴───────┴───────┴───────────┴──────┴───────┘
 *
 *  version 2, response (22 bytes)
 *   0     1     2     3     5     6           10    11     12      14      16      18          22
 *  ┌─────┬─────┬─────┬─────┬─────┬───────────┬─────┬──────┬───────┬───────┬───────┬───────────┬──────┬───────┐
 *  │  2  │ver1 │  0  │ cmd │ver2 │    id     │codec│switch│status │ class │header │  content  │  …   │ CRC32 │
 *  │     │1, 2 │     │ u16 │ = 1 │   u32     │     │      │  u16  │len u16│len u16│  len u32  │      │ maybe │
 *  └─────┴─────┴─────┴─────┴─────┴───────────┴─────┴──────┴───────┴───────┴───────┴───────────┴──────┴───────┘
 *
 *  heartbeat and its ack: a request and a response of command 0, all three lengths 0
 *  go-away:               a request of command 100, all three lengths 0; nobody answers it
 *
 *  header map: pairs until the header length is used up
 *  ┌───────────┬──────────┬───────────┬──────────┬──
 *  │ length i32│ name …   │ length i32│ value …  │ next pair          a length of -1 is null and has no bytes
 *  └───────────┴──────────┴───────────┴──────────┴──
 * ```
 *
 * The CRC32 is there when `ver1` is 2 **and** bit 0 of `switch` is set, is counted in no length, and covers every
 * byte before it, the id too. (sofa-bolt-node looks at the switch alone; the two rules differ for `ver1` = 1, where
 * Java sets the bit and sends no CRC.)
 */
export const Generation = { V1: 1, V2: 2 } as const

/** Byte 1 of version 1, byte 2 of version 2. */
export const Type = { Response: 0, Request: 1, Oneway: 2 } as const

/** What a frame is for. 100 is MOSN's; stock Java hosts close a connection that says it. */
export const Command = { Heartbeat: 0, Request: 1, Response: 2, GoAway: 100 } as const

/** How the content is serialised; a proxy passes it on. Peers may register more. */
export const CodecId = { Hessian: 1, Java: 2, Protobuf: 11, Json: 12 } as const

/** `ver1` of frames that may carry a CRC, and the bit of `switch` that says that this one does. */
export const CHECKED_VER1 = 2
export const CRC_BIT = 1
export const CRC_BYTES = 4

/** Java and Node read the lengths of class name and header map as signed 16 bits, the content's as signed 32. */
export const MAX_SHORT_LENGTH = 0x7fff
export const MAX_CONTENT_LENGTH = 0x7fffffff

/** Where the three lengths begin, counted back from the end of the fixed part. */
export const LENGTHS_BYTES = 8

/** 1 for version 2, whose `ver1` moves type, command and id by one byte. */
export function shiftOf(buf: Buffer, start: number): 0 | 1 {
  return buf[start] === Generation.V2 ? 1 : 0
}

/** Whether a frame is a request, a one-way request or a response. */
export function typeAt(buf: Buffer, start: number): number {
  return buf[start + 1 + shiftOf(buf, start)]!
}

/** Offset of the id from the buffer's beginning. */
export function idOffset(buf: Buffer, start: number): number {
  return start + 5 + shiftOf(buf, start)
}

/** Offset of the time-out of a request, of the status of a response. */
export function timeoutOrStatusOffset(buf: Buffer, start: number): number {
  return start + 10 + 2 * shiftOf(buf, start)
}

/** Bytes before the class name. */
export function fixedBytes(buf: Buffer, start: number): number {
  const shift = shiftOf(buf, start)
  return (buf[start + 1 + shift] === Type.Response ? 20 : 22) + 2 * shift
}

/** Whether four bytes of CRC end the frame. */
export function hasCrc(buf: Buffer, start: number): boolean {
  return (
    buf[start] === Generation.V2 &&
    buf[start + 1] === CHECKED_VER1 &&
    (buf[start + 11]! & CRC_BIT) === CRC_BIT
  )
}

/** Mends the CRC that ends the frame in [start, end). */
export function seal(buf: Buffer, start: number, end: number): void {
  put32(buf, end - CRC_BYTES, crcOf(buf, start, end))
}

/** What the CRC that ends the frame in [start, end) has to be. */
export function crcOf(buf: Buffer, start: number, end: number): number {
  return crc32(buf.subarray(start, end - CRC_BYTES))
}
