import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { compileFormat, compileJsonFormat } from '../format.ts'
import type { Stream } from '../stream.ts'

describe('the status of a gRPC call', () => {
  it.each([
    [0, 'OK', 'OK'],
    [1, 'Canceled', 'CANCELLED'],
    [2, 'Unknown', 'UNKNOWN'],
    [3, 'InvalidArgument', 'INVALID_ARGUMENT'],
    [4, 'DeadlineExceeded', 'DEADLINE_EXCEEDED'],
    [5, 'NotFound', 'NOT_FOUND'],
    [6, 'AlreadyExists', 'ALREADY_EXISTS'],
    [7, 'PermissionDenied', 'PERMISSION_DENIED'],
    [8, 'ResourceExhausted', 'RESOURCE_EXHAUSTED'],
    [9, 'FailedPrecondition', 'FAILED_PRECONDITION'],
    [10, 'Aborted', 'ABORTED'],
    [11, 'OutOfRange', 'OUT_OF_RANGE'],
    [12, 'Unimplemented', 'UNIMPLEMENTED'],
    [13, 'Internal', 'INTERNAL'],
    [14, 'Unavailable', 'UNAVAILABLE'],
    [15, 'DataLoss', 'DATA_LOSS'],
    [16, 'Unauthenticated', 'UNAUTHENTICATED'],
    [17, '17', '17'],
    [-1, '-', '-'],
  ])('%d is %s, or %s', (code, camel, snake) => {
    const template =
      '%GRPC_STATUS% %GRPC_STATUS(CAMEL_STRING)% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)%'
    const number = code < 0 ? '-' : code
    expect(written(template, ended(code))).toBe(`${camel} ${camel} ${snake} ${number}`)
  })

  it('is a number in JSON', () => {
    const compiled = compileJsonFormat({ a: '%GRPC_STATUS(NUMBER)%', b: '%GRPC_STATUS_NUMBER%' })
    const write = (code: number) => compiled.ok && JSON.parse(compiled.value(ended(code)))
    expect([write(14), write(-1)]).toEqual([
      { a: 14, b: 14 },
      { a: null, b: null },
    ])
  })
})

function ended(code: number): Stream {
  const stream = new FakeChain().send(new FakeProtocol('h2').request({}))
  stream.callStatus = code
  return stream
}

function written(template: string, stream: Stream): string {
  const compiled = compileFormat(template)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems))
  return compiled.value(stream)
}
