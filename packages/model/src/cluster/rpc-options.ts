import type { RpcOptions } from '../cluster.ts'
import {
  boolean,
  filledText,
  integer,
  list,
  message,
  nullable,
  optional,
  type Type,
} from '../decode/index.ts'
import { serviceMessage } from '../interface/decode.ts'

/** The key of RPC's entry in `typed_extension_protocol_options`, and the name of its message. */
export const RPC_OPTIONS = 'tulle.proxy.v1.RpcProtocolOptions'

/** Hosts are spoken to as the callers speak. */
export const RPC_DEFAULTS: RpcOptions = {
  protocol: null,
  concurrentCalls: 0,
  wrapped: false,
  services: [],
}

/** `tulle.proxy.v1.RpcProtocolOptions`. */
export const rpcOptionsMessage: Type<RpcOptions> = message(
  RPC_OPTIONS,
  {
    protocol: nullable(
      filledText,
      "What hosts speak whose metadata (`tulle: { protocol: … }`) does not say it; the caller's protocol when nothing does.",
    ),
    concurrent_calls: optional(
      integer(),
      0,
      'Calls at once on a connection; 0 is what the protocol allows. Thrift hosts are asked one by one unless it is raised.',
    ),
    http2_wrapped: optional(
      boolean,
      false,
      'Calls travel as bodies of HTTP/2 requests, and the proxy of the far side takes them out.',
    ),
    services: optional(
      list(serviceMessage),
      [],
      'What the services declare. Calls of them may come in other protocols than the hosts speak.',
    ),
  },
  (it) => ({
    protocol: it.protocol,
    concurrentCalls: it.concurrent_calls,
    wrapped: it.http2_wrapped,
    services: it.services,
  }),
)
