import { i32, put32 } from '../../framed.ts'

/**
 * Dubbo 2 over TCP, byte by byte. Everything is big-endian.
 *
 * ```
 *   0     1     2     3     4                       12          16
 *  ┌─────┬─────┬─────┬─────┬───────────────────────┬───────────┬──
 *  │ da  │ bb  │flag │stat.│        id i64         │  body     │ body
 *  │     │     │     │     │   high    │    low    │  len u32  │
 *  └─────┴─────┴─────┴─────┴───────────────────────┴───────────┴──
 *
 *  flag   7        6         5       4 … 0
 *        ┌────────┬─────────┬───────┬───────────────┐    c2 request        82 one-way request    02 response
 *        │request │ two-way │ event │ serialisation │    e2 heartbeat      a2 one-way event      22 its answer
 *        └────────┴─────────┴───────┴───────────────┘    (of hessian2)
 *
 *  body of a request: values one after the other
 *  ┌──────────┬─────────┬─────────┬────────┬────────────┬───────────┬─────────────┐
 *  │ dubbo    │ service │ service │ method │ parameter  │ one value │ attachments │   strings, the last a map
 *  │ version  │ (path)  │ version │        │ descriptor │ for each  │             │
 *  └──────────┴─────────┴─────────┴────────┴────────────┴───────────┴─────────────┘
 *
 *  body of a response of status 20             of any other status
 *  ┌──────┬───────────────┬─────────────┐      ┌──────────────────┐
 *  │ kind │ value or      │ attachments │      │ message (string) │
 *  │ int  │ throwable     │ kinds 3–5   │      └──────────────────┘
 *  └──────┴───────────────┴─────────────┘
 * ```
 *
 * Clients choose ids of 64 bits, Java ones at random, so most are no whole number that JavaScript could count with.
 * A frame's `id` is therefore the low half; the high half of a request stands in its `view` until the answer takes
 * both home. Ids of our own keep the high half 0 and the low one below 2³¹: hosts in JavaScript read ids into doubles.
 */
export const HEADER_BYTES = 16

/** Bits of byte 2; the lower five are the number of the serialisation. */
export const Flag = { Request: 0x80, TwoWay: 0x40, Event: 0x20, Serialization: 0x1f } as const

/** How the body is written. Bodies in others than these are passed on without a look inside. */
export const Serialization = { Hessian2: 2, NativeHessian: 10, Fastjson2: 23 } as const

/** What begins the body of a response that went well; the upper three also have attachments. */
export const ResponseKind = {
  Exception: 0x90,
  Value: 0x91,
  Null: 0x92,
  ExceptionAttachments: 0x93,
  ValueAttachments: 0x94,
  NullAttachments: 0x95,
} as const

/** From a kind without attachments to the one with them. */
export const WITH_ATTACHMENTS = 3

/** Java reads the body's length as signed. */
export const MAX_BODY_LENGTH = 0x7fffffff

/** All bits of byte 2. */
export function flagAt(buf: Buffer, start: number): number {
  return buf[start + 2]!
}

/** The number of the serialisation that the body is written in. */
export function serializationAt(buf: Buffer, start: number): number {
  return buf[start + 2]! & Flag.Serialization
}

/** Whether the body consists of values in Hessian 2.0. */
export function isHessian(buf: Buffer, start: number): boolean {
  const id = buf[start + 2]! & Flag.Serialization
  return id === Serialization.Hessian2 || id === Serialization.NativeHessian
}

/** The high half of the id, signed. */
export function idHigh(buf: Buffer, start: number): number {
  return i32(buf, start + 4)
}

/** The low half of the id, unsigned. */
export function idLow(buf: Buffer, start: number): number {
  return i32(buf, start + 8) >>> 0
}

/** Writes both halves of an id. */
export function putId(buf: Buffer, start: number, high: number, low: number): void {
  put32(buf, start + 4, high)
  put32(buf, start + 8, low)
}
