import { type ClientHttp2Session, connect } from 'node:http2'
import { endingOf, TIMEOUT_MS, type Way } from '../ways.ts'

/** HTTP/2 without TLS, over one connection; another is opened when it has been closed. */
export function http2(base: string): Way {
  let session: ClientHttp2Session | null = null
  const open = (): ClientHttp2Session => {
    const opened = connect(base)
    // Its calls hear of it, each for itself.
    opened.on('error', () => {})
    return opened
  }
  return {
    name: 'HTTP/2',
    ask(fruit, end) {
      if (session === null || session.closed || session.destroyed) session = open()
      const asked = session.request({ ':path': `/fruits/${fruit}` })
      let status = 0
      let text = ''
      asked.setEncoding('utf8')
      asked.on('response', (headers) => {
        status = headers[':status'] ?? 0
      })
      asked.on('data', (chunk: string) => {
        text += chunk
      })
      asked.setTimeout(TIMEOUT_MS, () =>
        asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)),
      )
      asked.on('error', ({ message, cause }) =>
        end({ why: cause instanceof Error ? cause.message : message }),
      )
      asked.on('end', () => end(endingOf(status, text)))
      asked.on('close', () => end({ why: 'closed without an answer' }))
    },
  }
}
