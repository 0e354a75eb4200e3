import type { RetryOn, RetryPolicy } from '@tulle/model'
import { Outcome } from '../outcome.ts'
import type { Call } from './call.ts'

/** Choosing another host for a request no host has seen is not a retry, but it must end. */
const MAX_UNTOUCHED_TRIES = 4

/** Why a failed try may be made again; null when it may not. */
export type Again =
  /** No host has seen a byte of it: another one is asked, whatever the policy says. */
  | 'untouched'
  /** The connection was used before and died as it was used again, and the request may be sent twice. */
  | 'reused'
  /** The route's policy asks for it. */
  | 'policy'
  | null

/** Whether a try that got no answer may be made again. `untouched`: the host cannot have begun to work on it. */
export function afterReset(call: Call, outcome: Outcome, untouched: boolean): Again {
  if (!call.unanswered || !sendable(call)) return null
  if (untouched && outcome !== Outcome.Overflow && call.attempts < MAX_UNTOUCHED_TRIES)
    return 'untouched'
  if (outcome === Outcome.UpstreamReset && diedIdle(call)) return 'reused'
  const policy = call.route?.retry ?? null
  if (policy === null || call.attempts > policy.retries) return null
  return onReset(policy, outcome) ? 'policy' : null
}

/** Whether an answer with this status is to be thrown away and the request sent again. */
export function afterStatus(call: Call, status: number): boolean {
  const policy = call.route?.retry ?? null
  if (policy === null || call.attempts > policy.retries || !sendable(call)) return false
  const { on } = policy
  if (status >= 500 && on.has('5xx')) return true
  if ((status === 502 || status === 503 || status === 504) && on.has('gateway-error')) return true
  if (status === 409 && on.has('retriable-4xx')) return true
  return on.has('retriable-status-codes') && policy.statusCodes.has(status)
}

/** Milliseconds until the next try: full jitter under a ceiling that doubles. */
export function backoffMs(policy: RetryPolicy, retry: number, random: () => number): number {
  const ceiling = Math.min(policy.backoffMaxMs, policy.backoffBaseMs * 2 ** (retry - 1))
  return Math.round(random() * ceiling)
}

/** All of the request is still at hand. */
function sendable(call: Call): boolean {
  return call.keptBytes === 0 || call.kept !== null
}

function diedIdle(call: Call): boolean {
  return (
    call.up !== null &&
    call.up.served > 1 &&
    call.attempts < MAX_UNTOUCHED_TRIES &&
    call.request.protocol.idempotent(call.request)
  )
}

const ON_RESET: readonly RetryOn[] = ['5xx', 'gateway-error', 'reset']
const ON_CONNECT: readonly RetryOn[] = [
  '5xx',
  'gateway-error',
  'connect-failure',
  'reset',
  'reset-before-request',
]

function onReset(policy: RetryPolicy, outcome: Outcome): boolean {
  const connect = outcome === Outcome.ConnectFailed || outcome === Outcome.ConnectTimeout
  return (connect ? ON_CONNECT : ON_RESET).some((reason) => policy.on.has(reason))
}
