import type { ForwardAction, PathMatch } from '@tulle/model'
import type { Frame } from '../frame.ts'
import type { CompiledRewrite } from '../route.ts'
import { compilePathChange, type PathChange } from './path-change.ts'

/** Makes a route's change of path and host ready; null when it has none. */
export function compileRewrite(action: ForwardAction, match: PathMatch): CompiledRewrite | null {
  const { rewrite, hostRewrite } = action
  if (rewrite === null && hostRewrite === null) return null
  const change = rewrite === null ? null : compilePathChange(rewrite, match)
  return new PathAndHost(change, hostRewrite)
}

class PathAndHost implements CompiledRewrite {
  readonly #change: PathChange | null
  readonly #host: string | null

  constructor(change: PathChange | null, host: string | null) {
    this.#change = change
    this.#host = host
  }

  apply(request: Frame): void {
    if (this.#host !== null) request.set(':authority', this.#host)
    if (this.#change === null) return
    const path = request.header(':path')
    if (path === undefined || !path.startsWith('/')) return
    request.set('x-envoy-original-path', path)
    request.set(':path', this.#change(path))
  }
}
