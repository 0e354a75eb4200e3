import { i32, put32 } from '../../framed.ts'

/**
 * Motan, byte by byte. Everything is big-endian. Both versions begin alike, and the upper five bits of byte 3 tell which
 * one a frame is: a connection may carry both.
 *
 * ```
 *  Motan2
 *   0     1     2     3     4     5                       13          17      17+M        21+M
 *  ┌─────┬─────┬─────┬─────┬─────┬───────────────────────┬───────────┬───────┬───────────┬──────┐
 *  │ f1  │ f1  │type │ver. │ser. │        id u64         │ metadata  │  …    │   body    │  …   │
 *  │     │     │     │stat.│     │   high    │    low    │ len M u32 │       │ len B u32 │      │
 *  └─────┴─────┴─────┴─────┴─────┴───────────────────────┴───────────┴───────┴───────────┴──────┘
 *
 *  type            7   6   5       4          3        2         1         0
 *                ┌───────────┬───────────┬────────┬─────────┬─────────┬──────────┐
 *                │           │ heartbeat │  gzip  │ one-way │  agent  │ response │
 *                └───────────┴───────────┴────────┴─────────┴─────────┴──────────┘
 *  version and status  7 … 3     2 … 0          serialisation   7 … 3     2 … 0
 *                    ┌─────────┬────────┐                     ┌─────────┬────────┐
 *                    │    1    │ 0 or 1 │  1: an exception    │ number  │        │
 *                    └─────────┴────────┘                     └─────────┴────────┘
 *
 *  metadata: key, newline, value, newline, key … without a newline at the end; nothing can stand for a newline
 *
 *  Motan1: a frame of the transport around one of the protocol, both with the id
 *   0     1     2     3     4             12          16    17    18    19    20            28          32
 *  ┌─────┬─────┬─────┬─────┬─────────────┬───────────┬─────┬─────┬─────┬─────┬─────────────┬───────────┬──
 *  │ f1  │ f1  │  0  │0 req│   id u64    │  length   │ f0  │ f0  │ver. │flag │  id, again  │  length   │ Java object
 *  │     │     │     │1 res│             │ of rest   │     │     │1, 2 │     │             │ of rest   │ stream
 *  └─────┴─────┴─────┴─────┴─────────────┴───────────┴─────┴─────┴─────┴─────┴─────────────┴───────────┴──
 *
 *  flag: 0 request; responses: 1 a value, 3 null, 5 an exception, 7 a value and attachments
 * ```
 *
 * Ids have 64 bits, more than JavaScript counts with. A frame's `id` is the low half; the high half stands in its `view`
 * until the answer takes both home. Ids of our own keep the high half 0.
 */
export const Generation = { Motan1: 0, Motan2: 1 } as const

/** Bits of byte 2 of Motan2. */
export const Type = {
  Response: 0x01,
  Agent: 0x02,
  Oneway: 0x04,
  Gzip: 0x08,
  Heartbeat: 0x10,
} as const

/** How the body is written. A proxy passes it on; more are in use, and some have no number that all agree on. */
export const Serialization = { Hessian2: 0, Json: 2, Simple: 6 } as const

/** What the protocol's own frame within Motan1 is; the three low bits count. */
export const Flag = { Request: 0, Value: 1, Void: 3, Exception: 5, ValueAttachments: 7 } as const
export const FLAG_MASK = 7

/** Bytes of Motan2 before the metadata, and of the length before the body. */
export const FIXED_BYTES = 17
export const LENGTH_BYTES = 4
/** Bytes of either header of Motan1. */
export const OUTER_BYTES = 16
export const INNER_BYTES = 16
/** Where the object stream of Motan1 begins. */
export const STREAM_AT: number = OUTER_BYTES + INNER_BYTES

/** Java reads lengths as signed, and a negative one as nothing. */
export const MAX_LENGTH = 0x7fffffff

/** Which version the frame is. */
export function generationAt(buf: Buffer, start: number): number {
  return buf[start + 3]! >> 3
}

/** Whether a frame is of the second version. */
export function isMotan2(buf: Buffer, start: number): boolean {
  return buf[start + 3]! >> 3 === Generation.Motan2
}

/** The serialisation of a Motan2 body. */
export function serializationAt(buf: Buffer, start: number): number {
  return buf[start + 4]! >> 3
}

/** Where the (first) id begins. */
export function idOffset(buf: Buffer, start: number): number {
  return start + (isMotan2(buf, start) ? 5 : 4)
}

/** The high half of the id, signed. */
export function idHigh(buf: Buffer, start: number): number {
  return i32(buf, idOffset(buf, start))
}

/** The low half of the id, unsigned. */
export function idLow(buf: Buffer, start: number): number {
  return i32(buf, idOffset(buf, start) + 4) >>> 0
}

/** Writes the id at every place it has. */
export function putId(buf: Buffer, start: number, high: number, low: number): void {
  const at = idOffset(buf, start)
  put32(buf, at, high)
  put32(buf, at + 4, low)
  if (isMotan2(buf, start)) return
  put32(buf, at + OUTER_BYTES, high)
  put32(buf, at + OUTER_BYTES + 4, low)
}

/** Where the body's length stands in a Motan2 frame. */
export function bodyLengthAt(buf: Buffer, start: number): number {
  return start + FIXED_BYTES + i32(buf, start + 13)
}
