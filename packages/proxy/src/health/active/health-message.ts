/** A message's flags (not compressed) and length, 4 bytes. */
const PREFIX_BYTES = 5
/** `HealthCheckRequest.service` and `HealthCheckResponse.status`: a field's number and how its value is written. */
const SERVICE = (1 << 3) | 2
const STATUS = (1 << 3) | 0
/** `HealthCheckResponse.ServingStatus`. */
const SERVING = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/**
 * A `grpc.health.v1.HealthCheckRequest` behind its prefix. One field does not need a library:
 *
 * ```
 *  │ 0 │ length, 4 bytes │ 0x0a │ length of the name │ name │     without a name the message is empty
 * ```
 */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service)
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([SERVICE, ...varint(name.length)]), name])
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

/** What a `HealthCheckResponse` behind its prefix says: `SERVING` of a host that is well; null when it is none. */
export function servingStatus(body: Buffer): string | null {
  if (body.length < PREFIX_BYTES || body[0] !== 0) return null
  const length = body.readUInt32BE(1)
  if (body.length !== PREFIX_BYTES + length) return null
  // Protobuf leaves out what is 0.
  if (length === 0) return SERVING[0]!
  return body[PREFIX_BYTES] === STATUS ? (SERVING[body[PREFIX_BYTES + 1] ?? -1] ?? null) : null
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]
}
