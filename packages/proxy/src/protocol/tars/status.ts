import type { Frame } from '../../frame.ts'
import type { ByOutcome, Outcome } from '../../outcome.ts'
import { fifthOffset, intAt, isAnswerStruct, RESULT_CODE } from './frame.ts'
import { noteOf } from './header.ts'

/** What an answer can say of itself. Numbers above 0 are those of servants. */
export const TarsResult = {
  Success: 0,
  ServerDecodeError: -1,
  ServerEncodeError: -2,
  NoFunction: -3,
  NoServant: -4,
  ResetGrid: -5,
  QueueTimeout: -6,
  CallTimeout: -7,
  ConnectError: -8,
  Overload: -9,
  AdapterNull: -10,
  InvalidSet: -11,
  ClientDecodeError: -12,
  Unknown: -99,
} as const

const CODE = Buffer.from(RESULT_CODE)

const byOutcome: ByOutcome = {
  ok: TarsResult.Success,
  bad_request: null,
  too_large: TarsResult.ServerDecodeError,
  head_too_large: TarsResult.ServerDecodeError,
  request_timeout: TarsResult.CallTimeout,
  version_not_supported: TarsResult.ServerDecodeError,
  upgrade_refused: TarsResult.Unknown,
  client_gone: TarsResult.Unknown,
  no_filter_chain: TarsResult.NoServant,
  no_route: TarsResult.NoServant,
  no_cluster: TarsResult.NoServant,
  redirect: TarsResult.Unknown,
  direct_response: null,
  no_healthy_host: TarsResult.AdapterNull,
  connect_failed: TarsResult.ConnectError,
  connect_timeout: TarsResult.ConnectError,
  upstream_reset: TarsResult.ConnectError,
  upstream_remote_reset: TarsResult.ConnectError,
  upstream_protocol: TarsResult.ClientDecodeError,
  timeout: TarsResult.CallTimeout,
  max_stream_duration: TarsResult.CallTimeout,
  stream_idle_timeout: TarsResult.CallTimeout,
  overflow: TarsResult.Overload,
  overloaded: TarsResult.Overload,
  retry_limit: TarsResult.ConnectError,
  fault_abort: null,
}

/** The result of an answer of our own. */
export function statusOf(outcome: Outcome, http: number): number {
  return byOutcome[outcome.name] ?? fromHttp(http)
}

/** A status in HTTP's words, in those of Tars. */
export function fromHttp(http: number): number {
  if (http >= 200 && http < 300) return TarsResult.Success
  switch (http) {
    case 400:
    case 413:
    case 431:
      return TarsResult.ServerDecodeError
    case 404:
      return TarsResult.NoServant
    case 408:
    case 504:
      return TarsResult.CallTimeout
    case 429:
    case 503:
      return TarsResult.Overload
    case 502:
      return TarsResult.ConnectError
    default:
      return TarsResult.Unknown
  }
}

/** A result in HTTP's words, for metrics, retries and outlier detection. */
export function toHttp(result: number): number {
  switch (result) {
    case TarsResult.Success:
      return 200
    case TarsResult.ServerDecodeError:
      return 400
    case TarsResult.InvalidSet:
      return 403
    case TarsResult.NoFunction:
    case TarsResult.NoServant:
      return 404
    case TarsResult.ConnectError:
    case TarsResult.ClientDecodeError:
      return 502
    case TarsResult.ResetGrid:
    case TarsResult.Overload:
    case TarsResult.AdapterNull:
      return 503
    case TarsResult.QueueTimeout:
    case TarsResult.CallTimeout:
      return 504
    default:
      return 500
  }
}

/** The result in an answer's bytes. TUP has it in the status map, and C++ hosts leave out success there. */
export function resultAt(answer: Frame): number {
  const { buf, start, view } = answer
  if (isAnswerStruct(view)) {
    const at = start + fifthOffset(view)
    return intAt(buf, buf[at]! & 15, at + 1)
  }
  const code = noteOf(answer, CODE)
  if (code === undefined) return TarsResult.Success
  return /^-?\d{1,10}$/.test(code) ? Number(code) : TarsResult.Unknown
}
