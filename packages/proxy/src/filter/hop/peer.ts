import type { HttpManager } from '@tulle/model'
import type { Connection } from '../../connection.ts'
import type { Edit } from '../../frame.ts'
import type { Security } from '../../security.ts'
import { isInternal, unmapped } from './addresses.ts'
import { clientCertElement } from './client-cert.ts'

export type Scheme = 'http' | 'https'

export const FORWARDED_FOR = 'x-forwarded-for'
export const FORWARDED_PROTO = 'x-forwarded-proto'
export const FORWARDED_PORT = 'x-forwarded-port'
export const EXTERNAL_ADDRESS = 'x-envoy-external-address'
export const CLIENT_CERT = 'x-forwarded-client-cert'

/** Takes away what a client says of certificates of those before it. */
export const NO_CLIENT_CERT: Edit = { name: CLIENT_CERT, value: null, append: false }

type PeerSettings = Pick<HttpManager, 'forwardClientCert' | 'clientCertDetails'>

/**
 * What a hop says of a connection in every request that comes over it, found out with the first: the changes of headers
 * are made once and serve all requests.
 */
export class Peer {
  /** Of the chain that it was found out for: another one may say something else. */
  readonly settings: PeerSettings
  /** Empty where there is none: a unix socket. */
  readonly address: string
  readonly internal: boolean
  readonly scheme: Scheme
  readonly forwardedFor: Edit
  readonly forwardedPort: Edit
  readonly externalAddress: Edit
  /** `NO_CLIENT_CERT`, something else to say, or null to let pass what came. */
  readonly clientCert: Edit | null

  constructor(connection: Connection, settings: PeerSettings) {
    const { security } = connection
    const address = unmapped(connection.remoteAddress)
    this.settings = settings
    this.address = address
    this.internal = isInternal(address)
    this.scheme = security === null ? 'http' : 'https'
    this.forwardedFor = { name: FORWARDED_FOR, value: address, append: true }
    this.forwardedPort = setting(FORWARDED_PORT, String(connection.localPort))
    this.externalAddress = setting(EXTERNAL_ADDRESS, address)
    this.clientCert = clientCertEdit(security, settings)
  }
}

function clientCertEdit(security: Security | null, settings: PeerSettings): Edit | null {
  const { forwardClientCert, clientCertDetails } = settings
  if (forwardClientCert === 'always-forward-only') return null
  if (forwardClientCert === 'sanitize' || security === null) return NO_CLIENT_CERT
  const { peer } = security
  if (peer === null) return NO_CLIENT_CERT
  if (forwardClientCert === 'forward-only') return null
  const value = clientCertElement(security, peer, clientCertDetails)
  return { name: CLIENT_CERT, value, append: forwardClientCert === 'append-forward' }
}

function setting(name: string, value: string): Edit {
  return { name, value, append: false }
}
