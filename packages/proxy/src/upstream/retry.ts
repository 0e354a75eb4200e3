import type { RetryOn, RetryPolicy } from '@tulle/model'
import { GrpcStatus } from '../http/grpc.ts'
import { Outcome } from '../outcome.ts'
import type { Call } from './call.ts'

/** Where a try that got no answer is made again at once, whatever the policy says; null: it is not. */
export type AtOnce =
  /** No connection came about: at a host that was not tried yet. */
  | 'elsewhere'
  /** Not a byte of it left, or its connection died idle as it was used again and the request may be sent twice. */
  | 'anywhere'
  | null

/** What the route's policy says to a try that failed. */
export type Verdict =
  | 'again'
  /** It would have, but has no retries left. */
  | 'spent'
  /** This kind of failure is not its business. */
  | null

/** `untouched`: the host cannot have begun to work on it. `tries`: choosing other hosts must end, too. */
export function atOnce(call: Call, outcome: Outcome, untouched: boolean, tries: number): AtOnce {
  if (!call.unanswered || !sendable(call) || call.attempts >= tries) return null
  if (isConnectFailure(outcome)) return 'elsewhere'
  if (outcome.side !== 'upstream') return null
  return untouched || (outcome === Outcome.UpstreamReset && diedIdle(call)) ? 'anywhere' : null
}

/** Whether the policy wants a request sent again that got no answer. `untouched`: the host refused it unseen. */
export function afterReset(call: Call, outcome: Outcome, untouched: boolean): Verdict {
  const policy = policyOf(call)
  // What the proxy or the client is to blame for fails the same way at every host.
  if (policy === null || outcome.side !== 'upstream' || !call.unanswered) return null
  const reasons = isConnectFailure(outcome) ? ON_CONNECT : untouched ? ON_REFUSED : ON_RESET
  return reasons.some((reason) => policy.on.has(reason)) ? verdict(call, policy) : null
}

/**
 * Whether the policy wants an answer with this status thrown away and the request sent again. `callStatus` is what the
 * answer's head says of the call: below 0 nothing.
 */
export function afterStatus(call: Call, status: number, callStatus: number): Verdict {
  const policy = policyOf(call)
  if (policy === null) return null
  const again = retries(policy, status) || (callStatus > 0 && retriesCall(policy, callStatus))
  return again ? verdict(call, policy) : null
}

/** Milliseconds until the next try: full jitter under a ceiling that doubles. */
export function backoffMs(policy: RetryPolicy, retry: number, random: () => number): number {
  const ceiling = Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** (retry - 1))
  return Math.round(random() * ceiling)
}

const ON_RESET: readonly RetryOn[] = ['5xx', 'gateway-error', 'reset']
const ON_REFUSED: readonly RetryOn[] = ['refused-stream', ...ON_RESET]
const ON_CONNECT: readonly RetryOn[] = [
  '5xx',
  'gateway-error',
  'connect-failure',
  'reset',
  'reset-before-request',
]

/** By gRPC's status. */
const ON_STATUS: ReadonlyMap<number, RetryOn> = new Map<number, RetryOn>([
  [GrpcStatus.CANCELLED, 'cancelled'],
  [GrpcStatus.DEADLINE_EXCEEDED, 'deadline-exceeded'],
  [GrpcStatus.RESOURCE_EXHAUSTED, 'resource-exhausted'],
  [GrpcStatus.INTERNAL, 'internal'],
  [GrpcStatus.UNAVAILABLE, 'unavailable'],
])

/** Null where there is none, and where the request is no longer at hand. */
function policyOf(call: Call): RetryPolicy | null {
  const policy = call.route?.retry ?? null
  return policy !== null && policy.retries > 0 && sendable(call) ? policy : null
}

function verdict(call: Call, policy: RetryPolicy): Verdict {
  return call.retries < policy.retries ? 'again' : 'spent'
}

function retries({ on, statusCodes }: RetryPolicy, status: number): boolean {
  if (status >= 500 && on.has('5xx')) return true
  if ((status === 502 || status === 503 || status === 504) && on.has('gateway-error')) return true
  if (status === 409 && on.has('retriable-4xx')) return true
  return on.has('retriable-status-codes') && statusCodes.has(status)
}

function retriesCall({ on }: RetryPolicy, callStatus: number): boolean {
  const reason = ON_STATUS.get(callStatus)
  return reason !== undefined && on.has(reason)
}

/** All of the request is still at hand. */
function sendable(call: Call): boolean {
  return call.keptBytes === 0 || call.kept !== null
}

function diedIdle(call: Call): boolean {
  return call.up !== null && call.up.served > 1 && call.request.protocol.idempotent(call.request)
}

function isConnectFailure(outcome: Outcome): boolean {
  return outcome === Outcome.ConnectFailed || outcome === Outcome.ConnectTimeout
}
