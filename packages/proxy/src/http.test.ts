import { FakeProtocol } from '@tulle/testkit'
import { expect, it } from 'vitest'
import { FrameKind } from './frame.ts'
import { grpcStatusIn, HttpHead, shortenGrpcTimeout } from './http.ts'
import { CALL_STATUS_LATER } from './protocol.ts'

const protocol = new FakeProtocol()

class Answer extends HttpHead {
  readonly authority = ''
  readonly path = undefined
  readonly scheme = ''
  readonly upgrade = null
  readonly takesTrailers = false
  readonly grpc: boolean
  readonly #told: string | undefined
  constructor(status: number, grpc: boolean, told: string | undefined) {
    super()
    this.status = status
    this.grpc = grpc
    this.#told = told
  }
  header(name: string): string | undefined {
    return name === 'grpc-status' ? this.#told : undefined
  }
  each(): void {}
}

const cases: readonly (readonly [
  name: string,
  kind: FrameKind,
  head: Answer,
  last: boolean,
  status: number,
])[] = [
  ['trailers', FrameKind.Trailers, new Answer(0, false, '5'), true, 5],
  ['trailers without one', FrameKind.Trailers, new Answer(0, false, undefined), true, -1],
  ['a head that is all', FrameKind.Response, new Answer(200, true, '0'), true, 0],
  ['a head that says it early', FrameKind.Response, new Answer(200, true, '3'), false, 3],
  ['a head', FrameKind.Response, new Answer(200, true, undefined), false, CALL_STATUS_LATER],
  ['a head without a call', FrameKind.Response, new Answer(200, true, undefined), true, -1],
  ['a failure of HTTP', FrameKind.Response, new Answer(503, true, undefined), false, -1],
  ['what is not gRPC', FrameKind.Response, new Answer(200, false, '3'), true, -1],
  ['what is no number', FrameKind.Trailers, new Answer(0, false, 'OK'), true, -1],
]
it.each(cases)('the status of a call in %s', (_name, kind, head, last, status) => {
  expect(grpcStatusIn(protocol.frame(kind, head as never, last))).toBe(status)
})

it('what is left of a deadline is said in whole milliseconds, and never nothing', () => {
  const request = protocol.request({ 'grpc-timeout': '5S' })
  shortenGrpcTimeout(request, 4321.9)
  expect(request.header('grpc-timeout')).toBe('4321m')
  shortenGrpcTimeout(request, -3)
  expect(request.header('grpc-timeout')).toBe('1m')
})
