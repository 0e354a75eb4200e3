import type { ByOutcome, Outcome } from '../../outcome.ts'

/** What a response can say. Java clients throw on any other number, so no other is ever written. */
export const BoltStatus = {
  Success: 0,
  Error: 1,
  ServerException: 2,
  Unknown: 3,
  ServerThreadpoolBusy: 4,
  ErrorComm: 5,
  NoProcessor: 6,
  Timeout: 7,
  ClientSendError: 8,
  CodecException: 9,
  ConnectionClosed: 16,
  ServerSerialException: 17,
  ServerDeserialException: 18,
} as const

const byOutcome: ByOutcome = {
  ok: BoltStatus.Success,
  bad_request: BoltStatus.CodecException,
  too_large: BoltStatus.CodecException,
  head_too_large: BoltStatus.CodecException,
  request_timeout: BoltStatus.Timeout,
  version_not_supported: BoltStatus.CodecException,
  upgrade_refused: BoltStatus.ServerException,
  client_gone: BoltStatus.ConnectionClosed,
  no_filter_chain: BoltStatus.NoProcessor,
  no_route: BoltStatus.NoProcessor,
  no_cluster: BoltStatus.NoProcessor,
  redirect: BoltStatus.Unknown,
  direct_response: null,
  no_healthy_host: BoltStatus.ConnectionClosed,
  connect_failed: BoltStatus.ConnectionClosed,
  connect_timeout: BoltStatus.ConnectionClosed,
  upstream_reset: BoltStatus.ConnectionClosed,
  upstream_remote_reset: BoltStatus.ConnectionClosed,
  upstream_protocol: BoltStatus.ConnectionClosed,
  timeout: BoltStatus.Timeout,
  max_stream_duration: BoltStatus.Timeout,
  stream_idle_timeout: BoltStatus.Timeout,
  overflow: BoltStatus.ServerThreadpoolBusy,
  overloaded: BoltStatus.ServerThreadpoolBusy,
  retry_limit: BoltStatus.ConnectionClosed,
  fault_abort: null,
}

/** The status of an answer of our own. */
export function statusOf(outcome: Outcome, http: number): number {
  return byOutcome[outcome.name] ?? fromHttp(http)
}

/** A status in HTTP's words, in Bolt's. */
export function fromHttp(http: number): number {
  if (http >= 200 && http < 300) return BoltStatus.Success
  switch (http) {
    case 400:
    case 413:
    case 431:
      return BoltStatus.CodecException
    case 401:
    case 403:
      return BoltStatus.ServerException
    case 404:
      return BoltStatus.NoProcessor
    case 408:
    case 504:
      return BoltStatus.Timeout
    case 502:
      return BoltStatus.ConnectionClosed
    case 503:
      return BoltStatus.ServerThreadpoolBusy
    default:
      return BoltStatus.Unknown
  }
}

/** A response's status in HTTP's words, for metrics, retries and outlier detection. */
export function toHttp(status: number): number {
  switch (status) {
    case BoltStatus.Success:
      return 200
    case BoltStatus.ServerThreadpoolBusy:
      return 503
    case BoltStatus.Timeout:
      return 504
    case BoltStatus.ConnectionClosed:
      return 502
    default:
      return 500
  }
}
