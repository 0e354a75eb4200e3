import type { ByOutcome, Outcome } from '../../outcome.ts'

/** What a response can say. Only "OK" has a value behind it; behind all others stands a message. */
export const DubboStatus = {
  Ok: 20,
  SerializationError: 25,
  ClientTimeout: 30,
  ServerTimeout: 31,
  ChannelInactive: 35,
  BadRequest: 40,
  BadResponse: 50,
  ServiceNotFound: 60,
  ServiceError: 70,
  ServerError: 80,
  ClientError: 90,
  ServerThreadpoolExhausted: 100,
} as const

/**
 * Java clients make a TimeoutException of both time-outs, and a RemotingException with the message of all the rest.
 */
const byOutcome: ByOutcome = {
  ok: DubboStatus.Ok,
  bad_request: DubboStatus.BadRequest,
  too_large: DubboStatus.BadRequest,
  head_too_large: DubboStatus.BadRequest,
  request_timeout: DubboStatus.ClientTimeout,
  version_not_supported: DubboStatus.BadRequest,
  upgrade_refused: DubboStatus.ServerError,
  client_gone: DubboStatus.ChannelInactive,
  no_filter_chain: DubboStatus.ServiceNotFound,
  no_route: DubboStatus.ServiceNotFound,
  no_cluster: DubboStatus.ServiceNotFound,
  redirect: DubboStatus.ServiceError,
  direct_response: null,
  no_healthy_host: DubboStatus.ServerError,
  connect_failed: DubboStatus.ServerError,
  connect_timeout: DubboStatus.ServerError,
  upstream_reset: DubboStatus.ServerError,
  upstream_remote_reset: DubboStatus.ServerError,
  upstream_protocol: DubboStatus.BadResponse,
  timeout: DubboStatus.ServerTimeout,
  max_stream_duration: DubboStatus.ServerTimeout,
  stream_idle_timeout: DubboStatus.ServerTimeout,
  overflow: DubboStatus.ServerThreadpoolExhausted,
  overloaded: DubboStatus.ServerThreadpoolExhausted,
  retry_limit: DubboStatus.ServerError,
  fault_abort: null,
}

/** The status of an answer of our own. */
export function statusOf(outcome: Outcome, http: number): number {
  return byOutcome[outcome.name] ?? fromHttp(http)
}

/** A status in HTTP's words, in Dubbo's. */
export function fromHttp(http: number): number {
  if (http >= 200 && http < 300) return DubboStatus.Ok
  switch (http) {
    case 400:
    case 413:
    case 429:
    case 431:
      return DubboStatus.BadRequest
    case 401:
    case 403:
    case 502:
      return DubboStatus.ServerError
    case 404:
      return DubboStatus.ServiceNotFound
    case 408:
      return DubboStatus.ClientTimeout
    case 503:
      return DubboStatus.ServerThreadpoolExhausted
    case 504:
      return DubboStatus.ServerTimeout
    default:
      return DubboStatus.ServiceError
  }
}

/** A response's status in HTTP's words, for metrics, retries and outlier detection. */
export function toHttp(status: number): number {
  switch (status) {
    case DubboStatus.Ok:
      return 200
    case DubboStatus.ClientTimeout:
    case DubboStatus.ServerTimeout:
      return 504
    case DubboStatus.ChannelInactive:
    case DubboStatus.BadResponse:
      return 502
    case DubboStatus.BadRequest:
      return 400
    case DubboStatus.ServiceNotFound:
      return 404
    case DubboStatus.ServerThreadpoolExhausted:
      return 503
    default:
      return 500
  }
}
