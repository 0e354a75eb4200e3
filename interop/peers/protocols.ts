import { allTo, HTTP2, httpListener, type Listener, rpcListener } from '../config.ts'
import { CASES } from './peer.ts'

/** Everything peers speak; each is a table of its own. */
export type ProtocolName = keyof typeof protocols

/** What a sidecar is told about a protocol, and what its clients are asked. */
interface Spoken {
  readonly cases: readonly string[]
  /** A listener of a sidecar that sends everything to one cluster. */
  listener(name: string, cluster: string): Listener
  /** What a cluster has besides its hosts. */
  readonly cluster: object
}

/** One line each. */
export const protocols = {
  bolt: rpc('bolt'),
  dubbo: rpc('dubbo', 'callback'),
  motan2: rpc('motan'),
  motan1: rpc('motan'),
  thrift: rpc('thrift'),
  'thrift-compact': rpc('thrift'),
  theader: rpc('thrift'),
  ttheader: rpc('thrift'),
  'ttheader-mux': rpc('thrift'),
  tars: rpc('tars'),
  tri: http2(),
  'tri-http': http2(),
  grpc: http2(),
} as const satisfies Readonly<Record<string, Spoken>>

/** The words of one protocol. */
export function spoken(protocol: ProtocolName): Spoken {
  return protocols[protocol]
}

function rpc(protocol: string, ...more: readonly string[]): Spoken {
  return {
    cases: [...CASES, ...more],
    listener: (name, cluster) => rpcListener(name, protocol, cluster),
    cluster: {},
  }
}

/** Streams end by their deadlines; 1 000 calls of a client are on one connection. */
function http2(): Spoken {
  const http2_protocol_options = { max_concurrent_streams: 2000 }
  return {
    cases: CASES,
    listener: (name, cluster) =>
      httpListener(name, allTo(cluster), { codec_type: 'HTTP2', http2_protocol_options }),
    cluster: HTTP2,
  }
}
