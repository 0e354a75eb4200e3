import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { type Check, same } from '../checks.ts'
import { connect } from '../http2/client.ts'

/** A text of `ws`, as a server sends it. */
const HELLO = '810568656c6c6f'
/** The same text as a client sends it, with a mask that changes nothing. */
const MASKED_HELLO = '81850000000068656c6c6f'

/** Extended CONNECT by Node's HTTP/2 client, with frames of WebSocket by hand. */
export function connectChecks(url: string): Check[] {
  return [
    [
      'extended CONNECT is offered, and leads to the server',
      async () => {
        const session = await connect(url)
        try {
          await echoes(session)
        } finally {
          session.destroy()
        }
      },
    ],
  ]
}

async function echoes(session: ClientHttp2Session): Promise<void> {
  // Until the settings of the other side have come, the usual ones are shown.
  if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings')
  same('what is offered', session.remoteSettings.enableConnectProtocol, true)
  const stream = session.request({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'http',
    ':path': '/',
    ':authority': 'interop.test',
    'sec-websocket-version': '13',
  })
  const [headers] = await once(stream, 'response')
  same('the status', headers[':status'], 200)
  const chunks = stream.iterator({ destroyOnReturn: false })
  same('the greeting', await next(chunks), HELLO)
  stream.write(Buffer.from(MASKED_HELLO, 'hex'))
  same('the echo', await next(chunks), HELLO)
  stream.end()
}

async function next(chunks: AsyncIterator<Buffer>): Promise<string> {
  const { value } = await chunks.next()
  return (value as Buffer).toString('hex')
}
