import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Need, pathOf, program } from './need.ts'

/** A certificate and its key, both files in PEM. */
export interface Pair {
  readonly certificate: string
  readonly key: string
}

/** Certificates for one run. */
export interface Certificates {
  /** The authority that vouches for server and client. */
  readonly ca: string
  /** For `localhost`, `interop.test` with all names below it, and 127.0.0.1. */
  readonly server: Pair
  /** Of somebody called `spiffe://interop/client`. */
  readonly client: Pair
  /** Like the client's, but from an authority that nobody knows. */
  readonly stranger: Pair
  remove(): Promise<void>
}

/** What makes them. */
export const openssl: Need = program('openssl', 'openssl')

/** Makes them in a temporary folder. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'tulle-certificates-'))
  const make = maker(folder)
  const ca = await make('authority', [...AUTHORITY])
  const unknown = await make('unknown', [...AUTHORITY])
  return {
    ca: ca.certificate,
    server: await make('server', issued(ca, SERVER_NAMES)),
    client: await make('client', issued(ca, CLIENT_NAMES)),
    stranger: await make('stranger', issued(unknown, CLIENT_NAMES)),
    remove: () => rm(folder, { recursive: true }),
  }
}

const AUTHORITY = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'] as const
const SERVER_NAMES =
  'DNS:localhost,DNS:interop.test,DNS:*.interop.test,IP:127.0.0.1,URI:spiffe://interop/server'
const CLIENT_NAMES = 'URI:spiffe://interop/client,DNS:client.interop.test'

function issued(by: Pair, names: string): string[] {
  const signed = ['-CA', by.certificate, '-CAkey', by.key]
  return [...signed, '-addext', 'basicConstraints=CA:FALSE', '-addext', `subjectAltName=${names}`]
}

function maker(folder: string): (name: string, more: readonly string[]) => Promise<Pair> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  return async (name, more) => {
    const pair = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
    const files = ['-out', pair.certificate, '-keyout', pair.key]
    const subject = ['-subj', `/O=interop/CN=${name}`, '-days', '2']
    const args = ['req', '-x509', ...key, ...files, ...subject, ...more]
    await promisify(execFile)(pathOf('openssl'), args)
    return pair
  }
}
