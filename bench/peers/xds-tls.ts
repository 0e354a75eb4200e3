import { CLIENT_NAME, SERVER_NAME } from '../measure/certificates.ts'
import type { Plan, Side } from '../peer.ts'
import { any } from './xds-any.ts'

const SOCKET = 'envoy.extensions.transport_sockets.tls.v3'

/** What a filter chain needs for the TLS of a plan. */
export function downstreamTls({ downstream, pki }: Plan): object {
  if (downstream.tls === 'none') return {}
  const mutual = downstream.tls === 'mutual'
  return socket('DownstreamTlsContext', {
    require_client_certificate: mutual,
    common_tls_context: {
      ...common(downstream),
      ...certificate(pki, 'server'),
      ...(mutual ? validation(pki, CLIENT_NAME) : {}),
    },
  })
}

/** What a cluster needs for it. */
export function upstreamTls({ upstream, pki }: Plan): object {
  if (upstream.tls === 'none') return {}
  return socket('UpstreamTlsContext', {
    sni: SERVER_NAME,
    common_tls_context: {
      ...common(upstream),
      ...(upstream.tls === 'mutual' ? certificate(pki, 'client') : {}),
      ...validation(pki, SERVER_NAME),
    },
  })
}

function socket(type: string, context: object): object {
  const config = any(`${SOCKET}.${type}`, context)
  return { transport_socket: { name: 'envoy.transport_sockets.tls', typed_config: config } }
}

function common({ version }: Side): object {
  return {
    tls_params: {
      tls_minimum_protocol_version: 'TLSv1_3',
      tls_maximum_protocol_version: 'TLSv1_3',
    },
    alpn_protocols: [version === 2 ? 'h2' : 'http/1.1'],
  }
}

function certificate(pki: string, name: string): object {
  const [chain, key] = ['pem', 'key'].map((end) => ({ filename: `${pki}/${name}.${end}` }))
  return { tls_certificates: [{ certificate_chain: chain, private_key: key }] }
}

function validation(pki: string, name: string): object {
  return {
    validation_context: {
      trusted_ca: { filename: `${pki}/ca.pem` },
      match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: name } }],
    },
  }
}
