/**
 * A frame, byte by byte; all numbers big-endian.
 *
 * ```
 *  0       2      3       4        8        10        12       14        16       20
 * ┌───────┬──────┬───────┬────────┬────────┬─────────┬────────┬─────────┬────────┬──
 * │ magic │ kind │   1   │   id   │ status │ service │ method │ headers │  body  │ service, method, headers, body
 * │  u16  │      │version│  u32   │  u16   │ len u16 │len u16 │ len u16 │len u32 │
 * └───────┴──────┴───────┴────────┴────────┴─────────┴────────┴─────────┴────────┴──
 *
 *  kind     0 request, 1 one-way, 2 response, 3 heartbeat, 4 its acknowledgement, 5 go-away
 *  status   of a response: 0 is well, else what HTTP would call it
 *  headers  pairs:  name len u16, name, value len u16, value
 * ```
 */
export const MAGIC = 0x5a4d
export const VERSION = 1
export const FIXED_BYTES = 20

export const At = {
  Kind: 2,
  Version: 3,
  Id: 4,
  Status: 8,
  Service: 10,
  Method: 12,
  Headers: 14,
  Body: 16,
} as const

/** Where the service, the method, the headers and the body of the frame at `start` begin. */
export function serviceAt(start: number): number {
  return start + FIXED_BYTES
}

export function methodAt(buf: Buffer, start: number): number {
  return serviceAt(start) + buf.readUInt16BE(start + At.Service)
}

export function headersAt(buf: Buffer, start: number): number {
  return methodAt(buf, start) + buf.readUInt16BE(start + At.Method)
}

export function bodyAt(buf: Buffer, start: number): number {
  return headersAt(buf, start) + buf.readUInt16BE(start + At.Headers)
}
