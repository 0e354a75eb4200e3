import { Agent, request } from 'node:http'
import { endingOf, TIMEOUT_MS, type Way } from '../ways.ts'

/** HTTP/1, over as many connections as there are calls at a time. */
export function http1(base: string): Way {
  const agent = new Agent({ keepAlive: true })
  return {
    name: 'HTTP/1',
    ask(fruit, end) {
      const options = { agent, timeout: TIMEOUT_MS }
      const asked = request(`${base}fruits/${fruit}`, options, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => end(endingOf(response.statusCode ?? 0, text)))
        response.on('error', ({ message }) => end({ why: message }))
      })
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
      asked.on('error', ({ message }) => end({ why: message }))
      asked.end()
    },
  }
}
