import { readFileSync } from 'node:fs'
import { makeCertificates, openssl } from '../certificates.ts'
import { type Check, makeChecks } from '../checks.ts'
import { allTo, bootstrap, cluster, HTTP2, httpListener } from '../config.ts'
import { npmPackage } from '../need.ts'
import type { Suite } from '../suite.ts'
import { overTls, withTls } from '../tls-config.ts'
import { startTulle } from '../tulle.ts'
import { nodeChecks, undiciChecks } from './checks.ts'
import { connect } from './client.ts'
import { startHost } from './host.ts'
import { undiciPool } from './undici.ts'

/** Node's HTTP/2 client, and undici, in front of Node's HTTP/2 server. */
export const suite: Suite = {
  name: 'http2',
  needs: [openssl, npmPackage('undici', 'http2')],
  async run() {
    await using stack = new AsyncDisposableStack()
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const ca = readFileSync(certificates.ca)
    const [plain, secret] = [await startHost(), await startHost(certificates)]
    stack.defer(plain.stop)
    stack.defer(secret.stop)
    const tulle = await startTulle(
      bootstrap(
        [
          httpListener('plain', allTo('plain')),
          overTls(httpListener('tls', allTo('tls')), certificates),
        ],
        [
          { ...cluster('plain', plain.port), ...HTTP2 },
          { ...cluster('tls', secret.port), ...HTTP2, ...withTls(certificates, { alpn: ['h2'] }) },
        ],
      ),
    )
    stack.defer(tulle.stop)
    const [clear, dark] = [tulle.port('plain'), tulle.port('tls')]
    const checks: Check[] = []

    const session = await connect(`http://127.0.0.1:${clear}`)
    stack.defer(() => session.destroy())
    checks.push(...nodeChecks('Node in the clear', session, plain))
    const secretSession = await connect(`https://127.0.0.1:${dark}`, ca)
    stack.defer(() => secretSession.destroy())
    checks.push(...nodeChecks('Node over TLS', secretSession, secret))

    const old = undiciPool(`http://127.0.0.1:${clear}`, null)
    stack.defer(() => old.close())
    checks.push(...undiciChecks('undici by HTTP/1.1 in the clear', old, plain))
    const pool = undiciPool(`https://localhost:${dark}`, ca)
    stack.defer(() => pool.close())
    checks.push(...undiciChecks('undici by HTTP/2 over TLS', pool, secret))
    return await makeChecks(checks)
  },
}
