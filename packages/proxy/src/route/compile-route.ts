import type { FilterConfig, ForwardAction, RetryPolicy, Route, VirtualHost } from '@tulle/model'
import type { Frame } from '../frame.ts'
import type {
  CompiledEdits,
  CompiledRewrite,
  CompiledRoute,
  Destination,
  DirectResponse,
  Forward,
} from '../route.ts'
import type { Compilation } from './compilation.ts'
import { type Choice, compileChoice } from './destination.ts'
import { LevelEdits } from './edits.ts'
import { compileRedirect } from './redirect.ts'
import { compileRewrite } from './rewrite.ts'

/** Makes what is done with a route's requests ready; `outer` are the headers changed by the levels around it. */
export function compileRoute<C>(
  route: Route,
  host: VirtualHost,
  outer: LevelEdits,
  compilation: Compilation<C>,
  at: string,
): CompiledRoute<C> {
  const edits = LevelEdits.of(route, compilation, at).within(outer)
  return new Way(route, host.name, compileAction(route, host, edits, compilation, at), edits)
}

class Way<C> implements CompiledRoute<C> {
  readonly name: string
  readonly virtualHost: string
  readonly action: CompiledRoute<C>['action']
  readonly requestHeaders: CompiledEdits | null
  readonly responseHeaders: CompiledEdits | null
  readonly perFilterConfig: Readonly<Record<string, FilterConfig>>

  constructor(
    route: Route,
    virtualHost: string,
    action: CompiledRoute<C>['action'],
    edits: LevelEdits,
  ) {
    this.name = route.name
    this.virtualHost = virtualHost
    this.action = action
    this.requestHeaders = edits.request
    this.responseHeaders = edits.response
    this.perFilterConfig = route.perFilterConfig
  }
}

function compileAction<C>(
  { action, match }: Route,
  host: VirtualHost,
  edits: LevelEdits,
  compilation: Compilation<C>,
  at: string,
): CompiledRoute<C>['action'] {
  if (action.kind === 'redirect') {
    return compileRedirect(action, match.path)
  }
  if (action.kind === 'direct') return new Answer(action.status, action.body)
  const choice = compileChoice(action, edits, compilation, `${at}.route`)
  const rewrite = compileRewrite(action, match.path)
  return new Onward(action, action.retryPolicy ?? host.retryPolicy, rewrite, choice)
}

class Answer implements DirectResponse {
  readonly kind = 'direct'
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    this.status = status
    this.body = body
  }
}

const NO_UPGRADES: ReadonlyMap<string, boolean> = new Map()

class Onward<C> implements Forward<C> {
  readonly kind = 'forward'
  readonly timeoutMs: number
  readonly maxDurationMs: number | null
  readonly grpcTimeoutMaxMs: number | null
  readonly grpcTimeoutOffsetMs: number
  readonly idleTimeoutMs: number | null
  readonly retry: RetryPolicy | null
  readonly clusterNotFoundStatus: number
  readonly upgrades: ReadonlyMap<string, boolean>
  readonly rewrite: CompiledRewrite | null
  readonly #choice: Choice<C>

  constructor(
    action: ForwardAction,
    retry: RetryPolicy | null,
    rewrite: CompiledRewrite | null,
    choice: Choice<C>,
  ) {
    const upgrades = Object.entries(action.upgrades)
    const duration = action.maxStreamDuration
    this.timeoutMs = action.timeoutMs
    this.maxDurationMs = duration === null ? null : duration.maxMs
    this.grpcTimeoutMaxMs = duration === null ? null : duration.grpcTimeoutMaxMs
    this.grpcTimeoutOffsetMs = duration === null ? 0 : duration.grpcTimeoutOffsetMs
    this.idleTimeoutMs = action.idleTimeoutMs
    this.retry = retry
    this.clusterNotFoundStatus = action.clusterNotFoundStatus
    this.upgrades = upgrades.length === 0 ? NO_UPGRADES : new Map(upgrades)
    this.rewrite = rewrite
    this.#choice = choice
  }

  destination(request: Frame, random: () => number): Destination<C> {
    return this.#choice.destination(request, random)
  }
}
