import { Catalog } from '@tulle/core'
import { leastRequest } from './balancer/least-request/least-request.ts'
import { random } from './balancer/random/random.ts'
import { roundRobin } from './balancer/round-robin/round-robin.ts'
import type { BalancerKind } from './balancer.ts'
import { callMetrics } from './filter/call-metrics/call-metrics.ts'
import { fault } from './filter/fault/fault.ts'
import { grpcWeb } from './filter/grpc-web/grpc-web.ts'
import { headerMutation, headers } from './filter/headers/headers.ts'
import { tracing } from './filter/tracing/tracing.ts'
import type { FilterKind } from './filter.ts'
import { bolt } from './protocol/bolt/bolt.ts'
import { dubbo } from './protocol/dubbo/dubbo.ts'
import { http1 } from './protocol/http1/http1.ts'
import { http2 } from './protocol/http2/http2.ts'
import { motan } from './protocol/motan/motan.ts'
import { redis } from './protocol/redis/redis.ts'
import { tars } from './protocol/tars/tars.ts'
import { tcp } from './protocol/tcp/tcp.ts'
import { thrift } from './protocol/thrift/thrift.ts'
import type { Protocol } from './protocol.ts'
import type { HttpDialect, Parts } from './runtime/parts.ts'

/** Every part this proxy knows, one line each. The order of protocols is the order of detection. */
export const builtins: Parts = {
  protocols: new Catalog<Protocol>('protocol', [
    http2,
    http1,
    dubbo,
    motan,
    bolt,
    tars,
    thrift,
    redis,
    tcp,
  ]),
  dialects: new Catalog<HttpDialect>('dialect', [
    { name: 'http', transcoder: async () => (await import('./transcode/http.ts')).httpTranscoder },
    { name: 'grpc', transcoder: async () => (await import('./transcode/grpc.ts')).grpcTranscoder },
  ]),
  transcoders: new Map(),
  filters: new Catalog<FilterKind<unknown>>('filter', [
    headers,
    headerMutation,
    fault,
    grpcWeb,
    tracing,
    callMetrics,
  ] as FilterKind<unknown>[]),
  balancers: new Catalog<BalancerKind<unknown>>('balancer', [
    roundRobin,
    random,
    leastRequest,
  ] as BalancerKind<unknown>[]),
}
