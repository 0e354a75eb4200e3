import type { ByOutcome, Outcome } from '../../outcome.ts'
import { ExceptionType } from './exception.ts'
import { Transport } from './frame.ts'

const byOutcome: ByOutcome = {
  ok: null,
  bad_request: ExceptionType.ProtocolError,
  too_large: ExceptionType.ProtocolError,
  head_too_large: ExceptionType.ProtocolError,
  request_timeout: ExceptionType.Timeout,
  version_not_supported: ExceptionType.InvalidProtocol,
  upgrade_refused: ExceptionType.InternalError,
  client_gone: ExceptionType.InternalError,
  no_filter_chain: ExceptionType.UnknownMethod,
  no_route: ExceptionType.UnknownMethod,
  no_cluster: ExceptionType.UnknownMethod,
  redirect: ExceptionType.InternalError,
  direct_response: null,
  no_healthy_host: ExceptionType.InternalError,
  connect_failed: ExceptionType.InternalError,
  connect_timeout: ExceptionType.InternalError,
  upstream_reset: ExceptionType.InternalError,
  upstream_remote_reset: ExceptionType.InternalError,
  upstream_protocol: ExceptionType.InternalError,
  timeout: ExceptionType.Timeout,
  max_stream_duration: ExceptionType.Timeout,
  stream_idle_timeout: ExceptionType.Timeout,
  overflow: ExceptionType.LoadShedding,
  overloaded: ExceptionType.LoadShedding,
  retry_limit: ExceptionType.InternalError,
  fault_abort: null,
}

/**
 * The type of exception that an answer of our own carries; null is a result. Being too busy and too late have types with
 * those who speak THeader alone.
 */
export function statusOf(outcome: Outcome, http: number, transport: Transport): number | null {
  const type = byOutcome[outcome.name] ?? fromHttp(http)
  if (type === null || type <= ExceptionType.UnsupportedClientType) return type
  const known = transport === Transport.THeader || transport === Transport.DoubleTHeader
  return known ? type : ExceptionType.InternalError
}

/** A status in HTTP's words, in Thrift's; null is a result. */
export function fromHttp(http: number): number | null {
  if (http >= 200 && http < 300) return null
  switch (http) {
    case 400:
    case 413:
    case 431:
      return ExceptionType.ProtocolError
    case 404:
      return ExceptionType.UnknownMethod
    case 408:
    case 504:
      return ExceptionType.Timeout
    case 429:
    case 503:
      return ExceptionType.LoadShedding
    default:
      return ExceptionType.InternalError
  }
}

/** A type of exception in HTTP's words, for metrics, retries and outlier detection. */
export function toHttp(type: number): number {
  switch (type) {
    case ExceptionType.UnknownMethod:
      return 404
    case ExceptionType.InvalidMessageType:
    case ExceptionType.InvalidTransform:
    case ExceptionType.InvalidProtocol:
    case ExceptionType.UnsupportedClientType:
      return 400
    case ExceptionType.LoadShedding:
      return 503
    case ExceptionType.Timeout:
      return 504
    default:
      return 500
  }
}
