import { Outcome } from '../outcome.ts'

/** What gRPC's codes are called. */
export const GrpcStatus = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const
export type GrpcStatus = (typeof GrpcStatus)[keyof typeof GrpcStatus]

const NAMES: readonly string[] = Object.keys(GrpcStatus)

/** `UNAVAILABLE` for 14; a number that has no name as it is. */
export function grpcName(code: number): string {
  return NAMES[code] ?? String(code)
}

const CODE = /^\d{1,9}$/

/** What a `grpc-status` says; -1 when it is absent or no number. */
export function grpcCode(value: string | undefined): number {
  return value !== undefined && CODE.test(value) ? Number(value) : -1
}

/** Whether a content-type is gRPC's own: `application/grpc`, with `+proto` or parameters, but not gRPC-Web's. */
export function isGrpc(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType.length < GRPC.length) return false
  if (contentType.length !== GRPC.length) {
    const next = contentType.charCodeAt(GRPC.length)
    if (next !== PLUS && next !== SEMICOLON && next !== SP) return false
  }
  return contentType.startsWith(GRPC) || contentType.toLowerCase().startsWith(GRPC)
}

const GRPC = 'application/grpc'
const PLUS = 43
const SEMICOLON = 59
const SP = 32

/**
 * The code of a call that the proxy ends. What a rule has answered with a status of its own goes by that status, as a
 * client would read it.
 */
export function grpcStatusOf(outcome: Outcome, status: number): number {
  const code = CODES.get(outcome)
  return code === undefined || status !== outcome.status ? fromHttp(status) : code
}

const CODES: ReadonlyMap<Outcome, number> = new Map<Outcome, number>([
  [Outcome.Ok, GrpcStatus.OK],
  [Outcome.BadRequest, GrpcStatus.INTERNAL],
  [Outcome.TooLarge, GrpcStatus.RESOURCE_EXHAUSTED],
  [Outcome.HeadTooLarge, GrpcStatus.INTERNAL],
  [Outcome.RequestTimeout, GrpcStatus.DEADLINE_EXCEEDED],
  [Outcome.Version, GrpcStatus.UNIMPLEMENTED],
  [Outcome.UpgradeRefused, GrpcStatus.PERMISSION_DENIED],
  [Outcome.ClientGone, GrpcStatus.CANCELLED],
  [Outcome.NoRoute, GrpcStatus.UNIMPLEMENTED],
  [Outcome.NoCluster, GrpcStatus.UNAVAILABLE],
  [Outcome.NoFilterChain, GrpcStatus.UNAVAILABLE],
  [Outcome.NoHealthyHost, GrpcStatus.UNAVAILABLE],
  [Outcome.ConnectFailed, GrpcStatus.UNAVAILABLE],
  [Outcome.ConnectTimeout, GrpcStatus.UNAVAILABLE],
  [Outcome.UpstreamReset, GrpcStatus.UNAVAILABLE],
  [Outcome.UpstreamRemoteReset, GrpcStatus.UNAVAILABLE],
  [Outcome.UpstreamProtocol, GrpcStatus.INTERNAL],
  [Outcome.Timeout, GrpcStatus.DEADLINE_EXCEEDED],
  [Outcome.MaxDuration, GrpcStatus.DEADLINE_EXCEEDED],
  [Outcome.IdleTimeout, GrpcStatus.DEADLINE_EXCEEDED],
  [Outcome.Overflow, GrpcStatus.UNAVAILABLE],
  [Outcome.Overloaded, GrpcStatus.UNAVAILABLE],
  [Outcome.RetriesExhausted, GrpcStatus.UNAVAILABLE],
])

/** How gRPC reads an answer without a code of its own (gRPC, "HTTP to gRPC Status Code Mapping"). */
function fromHttp(status: number): number {
  switch (status) {
    case 400:
    case 431:
      return GrpcStatus.INTERNAL
    case 401:
      return GrpcStatus.UNAUTHENTICATED
    case 403:
      return GrpcStatus.PERMISSION_DENIED
    case 404:
      return GrpcStatus.UNIMPLEMENTED
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus.UNAVAILABLE
    default:
      return GrpcStatus.UNKNOWN
  }
}

const HTTP_OF: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
]

/** A code in HTTP's words, for metrics and logs. */
export function grpcToHttp(code: number): number {
  return HTTP_OF[code] ?? 500
}

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}
const TIMEOUT = /^(\d{1,8})([HMSmun])$/

/**
 * How long a `grpc-timeout` waits, in whole milliseconds; -1 when it is malformed. Never 0: a deadline that has passed
 * is one all the same, and is due with the next tick.
 */
export function grpcTimeoutMs(value: string): number {
  const parts = TIMEOUT.exec(value)
  if (parts === null) return -1
  return Math.max(1, Math.ceil(Number(parts[1]) * UNIT_MS[parts[2]!]!))
}

const MOST = 99_999_999

/** Milliseconds as a `grpc-timeout`, in the smallest unit of milliseconds and above that has room for them. */
export function grpcTimeoutText(ms: number): string {
  const whole = Math.max(1, Math.floor(ms))
  if (whole <= MOST) return `${whole}m`
  const seconds = Math.floor(whole / 1000)
  if (seconds <= MOST) return `${seconds}S`
  const minutes = Math.floor(seconds / 60)
  return minutes <= MOST ? `${minutes}M` : `${Math.min(MOST, Math.floor(minutes / 60))}H`
}

const NOT_PLAIN = /[^\x20-\x24\x26-\x7e]/

/** A sentence as `grpc-message` carries it: bytes that are not visible ASCII, and `%`, in percent-encoding. */
export function encodeGrpcMessage(text: string): string {
  if (!NOT_PLAIN.test(text)) return text
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    encoded +=
      byte < 0x20 || byte > 0x7e || byte === 0x25
        ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte)
  }
  return encoded
}

const ENCODED = /(?:%[\da-f]{2})+/gi

/** What a `grpc-message` says; a percent sign that encodes nothing stays (gRPC asks never to throw a message away). */
export function decodeGrpcMessage(value: string): string {
  if (!value.includes('%')) return value
  return value.replace(ENCODED, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}
