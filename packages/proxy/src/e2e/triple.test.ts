import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { cluster, Stage, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const HTTP2 = { http2_protocol_options: {} }
/** As Dubbo's clients say it when they do not speak gRPC: the message bare, the time in milliseconds. */
const UNARY = {
  ':method': 'POST',
  ':path': '/demo.Echo/Echo',
  'content-type': 'application/proto',
  'tri-protocol-version': '1.0.0',
  'tri-service-group': 'g1',
  'tri-service-version': '1.0.0',
}

async function play(
  answer: (stream: http2.ServerHttp2Stream, told: http2.IncomingHttpHeaders) => void,
) {
  const server = http2.createServer().on('stream', answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.later(() => server.close())
  const { port } = server.address() as AddressInfo
  const proxy = await stage.proxy(
    [webListener('a', { timeout: '0s' })],
    [cluster('a', [port], HTTP2)],
  )
  const client = http2.connect(`http://127.0.0.1:${proxy.port('web')}`)
  stage.later(() => client.destroy())
  return (headers: http2.OutgoingHttpHeaders) =>
    new Promise<{ status: unknown; text: string }>((resolve, reject) => {
      const call = client.request({ ...UNARY, ...headers })
      let status: unknown
      const chunks: Buffer[] = []
      call.on('response', (head) => {
        status = head[':status']
      })
      call.on('data', (chunk: Buffer) => chunks.push(chunk))
      call.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }))
      call.on('error', reject)
      call.end('message')
    })
}

describe("Triple's own shape over HTTP/2", () => {
  it('is passed on with its version and group', async () => {
    const ask = await play((stream, told) => {
      stream.respond({ ':status': 200, 'content-type': 'application/proto' })
      stream.end(`${told['tri-service-group']}/${told['tri-service-version']}`)
    })
    expect(await ask({})).toEqual({ status: 200, text: 'g1/1.0.0' })
  })

  it('ends when its caller waits no longer', async () => {
    const ask = await play(() => {})
    const answer = await ask({ 'tri-service-timeout': '40' })
    expect(answer.status).toBe(504)
    expect(answer.text).toMatch(/no whole answer within 40 ms/)
  })

  it.each(['', 'soon', '-5', '0'])(
    'waits as the route says where "%s" is no time',
    async (said) => {
      const ask = await play((stream) => {
        setTimeout(() => stream.respond({ ':status': 200 }, { endStream: true }), 20)
      })
      expect((await ask({ 'tri-service-timeout': said })).status).toBe(200)
    },
  )
})
