import { type Check, same } from '../checks.ts'
import { type PayloadMessage, services } from './grpc-js.ts'

/** How gRPC-Web puts its frames into a body. */
type Form = 'binary' | 'text'

/** What came of a call of gRPC-Web. */
interface WebAnswer {
  readonly messages: readonly Buffer[]
  /** Those of the last frame, or of the head when it is all there is. */
  readonly trailers: ReadonlyMap<string, string>
  readonly headers: Headers
}

const TRAILERS = 0x80
const SIZES = [31_415, 9, 2653, 58_979] as const

/** gRPC-Web by fetch, in both forms, with a server of gRPC behind. */
export function webChecks(url: string): Check[] {
  return (['binary', 'text'] as const).flatMap((form): Check[] => [
    [
      `gRPC-Web in ${form}: a unary call is answered, with trailers in the body`,
      async () => {
        const answer = await call(url, form, 'UnaryCall', { response_size: 314_159 })
        same('grpc-status', answer.trailers.get('grpc-status'), '0')
        same('the sizes', sizesOf('UnaryCall', answer), '314159')
      },
    ],
    [
      `gRPC-Web in ${form}: a stream of answers comes whole`,
      async () => {
        const response_parameters = SIZES.map((size) => ({ size }))
        const answer = await call(url, form, 'StreamingOutputCall', { response_parameters })
        same('grpc-status', answer.trailers.get('grpc-status'), '0')
        same('the sizes', sizesOf('StreamingOutputCall', answer), SIZES.join())
      },
    ],
    [
      `gRPC-Web in ${form}: status and message of a failure come`,
      async () => {
        const response_status = { code: 2, message: 'not today' }
        const { trailers } = await call(url, form, 'UnaryCall', { response_status })
        same('grpc-status', trailers.get('grpc-status'), '2')
        same('grpc-message', decodeURIComponent(trailers.get('grpc-message') ?? ''), 'not today')
      },
    ],
    [
      `gRPC-Web in ${form}: a method that nobody has is UNIMPLEMENTED`,
      async () => {
        const { trailers } = await call(url, form, 'UnimplementedCall', {})
        same('grpc-status', trailers.get('grpc-status'), '12')
      },
    ],
    [
      `gRPC-Web in ${form}: metadata goes both ways`,
      async () => {
        const sent = { 'x-grpc-test-echo-initial': 'a', 'x-grpc-test-echo-trailing-bin': 'q6ur' }
        const { headers, trailers } = await call(url, form, 'UnaryCall', {}, sent)
        same('the first', headers.get('x-grpc-test-echo-initial'), 'a')
        same('the last', trailers.get('x-grpc-test-echo-trailing-bin'), 'q6ur')
      },
    ],
  ])
}

async function call(
  url: string,
  form: Form,
  method: string,
  request: object,
  more: Readonly<Record<string, string>> = {},
): Promise<WebAnswer> {
  const kind = form === 'text' ? 'application/grpc-web-text' : 'application/grpc-web'
  const message = services().TestService.service[method]!.requestSerialize(request)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  const frame = Buffer.concat([head, message])
  const response = await fetch(`${url}/grpc.testing.TestService/${method}`, {
    method: 'POST',
    headers: {
      'content-type': `${kind}+proto`,
      accept: `${kind}+proto`,
      'x-grpc-web': '1',
      ...more,
    },
    body: form === 'text' ? frame.toString('base64') : frame,
  })
  same('the status', response.status, 200)
  same('the kind', response.headers.get('content-type')?.split(/[+;]/)[0], kind)
  const body = Buffer.from(await response.arrayBuffer())
  return parse(form === 'text' ? decode(body.toString('latin1')) : body, response.headers)
}

/** Base64 that may have been padded after any frame, and gone on. */
function decode(text: string): Buffer {
  const pieces = text.match(/[^=]+={0,2}/g) ?? []
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')))
}

function parse(body: Buffer, headers: Headers): WebAnswer {
  const messages: Buffer[] = []
  let trailers = new Map(headers)
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1)
    if (end > body.length) throw new Error(`a frame of ${end - at} bytes has ${body.length - at}`)
    const inside = body.subarray(at + 5, end)
    if ((body[at]! & TRAILERS) !== 0) trailers = fieldsOf(inside.toString('latin1'))
    else messages.push(inside)
    at = end
  }
  return { messages, trailers, headers }
}

function fieldsOf(block: string): Map<string, string> {
  const lines = block.split('\r\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

function sizesOf(method: string, { messages }: WebAnswer): string {
  const { responseDeserialize } = services().TestService.service[method]!
  return messages
    .map((message) => (responseDeserialize(message) as PayloadMessage).payload.body.length)
    .join()
}
