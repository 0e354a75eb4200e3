/** `envoy.config.core.v3.Http2ProtocolOptions`, for either side. */
export interface Http2Settings {
  /** Streams the peer may have open at once; towards hosts the most that are opened. @default 100 */
  readonly maxConcurrentStreams: number
  /** Bytes a peer may send on one stream before it must wait; grows with the bandwidth. @default 65535 */
  readonly initialStreamWindowBytes: number
  /** The same for a whole connection. @default 1048576 */
  readonly initialConnectionWindowBytes: number
  /** Bytes of the table that remembers headers, each way. @default 4096 */
  readonly headerTableBytes: number
  /** Extended CONNECT (RFC 8441), for WebSocket over HTTP/2. */
  readonly allowConnect: boolean
  /** PINGs on a quiet connection; null sends none. */
  readonly keepalive: { readonly intervalMs: number; readonly timeoutMs: number } | null
}

export const HTTP2_DEFAULTS: Http2Settings = {
  maxConcurrentStreams: 100,
  initialStreamWindowBytes: 65_535,
  initialConnectionWindowBytes: 1_048_576,
  headerTableBytes: 4096,
  allowConnect: false,
  keepalive: null,
}
