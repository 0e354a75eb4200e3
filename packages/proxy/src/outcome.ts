/** Which side of the proxy a failure came from. */
export type Side = 'downstream' | 'upstream' | 'proxy'

/** How a stream ended, when it did not simply pass: what protocols turn into their own status, and the log into a flag. */
export interface Outcome {
  readonly name: string
  /** Envoy's response flag for the access log. */
  readonly flag: string
  readonly side: Side
  /** In HTTP's words; an RPC protocol maps the outcome itself. */
  readonly status: number
}

/** Every way a stream can end otherwise than by its upstream's answer. */
export const Outcome = {
  Ok: { name: 'ok', flag: '-', side: 'proxy', status: 200 },
  BadRequest: { name: 'bad_request', flag: 'DPE', side: 'downstream', status: 400 },
  TooLarge: { name: 'too_large', flag: 'DPE', side: 'downstream', status: 413 },
  HeadTooLarge: { name: 'head_too_large', flag: 'DPE', side: 'downstream', status: 431 },
  RequestTimeout: { name: 'request_timeout', flag: 'DT', side: 'downstream', status: 408 },
  Version: { name: 'version_not_supported', flag: 'DPE', side: 'downstream', status: 426 },
  UpgradeRefused: { name: 'upgrade_refused', flag: 'DPE', side: 'downstream', status: 403 },
  ClientGone: { name: 'client_gone', flag: 'DC', side: 'downstream', status: 499 },
  NoFilterChain: { name: 'no_filter_chain', flag: 'NFCF', side: 'proxy', status: 503 },
  NoRoute: { name: 'no_route', flag: 'NR', side: 'proxy', status: 404 },
  NoCluster: { name: 'no_cluster', flag: 'NC', side: 'proxy', status: 503 },
  Redirect: { name: 'redirect', flag: '-', side: 'proxy', status: 301 },
  DirectResponse: { name: 'direct_response', flag: 'DR', side: 'proxy', status: 200 },
  NoHealthyHost: { name: 'no_healthy_host', flag: 'UH', side: 'upstream', status: 503 },
  ConnectFailed: { name: 'connect_failed', flag: 'UF', side: 'upstream', status: 503 },
  ConnectTimeout: { name: 'connect_timeout', flag: 'UF', side: 'upstream', status: 503 },
  UpstreamReset: { name: 'upstream_reset', flag: 'UC', side: 'upstream', status: 503 },
  UpstreamRemoteReset: {
    name: 'upstream_remote_reset',
    flag: 'UR',
    side: 'upstream',
    status: 503,
  },
  UpstreamProtocol: { name: 'upstream_protocol', flag: 'UPE', side: 'upstream', status: 502 },
  Timeout: { name: 'timeout', flag: 'UT', side: 'upstream', status: 504 },
  MaxDuration: { name: 'max_stream_duration', flag: 'UMSDR', side: 'proxy', status: 504 },
  IdleTimeout: { name: 'stream_idle_timeout', flag: 'SI', side: 'proxy', status: 408 },
  Overflow: { name: 'overflow', flag: 'UO', side: 'proxy', status: 503 },
  Overloaded: { name: 'overloaded', flag: 'OM', side: 'proxy', status: 503 },
  RetriesExhausted: { name: 'retry_limit', flag: 'URX', side: 'upstream', status: 503 },
  FaultAbort: { name: 'fault_abort', flag: 'FI', side: 'proxy', status: 503 },
} as const

/**
 * What a protocol's caller is told for each way a request can fail here; null: what a rule asked for in HTTP's words
 * decides, as it does for outcomes that nobody knows.
 */
export type ByOutcome = Readonly<
  Record<(typeof Outcome)[keyof typeof Outcome]['name'], number | null>
> & { readonly [name: string]: number | null | undefined }
