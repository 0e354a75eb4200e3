import type { Frame } from '../../frame.ts'
import { u16 } from '../../framed.ts'
import type { ByOutcome, Outcome } from '../../outcome.ts'
import { FLAG_MASK, Flag, isMotan2, OUTER_BYTES, STREAM_AT } from './frame.ts'
import { header } from './header.ts'

/** What kind of trouble an exception tells of. */
export const ErrorType = { Framework: 0, Service: 1, Business: 2 } as const

/** Codes are HTTP's, or Motan's own for Java. */
export const ErrorCode = {
  Forbidden: 403,
  NotFound: 404,
  Internal: 500,
  Unavailable: 503,
  NoEndpoint: 1001,
  NoChannel: 1002,
  JavaTimeout: 10_003,
  JavaNotFound: 10_101,
  JavaTooLarge: 10_201,
} as const

const CODE = /"errcode"\s*:\s*"?(-?\d{1,9})/
const TYPE = /"errtype"\s*:\s*"?(\d)/
/** In Motan1 the class tells the type. It stands behind the stream's beginning, a block's and the processing time. */
const CLASS_AT = STREAM_AT + 14
/** The class of what a service's own code has thrown. */
export const BUSINESS = 'com.weibo.api.motan.exception.MotanBizException'
const SERVICE = 'com.weibo.api.motan.exception.MotanServiceException'
/** What Java makes of an exception without a code. */
const UNSAID = 500

const byOutcome: ByOutcome = {
  ok: 200,
  bad_request: ErrorCode.Internal,
  too_large: ErrorCode.Internal,
  head_too_large: ErrorCode.Internal,
  request_timeout: ErrorCode.Unavailable,
  version_not_supported: ErrorCode.Internal,
  upgrade_refused: ErrorCode.Forbidden,
  client_gone: ErrorCode.Unavailable,
  no_filter_chain: ErrorCode.NotFound,
  no_route: ErrorCode.NotFound,
  no_cluster: ErrorCode.NotFound,
  redirect: ErrorCode.Internal,
  direct_response: null,
  no_healthy_host: ErrorCode.Unavailable,
  connect_failed: ErrorCode.Unavailable,
  connect_timeout: ErrorCode.Unavailable,
  upstream_reset: ErrorCode.Unavailable,
  upstream_remote_reset: ErrorCode.Unavailable,
  upstream_protocol: ErrorCode.Unavailable,
  timeout: ErrorCode.Unavailable,
  max_stream_duration: ErrorCode.Unavailable,
  stream_idle_timeout: ErrorCode.Unavailable,
  overflow: ErrorCode.Unavailable,
  overloaded: ErrorCode.Unavailable,
  retry_limit: ErrorCode.Unavailable,
  fault_abort: null,
}

/** The code of an answer of our own; 200 is no exception. */
export function statusOf(outcome: Outcome, http: number): number {
  return byOutcome[outcome.name] ?? fromHttp(http)
}

/** A status in HTTP's words, as the code of an exception: those that Motan's own hosts send. */
export function fromHttp(http: number): number {
  if (http >= 200 && http < 300) return 200
  switch (http) {
    case 401:
    case 403:
      return ErrorCode.Forbidden
    case 404:
      return ErrorCode.NotFound
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return ErrorCode.Unavailable
    default:
      return ErrorCode.Internal
  }
}

/**
 * An exception in HTTP's words, for metrics, retries and outlier detection. One of the service's own code is an answer
 * like any other: the host did what it was asked, and Motan's own clients count it so.
 */
export function toHttp(type: number, code: number): number {
  if (type === ErrorType.Business) return 200
  if (code >= 400 && code < 600) return code
  switch (code) {
    case ErrorCode.NoEndpoint:
    case ErrorCode.NoChannel:
      return 503
    case ErrorCode.JavaTimeout:
      return 504
    case ErrorCode.JavaNotFound:
      return 404
    case ErrorCode.JavaTooLarge:
      return 413
    default:
      return code > 10_000 && code < 20_000 ? 503 : 500
  }
}

/** The status of a response in HTTP's words. */
export function statusAt(response: Frame): number {
  const { buf, start, end } = response
  if (isMotan2(buf, start))
    return (buf[start + 3]! & 7) === 0 ? 200 : statusIn(header(response, 'M_e'))
  const flag = buf[start + OUTER_BYTES + 3]! & FLAG_MASK
  if (flag !== Flag.Exception) return 200
  const at = start + CLASS_AT
  if (at + 2 > end) return UNSAID
  const name = buf.toString('latin1', at + 2, Math.min(at + 2 + u16(buf, at), end))
  if (name === BUSINESS) return toHttp(ErrorType.Business, UNSAID)
  return name === SERVICE ? ErrorCode.Unavailable : UNSAID
}

/** What the text of an exception says; text that is none of Motan's is the framework's trouble. */
function statusIn(text = ''): number {
  const code = CODE.exec(text)?.[1]
  const type = TYPE.exec(text)?.[1]
  return toHttp(Number(type ?? ErrorType.Service), Number(code ?? UNSAID))
}
