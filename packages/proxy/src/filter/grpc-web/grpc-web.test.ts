import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { Demand } from '../../demand.ts'
import { type Frame, FrameKind } from '../../frame.ts'
import { type FieldVisitor, HttpHead } from '../../http.ts'
import { Outcome } from '../../outcome.ts'
import { Site } from '../../site.ts'
import type { Stream } from '../../stream.ts'
import { grpcWeb } from './grpc-web.ts'

const protocol = new FakeProtocol('h2')
const TEXT = 'application/grpc-web-text+proto'
const BINARY = 'application/grpc-web+proto'
const MESSAGE = Buffer.from([0, 0, 0, 0, 2, 104, 105])

/** Trailers of a fake protocol: fields in order. */
class Fields extends HttpHead {
  readonly authority = ''
  readonly path = undefined
  readonly scheme = ''
  readonly upgrade = null
  readonly takesTrailers = false
  readonly grpc = false
  readonly #fields: readonly (readonly [string, string])[]

  constructor(fields: readonly (readonly [string, string])[]) {
    super()
    this.#fields = fields
  }
  header(name: string): string | undefined {
    return this.#fields.find((field) => field[0] === name)?.[1]
  }
  each(visit: FieldVisitor): void {
    for (const [name, value] of this.#fields) visit(name, value, false)
  }
}

function trailers(...fields: readonly (readonly [string, string])[]): Frame {
  return protocol.frame(FrameKind.Trailers, new Fields(fields) as never, true)
}

function call(type: string, more: Readonly<Record<string, string>> = {}) {
  const chain = new FakeChain([grpcWeb.create(null, new Site())])
  const headers = { 'content-type': type, 'content-length': '12', ...more }
  const stream = chain.send(protocol.request(headers, false))
  const data = (bytes: string | Buffer, last = false): boolean =>
    chain.chain.entry.onRequestData(stream, Buffer.from(bytes), last)
  const head = (answer: Readonly<Record<string, string>>, last = false): Frame => {
    chain.answer(stream, protocol.response({ ':status': '200', ...answer }, last))
    return chain.session.answers[0]!
  }
  return { chain, stream, data, head, asked: chain.far.requests[0]! }
}

function answer(chain: FakeChain, stream: Stream, bytes: Buffer): void {
  chain.far.onResponseData(stream, bytes, false)
}

const GRPC = { 'content-type': 'application/grpc+proto', 'content-length': '7' }
const STATUS = 'grpc-status: 0\r\ngrpc-message: fine\r\n'
const ENDED = Buffer.concat([Buffer.from([128, 0, 0, 0, STATUS.length]), Buffer.from(STATUS)])

describe('a request of gRPC-Web', () => {
  it.each([
    ['application/grpc-web', 'application/grpc'],
    [BINARY, 'application/grpc+proto'],
    ['application/grpc-web-text', 'application/grpc'],
    [TEXT, 'application/grpc+proto'],
    ['Application/gRPC-Web+JSON; charset=utf-8', 'application/grpc+json'],
  ])('of type %s goes on as %s', (type, sent) => {
    const { asked } = call(type)
    expect(asked.header('content-type')).toBe(sent)
    expect(asked.header('content-length')).toBeUndefined()
    expect((asked.view as HttpHead).grpcWeb).toBe(true)
  })

  it.each(['application/grpc', 'application/json', 'application/grpc-webby', ''])(
    'is none with the type %j: it passes as it is',
    (type) => {
      const { asked, data, head, chain, stream } = call(type)
      data('AAAA', true)
      expect([asked.edits, chain.far.text]).toEqual([null, 'AAAA'])
      expect(head(GRPC).edits).toBeNull()
      answer(chain, stream, MESSAGE)
      const told = trailers(['grpc-status', '0'])
      chain.far.onResponseTrailers(stream, told)
      expect([chain.session.data, chain.session.trailers]).toEqual([[MESSAGE], [told]])
    },
  )

  it('passes bytes on, and reads base64', () => {
    const binary = call(BINARY)
    binary.data(MESSAGE, true)
    expect([Buffer.concat(binary.chain.far.data), binary.chain.far.last]).toEqual([MESSAGE, true])
    const text = call(TEXT)
    const written = MESSAGE.toString('base64')
    text.data(written.slice(0, 3))
    expect(text.chain.far.data).toEqual([])
    text.data(written.slice(3), true)
    expect([Buffer.concat(text.chain.far.data), text.chain.far.last]).toEqual([MESSAGE, true])
  })

  it('pauses its client when the next layer asks for it', () => {
    const { chain, data } = call(TEXT)
    chain.far.ready = false
    expect(data('AAAA')).toBe(false)
  })

  it.each([
    ['is no base64', 'no base64!', false],
    ['breaks off in the middle', 'AAA', true],
  ])('whose body %s is refused', (_name, body, last) => {
    const { chain, stream, data } = call(TEXT)
    data(body, last)
    expect(stream.outcome).toBe(Outcome.BadRequest)
    expect(chain.session.text).toContain('the body of the gRPC-Web call is not base64')
    expect(chain.far.data).toEqual([])
  })

  it('whose trailers come before the end of its base64 is refused', () => {
    const { chain, stream, data } = call(TEXT)
    data('AAA')
    chain.chain.entry.onRequestTrailers(stream, trailers())
    expect([stream.outcome, chain.far.trailers]).toEqual([Outcome.BadRequest, []])
  })
})

describe('an answer of gRPC-Web', () => {
  it('has its trailers as the last message of the body', () => {
    const { chain, stream, head } = call(BINARY)
    const answered = head(GRPC)
    expect(answered.header('content-type')).toBe(BINARY)
    expect(answered.header('content-length')).toBeUndefined()
    answer(chain, stream, MESSAGE)
    const told = trailers(['grpc-status', '0'], ['grpc-message', 'fine'])
    chain.far.onResponseTrailers(stream, told)
    expect(Buffer.concat(chain.session.data)).toEqual(Buffer.concat([MESSAGE, ENDED]))
    expect([chain.session.trailers, stream.ended]).toEqual([[], true])
    expect(stream.responseTrailers).toBe(told)
  })

  it('is base64 for those who want it, a piece for each message', () => {
    const { chain, stream, head } = call(TEXT)
    expect(head(GRPC).header('content-type')).toBe(TEXT)
    answer(chain, stream, MESSAGE.subarray(0, 2))
    answer(chain, stream, MESSAGE.subarray(2))
    expect(chain.session.text).toBe(MESSAGE.toString('base64'))
    chain.far.onResponseTrailers(stream, trailers(['grpc-status', '0'], ['grpc-message', 'fine']))
    expect(chain.session.text).toBe(MESSAGE.toString('base64') + ENDED.toString('base64'))
  })

  it.each([
    [BINARY, TEXT, TEXT],
    [TEXT, 'application/grpc-web, */*', 'application/grpc-web'],
    [TEXT, '*/*', TEXT],
  ])('to %s that accepts %s is %s', (type, accept, expected) => {
    expect(call(type, { accept }).head(GRPC).header('content-type')).toBe(expected)
  })

  it('that is a head alone tells its status there', () => {
    const { head, chain } = call(TEXT)
    const answered = head({ 'content-type': 'application/grpc', 'grpc-status': '12' }, true)
    expect(answered.header('content-type')).toBe(TEXT)
    expect(answered.header('grpc-status')).toBe('12')
    expect(chain.session.data).toEqual([])
  })

  it('that is no gRPC passes as it is', () => {
    const { chain, stream, head } = call(TEXT)
    expect(head({ ':status': '502', 'content-type': 'text/html' }).edits).toBeNull()
    chain.far.onResponseData(stream, Buffer.from('sorry'), true)
    expect(chain.session.text).toBe('sorry')
  })

  it('whose trailers were edited shows the edits', () => {
    const { chain, stream, head } = call(BINARY)
    head(GRPC)
    const told = trailers(['grpc-status', '0'], ['x-secret', '1'])
    told.remove('x-secret')
    told.set('x-hop', 'a')
    chain.far.onResponseTrailers(stream, told)
    expect(chain.session.text.slice(5)).toBe('grpc-status: 0\r\nx-hop: a\r\n')
  })
})

describe('settings of gRPC-Web', () => {
  it('are none, for chains of HTTP', () => {
    expect(grpcWeb.configure({}, 'f', new Demand('http')).ok).toBe(true)
    expect(grpcWeb.configure({ text: true }, 'f', new Demand('http')).ok).toBe(false)
    expect(grpcWeb.configure({}, 'f', new Demand('rpc'))).toMatchObject({
      ok: false,
      problems: [{ at: 'f' }],
    })
  })
})
