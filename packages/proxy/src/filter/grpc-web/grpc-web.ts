import { bad } from '@tulle/core'
import { decode, message, type Type } from '@tulle/model'
import type { FilterKind } from '../../filter.ts'
import { GrpcWebFilter } from './filter.ts'

/** `envoy.extensions.filters.http.grpc_web.v3.GrpcWeb`: there is nothing to set. */
const grpcWebMessage: Type<null> = message(
  'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb',
  {},
  () => null,
)

/** Makes calls of gRPC-Web, which browsers speak, calls of gRPC. */
export const grpcWeb: FilterKind<null> = {
  name: 'envoy.filters.http.grpc_web',
  types: ['envoy.extensions.filters.http.grpc_web.v3.GrpcWeb'],
  configure: (value, at, { speech }) =>
    speech === 'http'
      ? decode(grpcWebMessage, value, at)
      : bad({ at, what: 'gRPC-Web is HTTP: this filter is for chains that speak it' }),
  create: () => new GrpcWebFilter(),
}
