/** The place of a request in a trace, as one of the formats has brought it. */
export interface Incoming {
  /** In the format's own form: 32 hexadecimal digits, or what SOFATracer and SkyWalking make. */
  readonly traceId: string
  /** Of the caller: 16 hexadecimal digits; empty where the format has none. */
  readonly spanId: string
  /** Null: the caller has not decided. */
  readonly sampled: boolean | null
}

/** What this hop does of a trace. */
export class Span implements Incoming {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly sampled: boolean

  constructor(traceId: string, parentId: string, sampled: boolean) {
    this.traceId = traceId
    this.parentId = parentId
    this.sampled = sampled
    this.spanId = randomHex(8)
  }
}

const TRACE_ID = /^[\x21-\x7e]{1,128}$/

/** Whether a text can be the id of a trace, of whatever form. */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text)
}

const POOL_BYTES = 4096
const pool = Buffer.allocUnsafe(POOL_BYTES)
let used = POOL_BYTES

/** So many random bytes in hexadecimal digits, not all of them 0. */
export function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const text = pool.toString('hex', used, used + bytes)
  used += bytes
  return /[^0]/.test(text) ? text : randomHex(bytes)
}
