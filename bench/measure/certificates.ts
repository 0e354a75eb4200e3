import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find } from './programs.ts'

/** The names in the two certificates. */
export const SERVER_NAME = 'server.example'
export const CLIENT_NAME = 'client.example'

const DAYS = '2'

/** Why no certificates can be made here, or null. */
export function certificatesMissing(): string | null {
  const found = find('openssl', 'openssl makes the certificates: Debian package openssl')
  return 'missing' in found ? found.missing : null
}

/**
 * Makes an authority (`ca.pem`) and two ECDSA P-256 certificates, `server` and `client`: the chain in `.pem`, the key in
 * `.key`, both together in `.both.pem`.
 */
export function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const openssl = (...argv: string[]): void => {
    execFileSync('openssl', argv, { cwd: folder, timeout: 20_000, stdio: 'pipe' })
  }
  const newKey = (file: string): void => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file)
  }
  newKey('ca.key')
  const authority = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  const subject = ['-subj', '/CN=bench authority', '-days', DAYS]
  openssl('req', '-x509', '-new', '-key', 'ca.key', ...subject, ...authority, '-out', 'ca.pem')
  for (const [name, host] of [
    ['server', SERVER_NAME],
    ['client', CLIENT_NAME],
  ] as const) {
    newKey(`${name}.key`)
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${host}`, '-out', `${name}.csr`)
    writeFileSync(join(folder, `${name}.ext`), extensions(host))
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', DAYS]
    const request = ['-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`]
    openssl('x509', ...request, ...signer, '-out', `${name}.pem`)
    const both = ['pem', 'key'].map((end) => readFileSync(join(folder, `${name}.${end}`), 'utf8'))
    writeFileSync(join(folder, `${name}.both.pem`), both.join(''))
  }
}

function extensions(host: string): string {
  return `subjectAltName=DNS:${host},IP:127.0.0.1
extendedKeyUsage=serverAuth,clientAuth
keyUsage=critical,digitalSignature
basicConstraints=critical,CA:FALSE
`
}
