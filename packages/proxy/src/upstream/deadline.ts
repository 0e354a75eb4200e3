import { Outcome } from '../outcome.ts'
import type { Forward } from '../route.ts'
import type { Call } from './call.ts'
import type { Cluster } from './cluster.ts'

/**
 * Says how long the call may take.
 *
 * | who says it                             | runs from                        | ends it by  |
 * |-----------------------------------------|----------------------------------|-------------|
 * | the caller, as far as the route lets it | the first byte of the request    | Timeout     |
 * | the route's `max_stream_duration`       | the first byte of the request    | MaxDuration |
 * | else the route's `timeout`              | the end of the request, which    | Timeout     |
 * |                                         | `Dispatch` sees                  |             |
 */
export function limit(call: Call, route: Forward<Cluster>): void {
  if (!call.wantsAnswer && !mayBeAnswered(call)) return
  const asked = call.request.protocol.timeoutMs(call.request)
  const { maxDurationMs } = route
  if (asked > 0) {
    call.toldMs = asked
    const ms = granted(asked, route)
    if (route.grpcTimeoutMaxMs === null && maxDurationMs !== null && maxDurationMs > 0)
      if (maxDurationMs < ms) return fromTheStart(call, maxDurationMs, Outcome.MaxDuration)
    return fromTheStart(call, ms, Outcome.Timeout)
  }
  if (maxDurationMs !== null) {
    if (maxDurationMs > 0) fromTheStart(call, maxDurationMs, Outcome.MaxDuration)
  } else if (asked === 0) call.timeoutMs = route.timeoutMs
}

/** Puts what is left of the caller's patience into the request that goes out now. */
export function tellWhatIsLeft(call: Call, now: number): void {
  const left = call.timeoutAt - now
  if (call.toldMs - left < 1) return
  call.toldMs = left
  const { request } = call
  request.protocol.shorten?.(request, left)
}

/** In the words of a host, a call that nobody answers may be one that is answered. */
function mayBeAnswered({ cluster }: Call): boolean {
  return cluster !== null && cluster.translator !== null
}

function granted(asked: number, { grpcTimeoutMaxMs: max, grpcTimeoutOffsetMs }: Forward<Cluster>) {
  if (max === null) return asked
  const ms = max > 0 && max < asked ? max : asked
  return ms > grpcTimeoutOffsetMs ? ms - grpcTimeoutOffsetMs : ms
}

function fromTheStart(call: Call, ms: number, outcome: Outcome): void {
  call.timeoutMs = ms
  call.timeoutAt = call.startedAt + ms
  call.timeoutOutcome = outcome
}
