import { framed, type HeaderCodec } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { idOf, measure, opening, poolKey, read, readHead, statusAt } from './decode.ts'
import { applyEdits } from './edit.ts'
import { goAway, heartbeat, heartbeatAck, readdress, reply, restore } from './encode.ts'
import { binds, each, header, method, service, shorten, timeoutMs } from './header.ts'
import { statusOf, toHttp } from './status.ts'

/**
 * Dubbo 2, with bodies in Hessian read as far as routes and headers need it. Bodies in other serialisations pass as they
 * are: fastjson2 too, whose services and methods are not known here, so that only the virtual host of `*` takes them.
 * Ids of ours stay below 2³¹: hosts in JavaScript read them into doubles.
 *
 * A host that threw an exception has answered: its status is 200, as that of a result is, since nothing is wrong with
 * the host. Conversion tells the two apart.
 */
export const dubboCodec: HeaderCodec = {
  name: 'dubbo',
  maxId: 0x7fffffff,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => read(dubbo, buf, start, end),
  readHead: (buf, start, end) => readHead(dubbo, buf, start, end),
  readdress,
  restore,
  idOf,
  encode: applyEdits,
  poolKey,
  service,
  method,
  header,
  each,
  status: (response) => toHttp(statusAt(response)),
  timeoutMs,
  shorten,
  binds,
  reply: (request, outcome, sentence, status) =>
    reply(request, statusOf(outcome, status), sentence),
  heartbeat: (id) => heartbeat(dubbo, id),
  heartbeatAck,
  goAway: (last) => goAway(dubbo, last),
}

/** The protocol of Apache Dubbo: many requests side by side on a connection, told apart by their ids. */
export const dubbo: Protocol = framed(dubboCodec, async () =>
  (await import('./transcode.ts')).dubboTranscoder(dubbo),
)
