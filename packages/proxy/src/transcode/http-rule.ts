import { type HttpRule, type Method, nameIn, type ServiceInterface } from '@tulle/model'

/** A method and how it is called by HTTP. */
export interface HttpMethod {
  readonly service: ServiceInterface
  readonly method: Method
  readonly verb: string
  /** In order; those with a name are parameters. */
  readonly segments: readonly { readonly text: string; readonly parameter: boolean }[]
  readonly body: string
}

/** The methods of services, found by what a request asks for. */
export class HttpMethods {
  readonly all: readonly HttpMethod[]
  readonly #byMethod: ReadonlyMap<Method, HttpMethod>

  constructor(services: readonly ServiceInterface[]) {
    this.all = services.flatMap((service) =>
      service.methods.map((method) => compile(service, method)),
    )
    this.#byMethod = new Map(this.all.map((one) => [one.method, one]))
  }

  /** The first whose verb and path fit, with the parameters that the path names. HEAD asks for what GET does. */
  find(asked: string, path: string): { found: HttpMethod; inPath: Map<string, string> } | null {
    const verb = asked === 'HEAD' ? 'GET' : asked
    const parts = path.split('/').slice(1)
    for (const found of this.all) {
      if (found.verb !== verb || found.segments.length !== parts.length) continue
      const inPath = fit(found, parts)
      if (inPath !== null) return { found, inPath }
    }
    return null
  }

  of(method: Method): HttpMethod {
    return this.#byMethod.get(method)!
  }
}

function compile(service: ServiceInterface, method: Method): HttpMethod {
  const rule: HttpRule = method.http ?? {
    method: 'POST',
    path: `/${nameIn('http', service)}/${nameIn('http', method)}`,
    body: '*',
  }
  const segments = rule.path
    .split('/')
    .slice(1)
    .map((text) =>
      /^\{[^}]*\}$/.test(text)
        ? { text: text.slice(1, -1), parameter: true }
        : { text, parameter: false },
    )
  return { service, method, verb: rule.method, segments, body: rule.body }
}

function fit({ segments }: HttpMethod, parts: readonly string[]): Map<string, string> | null {
  const inPath = new Map<string, string>()
  for (const [i, { text, parameter }] of segments.entries()) {
    const part = decoded(parts[i]!)
    if (part === null || (parameter ? part === '' : part !== text)) return null
    if (parameter) inPath.set(text, part)
  }
  return inPath
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
