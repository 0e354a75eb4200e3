import { expect, it } from 'vitest'
import { grpcTypeOf, grpcWebType, isGrpcWebText } from './grpc-web.ts'

it.each([
  ['application/grpc-web', 'application/grpc', false],
  ['application/grpc-web+proto', 'application/grpc+proto', false],
  ['application/grpc-web-text', 'application/grpc', true],
  ['application/grpc-web-text+thrift', 'application/grpc+thrift', true],
])('%s stands for %s', (type, grpc, text) => {
  const found = grpcWebType(type)
  expect(found).toBe(type)
  expect(grpcTypeOf(found!)).toBe(grpc)
  expect(isGrpcWebText(found!)).toBe(text)
})

it.each([
  ['APPLICATION/GRPC-WEB+PROTO ; q=1', 'application/grpc-web+proto'],
  ['application/grpc-web-text,*/*', 'application/grpc-web-text'],
  ['application/grpc', null],
  ['application/grpc-web-texts', null],
  ['*/*, application/grpc-web', null],
  [undefined, null],
])('of %j it is %j', (value, type) => {
  expect(grpcWebType(value)).toBe(type)
})
