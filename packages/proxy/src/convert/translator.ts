import type { Frame } from '../frame.ts'
import type { Protocol } from '../protocol.ts'
import { type Tongue, Untranslatable, type WholeMessage } from '../transcoder.ts'
import { type Dialect, dialectOf, GRPC, HTTP } from './dialect.ts'
import { Exchange } from './exchange.ts'
import { Convert, type Step, Unwrap, Wrap } from './step.ts'
import { wrappedIn } from './wrap.ts'

/** What a cluster needs to speak to hosts in other words than its callers'. */
export interface Translation {
  readonly cluster: string
  /** Calls travel to hosts as bodies of HTTP/2 requests. */
  readonly wrapped: boolean
  /** By dialect; a sentence where the declared services cannot be said in it. Empty where none are declared. */
  readonly tongues: ReadonlyMap<Dialect, Tongue | string>
  /** Protocols by name; null is none. */
  protocol(name: string): Protocol | null
  /** The versions of HTTP for `http` hosts, and for gRPC and what is wrapped. */
  readonly http: Protocol
  readonly http2: Protocol
}

/** Says the calls of a cluster's callers as its hosts want them: converted, wrapped, unwrapped, or as they are. */
export class Translator {
  readonly #about: Translation
  #tongues: ReadonlyMap<Dialect, Tongue | string>

  constructor(about: Translation) {
    this.#about = about
    this.#tongues = about.tongues
  }

  /**
   * The services stay, and callers speak other things than before. What is not spoken any more is kept: connections of
   * before may still bring it.
   */
  learn(tongues: ReadonlyMap<Dialect, Tongue | string>): void {
    for (const dialect of tongues.keys())
      if (!this.#tongues.has(dialect)) {
        this.#tongues = tongues
        return
      }
  }

  /** What gRPC and wrapped calls are spoken in. */
  get http2(): Protocol {
    return this.#about.http2
  }

  /** What the caller speaks; of a call in an HTTP request, the call's. */
  asked(request: Frame): Dialect {
    return wrappedIn(request) ?? dialectOf(request)
  }

  /** Whether a request must be there as a whole before it can go to hosts that speak this. */
  needsWhole(request: Frame, spoken: Dialect | null): boolean {
    if (request.protocol.speech !== 'http') return false
    return wrappedIn(request) !== null || (spoken !== null && spoken !== dialectOf(request))
  }

  /**
   * The request for a host that speaks `spoken`, null being whatever comes; null where it goes as it is. `timeoutMs` is
   * what is left of the caller's patience. Throws `Untranslatable`.
   */
  translate(request: WholeMessage, spoken: Dialect | null, timeoutMs: number): Exchange | null {
    const steps: Step[] = []
    let said = request
    const take = (step: Step): void => {
      steps.push(step)
      said = step.request
    }
    const carried = wrappedIn(request.frame)
    if (carried !== null) take(new Unwrap(this.#known(carried), request))
    const dialect = dialectOf(said.frame)
    if (spoken !== null && spoken !== dialect)
      take(
        new Convert(this.#tongue(dialect, spoken), this.#tongue(spoken, spoken), said, timeoutMs),
      )
    const rpc = said.frame.protocol.speech === 'rpc'
    if (rpc && this.#about.wrapped) take(new Wrap(said, timeoutMs))
    if (steps.length === 0) return null
    return new Exchange(this.#connection(said.frame, spoken ?? dialect), steps)
  }

  /** What the connection for a translated request speaks. */
  #connection({ protocol }: Frame, dialect: Dialect): Protocol {
    if (protocol.speech === 'rpc') return protocol
    return dialect === HTTP ? this.#about.http : this.#about.http2
  }

  #known(name: string): Protocol {
    const protocol = this.#about.protocol(name)
    if (protocol?.parse === undefined)
      throw new Untranslatable(
        'content-type',
        `carries calls of "${name}", which nobody here knows`,
      )
    return protocol
  }

  #tongue(dialect: Dialect, spoken: Dialect): Tongue {
    const { cluster } = this.#about
    const tongues = this.#tongues
    const tongue = tongues.get(dialect)
    if (tongue === undefined) {
      const why =
        tongues.size === 0
          ? `its hosts speak ${said(spoken)}, and it declares no services by which calls could be converted`
          : `calls of ${said(dialect)} cannot be converted`
      throw new Untranslatable(`cluster "${cluster}"`, why, 502)
    }
    if (typeof tongue === 'string') throw new Untranslatable(`cluster "${cluster}"`, tongue, 502)
    return tongue
  }
}

function said(dialect: Dialect): string {
  return dialect === GRPC ? 'gRPC' : dialect === HTTP ? 'HTTP' : dialect
}
