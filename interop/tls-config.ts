import { readFileSync } from 'node:fs'
import type { Certificates, Pair } from './certificates.ts'
import type { Listener } from './config.ts'

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'
const INSPECTOR =
  'type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'

/** How a listener speaks TLS. */
export interface Terminating {
  /** Whether clients show a certificate. @default 'off' */
  readonly clients?: 'off' | 'optional' | 'required'
  /** @default both versions of HTTP, the newer first */
  readonly alpn?: readonly string[]
}

/** How a cluster speaks TLS. */
export interface Originating {
  readonly alpn?: readonly string[]
  /** What is shown to hosts that ask for a certificate. */
  readonly client?: Pair
  /** The name asked for, which has to be in the certificate. @default 'localhost' */
  readonly sni?: string
}

/** The same listener, with TLS alone. */
export function overTls(listener: Listener, of: Certificates, how: Terminating = {}): Listener {
  const transport_socket = downstream(of, how)
  return {
    ...listener,
    filter_chains: listener.filter_chains.map((chain) => ({ ...chain, transport_socket })),
  }
}

/** The same listener, in the clear and with TLS on one port. */
export function plainAndTls(listener: Listener, of: Certificates, how: Terminating = {}): Listener {
  const secret = overTls(listener, of, how).filter_chains.map((chain) => ({
    ...chain,
    name: 'tls',
    filter_chain_match: { transport_protocol: 'tls' },
  }))
  const plain = listener.filter_chains.map((chain) => ({
    ...chain,
    name: 'plain',
    filter_chain_match: { transport_protocol: 'raw_buffer' },
  }))
  return {
    ...listener,
    listener_filters: [{ name: 'inspector', typed_config: { '@type': INSPECTOR } }],
    filter_chains: [...secret, ...plain],
  }
}

/** What makes a cluster speak TLS: spread into it. */
export function withTls(of: Certificates, how: Originating = {}): object {
  const { alpn = [], client = null, sni = 'localhost' } = how
  return {
    transport_socket: {
      name: 'tls',
      typed_config: {
        '@type': `${TLS}.UpstreamTlsContext`,
        sni,
        common_tls_context: {
          ...(alpn.length > 0 ? { alpn_protocols: alpn } : {}),
          ...(client !== null ? { tls_certificates: [certificate(client)] } : {}),
          validation_context: {
            trusted_ca: { filename: of.ca },
            match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: sni } }],
          },
        },
      },
    },
  }
}

/** What Node's own TLS clients and servers need of the same certificates. */
export function nodeTls(of: Certificates, pair: Pair): { ca: Buffer; cert: Buffer; key: Buffer } {
  return {
    ca: readFileSync(of.ca),
    cert: readFileSync(pair.certificate),
    key: readFileSync(pair.key),
  }
}

function downstream(of: Certificates, how: Terminating): object {
  const { clients = 'off', alpn = ['h2', 'http/1.1'] } = how
  return {
    name: 'tls',
    typed_config: {
      '@type': `${TLS}.DownstreamTlsContext`,
      require_client_certificate: clients === 'required',
      common_tls_context: {
        alpn_protocols: alpn,
        tls_certificates: [certificate(of.server)],
        ...(clients === 'off' ? {} : { validation_context: { trusted_ca: { filename: of.ca } } }),
      },
    },
  }
}

function certificate(pair: Pair): object {
  return {
    certificate_chain: { filename: pair.certificate },
    private_key: { filename: pair.key },
  }
}
