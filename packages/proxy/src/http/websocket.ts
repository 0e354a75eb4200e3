import { createHash, randomBytes } from 'node:crypto'

/** What a server adds to the client's key before it hashes it (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The `sec-websocket-accept` that answers a `sec-websocket-key` (RFC 6455 §4.2.2). */
export function websocketAccept(key: string): string {
  return createHash('sha1').update(key).update(GUID).digest('base64')
}

/** A `sec-websocket-key` as a client makes one: 16 random bytes (RFC 6455 §4.1). */
export function websocketKey(): string {
  return randomBytes(16).toString('base64')
}
