import http2 from 'node:http2'
import { cluster, GRPC_PATHS, type GrpcMethods, Stage, until, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const ENVOY = 'type.googleapis.com/envoy.extensions'
const H2 = {
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': `${ENVOY}.upstreams.http.v3.HttpProtocolOptions`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
}
const filter = {
  name: 'web',
  typed_config: { '@type': `${ENVOY}.filters.http.grpc_web.v3.GrpcWeb` },
}
const BINARY = 'application/grpc-web+proto'
const TEXT = 'application/grpc-web-text+proto'

const HOST: GrpcMethods = {
  unary: (call, done) => {
    const trailers = call.metadata.clone()
    trailers.remove('user-agent')
    if (call.request.toString() === 'fail') return done({ code: 5, details: 'not hère' })
    done(null, Buffer.from(`heard ${call.request}`))
  },
  down: (call) => {
    call.write(Buffer.from('one'))
    call.write(Buffer.from('two'))
    call.end()
  },
  // Never answers.
  up: () => {},
}

function message(content: string, flags = 0): Buffer {
  const prefix = Buffer.from([flags, 0, 0, 0, 0])
  prefix.writeUInt32BE(Buffer.byteLength(content), 1)
  return Buffer.concat([prefix, Buffer.from(content)])
}

/** What a browser reads: messages, and the trailers behind them or in the head. */
interface Heard {
  readonly type: string | null
  readonly messages: readonly string[]
  readonly trailers: string
}

function heard(type: string | null, status: string | null, body: Buffer): Heard {
  const bytes = type === TEXT ? fromBase64(body.toString()) : body
  const messages: string[] = []
  let trailers = status === null ? '' : `grpc-status: ${status}`
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1)
    const content = bytes.toString('utf8', at + 5, end)
    if (bytes[at] === 0x80) trailers = content
    else messages.push(content)
    at = end
  }
  return { type, messages, trailers }
}

/** Pieces are padded for themselves. */
function fromBase64(text: string): Buffer {
  const pieces = text.match(/[^=]+={0,2}/g) ?? []
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')))
}

async function proxy(): Promise<{ port: number; calls: () => unknown }> {
  const { port } = await stage.grpcHost(HOST)
  const started = await stage.proxy(
    [webListener('a', {}, { http_filters: [filter] })],
    [cluster('a', [port], H2)],
  )
  return {
    port: started.port('web'),
    calls: () =>
      started.runtime.site.metrics
        .sample()
        .filter(({ family }) => family === 'downstream_grpc')
        .map(({ labels, values }) => `${labels.at(-1)} ${values.calls}`),
  }
}

function encoded(type: string, bytes: Buffer): Buffer {
  return type === TEXT ? Buffer.from(bytes.toString('base64')) : bytes
}

/** As browsers do, over HTTP/1.1: without `te`, and with a Content-Length. */
async function overHttp1(
  port: number,
  path: string,
  type: string,
  content: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Heard> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, accept: type, ...more },
    body: new Uint8Array(encoded(type, message(content))),
  })
  expect(answer.status).toBe(200)
  const { headers } = answer
  const body = Buffer.from(await answer.arrayBuffer())
  return heard(headers.get('content-type'), headers.get('grpc-status'), body)
}

function overHttp2(port: number, path: string, type: string, content: string): Promise<Heard> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  stage.later(() => session.destroy())
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type })
    let told: http2.IncomingHttpHeaders = {}
    const chunks: Buffer[] = []
    stream.on('error', reject)
    stream.on('response', (headers) => {
      told = headers
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('trailers', () => reject(new Error('trailers, which no browser reads')))
    stream.on('end', () => {
      const status = told['grpc-status'] === undefined ? null : String(told['grpc-status'])
      resolve(heard(told['content-type'] ?? null, status, Buffer.concat(chunks)))
    })
    stream.end(encoded(type, message(content)))
  })
}

describe.each([
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
] as const)('a call of gRPC-Web over %s', (_version, call) => {
  it.each([BINARY, TEXT])('of type %s is a call of gRPC', async (type) => {
    const { port, calls } = await proxy()
    const answer = await call(port, GRPC_PATHS.unary, type, 'hello')
    expect(answer).toMatchObject({ type, messages: ['heard hello'] })
    expect(answer.trailers).toContain('grpc-status: 0\r\n')
    await until(() => String(calls()) === 'OK 1')
  })

  it.each([BINARY, TEXT])('of type %s gets all messages of a stream', async (type) => {
    const { port } = await proxy()
    const answer = await call(port, GRPC_PATHS.down, type, 'go')
    expect(answer).toMatchObject({ type, messages: ['one', 'two'] })
    expect(answer.trailers).toContain('grpc-status: 0\r\n')
  })

  it('is told how it failed', async () => {
    const { port, calls } = await proxy()
    const answer = await call(port, GRPC_PATHS.unary, BINARY, 'fail')
    expect(answer).toMatchObject({ type: BINARY, messages: [] })
    expect(answer.trailers).toMatch(/^grpc-status: 5/)
    await until(() => String(calls()) === 'NOT_FOUND 1')
  })
})

describe('an answer of our own to gRPC-Web', () => {
  it('is gRPC-Web, and counted', async () => {
    const { port, calls } = await proxy()
    const answer = await overHttp1(port, GRPC_PATHS.up, BINARY, 'x', { 'grpc-timeout': '30m' })
    expect(answer).toEqual({ type: BINARY, messages: [], trailers: 'grpc-status: 4' })
    await until(() => String(calls()) === 'DEADLINE_EXCEEDED 1')
  })
})
