import type { Frame } from '../../frame.ts'
import { framed, type HeaderCodec } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import {
  idOf,
  measure,
  opening,
  poolKey,
  read,
  readHead,
  shorten,
  statusAt,
  timeoutMs,
} from './decode.ts'
import { applyEdits } from './edit.ts'
import { goAway, heartbeat, heartbeatAck, readdress, reply } from './encode.ts'
import { each, header, methodHeader, service } from './header.ts'
import { methodInContent } from './sofa-request.ts'
import { statusOf, toHttp } from './status.ts'

/**
 * SOFA Bolt, versions 1 and 2 with and without CRC, each frame in its own. Ids stay below 2³¹: Java and Node read them
 * as signed numbers.
 */
export const boltCodec: HeaderCodec = {
  name: 'bolt',
  maxId: 0x7fffffff,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => read(bolt, buf, start, end),
  readHead: (buf, start, end) => readHead(bolt, buf, start, end),
  readdress,
  idOf,
  encode: applyEdits,
  poolKey,
  service,
  method: (request: Frame) => methodHeader(request) ?? methodInContent(request),
  header,
  each,
  status: (response) => toHttp(statusAt(response)),
  timeoutMs,
  shorten,
  reply: (request, outcome, sentence, status) =>
    reply(request, statusOf(outcome, status), sentence),
  heartbeat: (id, key) => heartbeat(bolt, id, key),
  heartbeatAck,
  goAway: (last) => goAway(bolt, last),
}

/** The protocol of SOFARPC: many requests side by side on a connection, told apart by their ids. */
export const bolt: Protocol = framed(boltCodec, async () =>
  (await import('./transcode.ts')).boltTranscoder(bolt),
)
