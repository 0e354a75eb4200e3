import type { Frame } from '../frame.ts'
import type { HttpHead } from '../http.ts'

/**
 * What is said over a protocol, as far as conversion is concerned: an RPC protocol by its name, `http` for JSON over
 * either version of HTTP, `grpc` for gRPC.
 */
export type Dialect = string

export const HTTP: Dialect = 'http'
export const GRPC: Dialect = 'grpc'

/** The dialect of a request. */
export function dialectOf({ protocol, view }: Frame): Dialect {
  if (protocol.speech !== 'http') return protocol.name
  const { grpc, grpcWeb } = view as HttpHead
  return grpc || grpcWeb ? GRPC : HTTP
}
