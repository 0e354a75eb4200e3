import { FrameKind } from '../../frame.ts'
import { Depth, Match, type Protocol } from '../../protocol.ts'
import { TcpClient } from './client.ts'
import { headOf } from './head.ts'
import { TcpServer } from './server.ts'

/** Bytes of any kind: a connection is one request without a head, its data going both ways until both sides end. */
export const tcp: Protocol = {
  name: 'tcp',
  speech: 'bytes',
  depth: Depth.Frames,
  room: 1,
  match: () => Match.Yes,
  server: (connection, intake) => new TcpServer(tcp, connection, intake),
  relay: (connection, intake) => new TcpServer(tcp, connection, intake),
  client: (connection, owner) => new TcpClient(tcp, connection, owner),
  poolKey: () => 0,
  service: () => undefined,
  method: () => undefined,
  header: () => undefined,
  status: (response) => (response.last ? 503 : 200),
  idempotent: () => false,
  upgrade: () => null,
  timeoutMs: () => -1,
  /** There are no words for it: the connection closes. */
  reply: () => ({ frame: headOf(tcp, FrameKind.Response), body: null }),
  refusal: () => null,
}
