import type { Outcome } from '../../outcome.ts'
import { ExceptionType } from './exception.ts'
import { Transport } from './frame.ts'

type OutcomeName = (typeof Outcome)[keyof typeof Outcome]['name']

/** What a caller is told for each way a request can fail here; null: what a rule asked for in HTTP's words decides. */
const byOutcome: Readonly<Record<OutcomeName, number | null>> = {
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
export function typeOf(outcome: Outcome, http: number, transport: Transport): number | null {
  const type =
    (byOutcome[outcome.name as OutcomeName] as number | null | undefined) ?? fromHttp(http)
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
