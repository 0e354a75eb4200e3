import type { X509Certificate } from 'node:crypto'
import type { Security } from '../../security.ts'
import { chainErrorText, type Peer } from './failure.ts'
import { TlsSecurity } from './tls-security.ts'
import type { TlsSocket } from './tls-socket.ts'
import type { Shown, Verifier } from './verify.ts'

/** `before`: what the peer showed when the session began that may have been resumed. */
export function shownBy(socket: TlsSocket, before: X509Certificate | null = null): Shown {
  const resumed = socket.isSessionReused()
  const certificate = socket.shownCertificate ?? (resumed ? before : null)
  const error = certificate === null ? null : socket.chainError
  return {
    certificate,
    chainError: error === null ? null : chainErrorText(error),
    resumed,
  }
}

/** What was agreed on, or why the peer is turned away. */
export function judgeShown(
  socket: TlsSocket,
  verifier: Verifier,
  shown: Shown,
  now: number,
  peer: Peer,
  serverName: string,
  localUris: readonly string[],
): Security | string {
  const { verified, failure } = verifier.judge(shown, now)
  if (failure !== null) return `the ${peer} ${failure}`
  return new TlsSecurity(socket, serverName, shown, verified, localUris)
}
