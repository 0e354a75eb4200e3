import type { ForwardAction } from '@tulle/model'
import type { Frame } from '../frame.ts'
import { Depth } from '../protocol.ts'
import type { Destination } from '../route.ts'
import type { Compilation } from './compilation.ts'
import { LevelEdits } from './edits.ts'

/** Chooses the destination of each request of one route. */
export interface Choice<C> {
  destination(request: Frame, random: () => number): Destination<C>
}

/** Makes a route's clusters ready; `edits` are those of the route and the levels around it. */
export function compileChoice<C>(
  action: ForwardAction,
  edits: LevelEdits,
  compilation: Compilation<C>,
  at: string,
): Choice<C> {
  if (action.clusterHeader !== null) {
    const who = `a cluster named by header "${action.clusterHeader}"`
    compilation.ask(Depth.Headers, who, `${at}.cluster_header`)
    return new ByHeader(action.clusterHeader, compilation.resolve, edits)
  }
  const targets = action.clusters.map((cluster, i) => {
    const place = `${at}.weighted_clusters.clusters[${i}]`
    const own = LevelEdits.of(cluster, compilation, place).within(edits)
    return new Target(cluster.name, cluster.weight, compilation.resolve(cluster.name), own)
  })
  if (targets.length === 1) return new Only(targets[0]!)
  return new ByWeight(targets.filter((target) => target.weight > 0))
}

class Target<C> implements Destination<C> {
  readonly name: string
  readonly weight: number
  readonly cluster: C | null
  readonly requestHeaders: Destination<C>['requestHeaders']
  readonly responseHeaders: Destination<C>['responseHeaders']

  constructor(name: string, weight: number, cluster: C | null, edits: LevelEdits) {
    this.name = name
    this.weight = weight
    this.cluster = cluster
    this.requestHeaders = edits.request
    this.responseHeaders = edits.response
  }
}

class Only<C> implements Choice<C> {
  readonly #target: Target<C>

  constructor(target: Target<C>) {
    this.#target = target
  }

  destination(): Destination<C> {
    return this.#target
  }
}

class ByWeight<C> implements Choice<C> {
  readonly #targets: readonly Target<C>[]
  /** Where each target's share of [0, total) ends. */
  readonly #bounds: readonly number[]
  readonly #total: number

  constructor(targets: readonly Target<C>[]) {
    let total = 0
    this.#targets = targets
    this.#bounds = targets.map(({ weight }) => {
      total += weight
      return total
    })
    this.#total = total
  }

  destination(_request: Frame, random: () => number): Destination<C> {
    const drawn = random() * this.#total
    let low = 0
    let high = this.#bounds.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (drawn < this.#bounds[middle]!) high = middle
      else low = middle + 1
    }
    return this.#targets[low]!
  }
}

class ByHeader<C> implements Choice<C> {
  readonly #header: string
  readonly #resolve: (cluster: string) => C | null
  readonly #edits: LevelEdits
  /** Those that were asked for and exist; names that do not are not kept, clients could make up any number. */
  readonly #targets = new Map<string, Target<C>>()

  constructor(header: string, resolve: (cluster: string) => C | null, edits: LevelEdits) {
    this.#header = header
    this.#resolve = resolve
    this.#edits = edits
  }

  destination(request: Frame): Destination<C> {
    const name = request.header(this.#header) ?? ''
    const known = this.#targets.get(name)
    if (known !== undefined) return known
    const target = new Target(name, 1, this.#resolve(name), this.#edits)
    if (target.cluster !== null) this.#targets.set(name, target)
    return target
  }
}
