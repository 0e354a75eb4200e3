import { hkdfSync } from 'node:crypto'

/** Keys of tickets change so often; a session older than that begins anew. */
export const TICKET_PERIOD_MS: number = 24 * 3_600_000
/** What Node asks for: a name, a key to sign with and one to encrypt with, 16 bytes each. */
const KEY_BYTES = 48

/** Which keys count at a time of the wall clock. */
export function ticketPeriod(now: number): number {
  return Math.floor(now / TICKET_PERIOD_MS)
}

/**
 * The keys that session tickets are sealed with. Whoever has the same secret and the same material makes the same keys,
 * so that a session is resumed by any worker; another certificate or another authority makes others, so that nobody
 * resumes what a stricter configuration would not have let in.
 */
export function ticketKeys(secret: Buffer, digest: string, period: number): Buffer {
  const purpose = `session tickets ${period}`
  return Buffer.from(hkdfSync('sha256', secret, Buffer.from(digest, 'hex'), purpose, KEY_BYTES))
}
