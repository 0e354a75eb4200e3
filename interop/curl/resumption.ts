import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { type Check, has, same } from '../checks.ts'

type Version = 'TLSv1.2' | 'TLSv1.3'

/** Node's TLS client connects again and again with the session of the time before. */
export function resumptionChecks(port: number, ca: string): Check[] {
  return (['TLSv1.2', 'TLSv1.3'] as const).map((version) => [
    `a session of ${version} is resumed, and serves as the first one did`,
    async () => {
      let session: Buffer | null = null
      for (const time of ['first', 'second', 'third'] as const) {
        const came = await visit(port, readFileSync(ca), version, session)
        has(`the ${time} answer`, came.answer, /^HTTP\/1.1 200[\s\S]*hello\n/)
        same(`whether the ${time} is resumed`, came.resumed, time !== 'first')
        session = came.session
      }
    },
  ])
}

interface Visit {
  readonly answer: string
  readonly resumed: boolean
  /** What the next one may begin with. */
  readonly session: Buffer | null
}

/** One request over a connection of its own. */
async function visit(
  port: number,
  ca: Buffer,
  version: Version,
  before: Buffer | null,
): Promise<Visit> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port,
    ca,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
    minVersion: version,
    maxVersion: version,
    ...(before === null ? {} : { session: before }),
  })
  let session: Buffer | null = before
  let resumed = false
  socket.on('secureConnect', () => {
    resumed = socket.isSessionReused()
  })
  socket.on('session', (ticket) => {
    session = ticket
  })
  socket.write('GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return { answer, resumed, session }
}
