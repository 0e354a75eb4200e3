import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TestAuthority } from '@tulle/testkit'
import type { Trade } from './places.ts'

/**
 * Makes an authority and a certificate for each trade, good for a day, in `certs/` of the folder: `ca.pem`, `front.pem`,
 * `front-key.pem`, … Its name is a URI, `spiffe://shop/front`; front is also `localhost`, for those who call it with curl.
 */
export async function makeCertificates(trades: readonly Trade[], folder: string): Promise<void> {
  const certs = certsIn(folder)
  await mkdir(certs, { mode: 0o700 })
  const authority = await TestAuthority.create('CN=The shop')
  await writeFile(join(certs, 'ca.pem'), authority.pem)
  for (const trade of trades) {
    const { chain, key } = await authority.issue({
      subject: `CN=${trade}`,
      uris: [`spiffe://shop/${trade}`],
      dns: trade === 'front' ? ['localhost'] : [],
      ips: trade === 'front' ? ['127.0.0.1'] : [],
    })
    await writeFile(join(certs, `${trade}.pem`), chain)
    await writeFile(join(certs, `${trade}-key.pem`), key, { mode: 0o600 })
  }
}

/** Where the shop's certificates are. */
export function certsIn(folder: string): string {
  return join(folder, 'certs')
}
