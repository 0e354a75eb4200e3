import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { DownstreamTls, UpstreamTls } from '@tulle/model'
import type { Identity, Material } from './material.ts'
import { parameterOptions } from './parameters.ts'

/** What OpenSSL is told; one of each kind of key may be among the identities. */
export function contextOptions(
  config: DownstreamTls | UpstreamTls,
  material: Material,
  identities: readonly Identity[],
): SecureContextOptions {
  const options = parameterOptions(config.parameters)
  return {
    ...options,
    cert: identities.map(({ chain }) => chain),
    key: identities.map(({ key, password }) =>
      password === null ? { pem: key } : { pem: key, passphrase: password },
    ),
    // An empty list keeps the authorities that the public believes in out.
    ca: material.trustedCa === null ? [] : [material.trustedCa],
    ...(material.crl === null ? {} : { crl: material.crl }),
  }
}

/** Sessions of one context are of no use in another: whom it believes may differ. */
export interface SessionOptions {
  readonly ticketKeys: Buffer
  readonly timeoutMs: number
}

/** A context with the certificate it shows first. */
export interface ServerContext {
  readonly secure: SecureContext
  readonly identity: Identity
}

/** A server's contexts, by the name that is asked for: exact names, `*.suffix`, and the first certificate for others. */
export class ServerContexts {
  readonly #exact = new Map<string, ServerContext>()
  /** By what follows the `*`. */
  readonly #wildcards = new Map<string, ServerContext>()
  readonly #first: ServerContext

  constructor(config: DownstreamTls, material: Material, sessions: SessionOptions | null) {
    const { identities } = material
    const made = new Map<string, ServerContext>()
    const contextOf = (chosen: readonly Identity[]): ServerContext => {
      const key = chosen.map((one) => identities.indexOf(one)).join()
      const known = made.get(key)
      if (known !== undefined) return known
      const context = serverContext(config, material, chosen, sessions)
      made.set(key, context)
      return context
    }
    for (const { dnsNames } of identities)
      for (const written of dnsNames) {
        const name = written.toLowerCase()
        const chosen = oneOfEachKind(identities.filter((one) => isFor(one, name)))
        if (name.startsWith('*.')) this.#wildcards.set(name.slice(1), contextOf(chosen))
        else this.#exact.set(name, contextOf(chosen))
      }
    const first = identities[0]!
    this.#first = contextOf(
      oneOfEachKind([
        first,
        ...identities.filter((one) =>
          first.dnsNames.some((name) => isFor(one, name.toLowerCase())),
        ),
      ]),
    )
  }

  /** `serverName` in lower case; '' where none is asked for. */
  find(serverName: string): ServerContext {
    const exact = this.#exact.get(serverName)
    if (exact !== undefined) return exact
    const dot = serverName.indexOf('.')
    return (dot < 0 ? undefined : this.#wildcards.get(serverName.slice(dot))) ?? this.#first
  }
}

function serverContext(
  config: DownstreamTls,
  material: Material,
  identities: readonly Identity[],
  sessions: SessionOptions | null,
): ServerContext {
  const options = contextOptions(config, material, identities)
  const secure = createSecureContext({
    ...options,
    ...(sessions === null
      ? { secureOptions: (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET }
      : {
          ticketKeys: sessions.ticketKeys,
          sessionTimeout: Math.max(1, Math.round(sessions.timeoutMs / 1000)),
        }),
    sessionIdContext: material.digest.slice(0, 32),
  })
  return { secure, identity: identities[0]! }
}

/** Written as a certificate writes it: a name with `*.` is for that alone. */
function isFor({ dnsNames }: Identity, name: string): boolean {
  return dnsNames.some((one) => one.toLowerCase() === name)
}

/** OpenSSL holds one certificate of each kind of key: the first stays. */
function oneOfEachKind(identities: readonly Identity[]): Identity[] {
  const kinds = new Map<string, Identity>()
  for (const one of identities) if (!kinds.has(one.keyType)) kinds.set(one.keyType, one)
  return [...kinds.values()]
}
