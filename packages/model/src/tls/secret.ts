import {
  exactlyOne,
  filledText,
  list,
  mapped,
  message,
  nearest,
  nullable,
  type Place,
  type Report,
  refused,
  required,
  type Type,
  unsupported,
} from '../decode/index.ts'
import type { TlsCertificate, TlsValidation } from '../tls.ts'
import { tlsCertificateMessage } from './certificate.ts'
import { validationMessage } from './validation.ts'

/** What is known under one name; one of the two is null. */
interface Secret {
  readonly name: string
  readonly certificate: TlsCertificate | null
  readonly validation: TlsValidation | null
}

const secretMessage: Type<Secret> = message(
  'envoy.extensions.transport_sockets.tls.v3.Secret',
  {
    name: required(filledText, 'What TLS contexts call it.'),
    tls_certificate: nullable(tlsCertificateMessage, 'A certificate and its key.'),
    validation_context: nullable(validationMessage, 'Whom to believe.'),
    ...unsupported('session_ticket_keys', 'generic_secret'),
  },
  ({ name, tls_certificate, validation_context }, at) => {
    exactlyOne(at, { tls_certificate, validation_context })
    return { name, certificate: tls_certificate, validation: validation_context }
  },
)

/** The secrets of each document that is being read. */
const known = new WeakMap<Report, ReadonlyMap<string, Secret>>()

/** `secrets` of a file. They are read before whatever speaks of them, and found again by those below. */
export const secretList: Type<readonly Secret[]> = mapped(list(secretMessage), (secrets, at) => {
  const byName = new Map<string, Secret>()
  secrets.forEach((secret, index) => {
    if (byName.has(secret.name) && secret.name !== '')
      at.child(index).child('name').say(`secret "${secret.name}" is there already; rename one`)
    else byName.set(secret.name, secret)
  })
  known.set(at.report, byName)
  return secrets
})

const secretNameMessage: Type<string> = message(
  'envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig',
  {
    name: required(filledText, 'The name of a secret in `static_resources.secrets`.'),
    sds_config: refused(
      'secrets from a control plane are not supported yet; define it in static_resources.secrets and leave "sds_config" out',
    ),
  },
  (it) => it.name,
)

/** A certificate by the name of its secret; null when it was not found, which has been complained of. */
export const namedCertificate: Type<TlsCertificate | null> = mapped(
  secretNameMessage,
  (name, at) => find(name, 'certificate', at)?.certificate ?? null,
)

/** A validation context by the name of its secret; null when it was not found, which has been complained of. */
export const namedValidation: Type<TlsValidation | null> = mapped(
  secretNameMessage,
  (name, at) => find(name, 'validation', at)?.validation ?? null,
)

const FIELDS = { certificate: 'tls_certificate', validation: 'validation_context' } as const

function find(name: string, kind: keyof typeof FIELDS, at: Place): Secret | null {
  if (at.troubled) return null
  const secrets = known.get(at.report)
  const secret = secrets?.get(name)
  if (secret === undefined) {
    const meant = nearest(name, secrets?.keys() ?? [])
    const advice = meant ? `did you mean "${meant}"?` : 'define it in static_resources.secrets'
    at.child('name').say(`no secret is called "${name}"; ${advice}`)
    return null
  }
  const other = kind === 'certificate' ? secret.validation : secret.certificate
  if (other !== null)
    at.child('name').say(`secret "${name}" has no "${FIELDS[kind]}"; choose one that does`)
  return secret
}
