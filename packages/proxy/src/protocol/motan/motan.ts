import { framed, type HeaderCodec } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { idOf, measure, opening, poolKey, read, readHead } from './decode.ts'
import { applyEdits } from './edit.ts'
import { heartbeat, heartbeatAck, readdress, reply, restore } from './encode.ts'
import { each, header, method, service, shorten, timeoutMs } from './header.ts'
import { statusAt, statusOf } from './status.ts'

/**
 * Motan 1 and 2, each frame in its own. Names and headers are read where they are not compressed; bodies pass as they
 * are. Ids of ours stay below 2³¹. Nobody can be told to go away.
 */
export const motanCodec: HeaderCodec = {
  name: 'motan',
  maxId: 0x7fffffff,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => read(motan, buf, start, end),
  readHead: (buf, start, end) => readHead(motan, buf, start, end),
  readdress,
  restore,
  idOf,
  encode: applyEdits,
  poolKey,
  service,
  method,
  header,
  each,
  status: statusAt,
  timeoutMs,
  shorten,
  reply: (request, outcome, sentence, status) =>
    reply(request, statusOf(outcome, status), sentence),
  heartbeat: (id, key) => heartbeat(motan, id, key),
  heartbeatAck,
  goAway: () => null,
}

/** The protocol of Weibo's Motan: many requests side by side on a connection, told apart by their ids. */
export const motan: Protocol = framed(motanCodec, async () =>
  (await import('./transcode.ts')).motanTranscoder(motan),
)
