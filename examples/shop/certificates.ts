import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TRADES } from './places.ts'

/**
 * Makes an authority and a certificate for each trade, good for a day, in `certs/` of the folder: `ca.pem`, `front.pem`,
 * `front-key.pem`, … Sidecars know each other by a URI, `spiffe://shop/front`; for curl everybody is also `localhost`.
 */
export async function makeCertificates(folder: string): Promise<void> {
  // Not before it is needed: others can start while this is being read.
  const { TestAuthority } = await import('@tulle/testkit')
  const certs = certsIn(folder)
  await mkdir(certs, { mode: 0o700 })
  const authority = await TestAuthority.create('CN=The shop')
  await writeFile(join(certs, 'ca.pem'), authority.pem)
  for (const trade of TRADES) {
    const { chain, key } = await authority.issue({
      subject: `CN=${trade}`,
      uris: [`spiffe://shop/${trade}`],
      dns: ['localhost'],
      ips: ['127.0.0.1'],
    })
    await writeFile(join(certs, `${trade}.pem`), chain)
    await writeFile(join(certs, `${trade}-key.pem`), key, { mode: 0o600 })
  }
}

/** Where the shop's certificates are. */
export function certsIn(folder: string): string {
  return join(folder, 'certs')
}
