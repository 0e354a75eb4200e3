import { framed, type HeaderCodec } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { asAnswer, idOf, measure, opening, poolKey, read, readHead } from './decode.ts'
import { applyEdits } from './edit.ts'
import { goAway, readdress, reply } from './encode.ts'
import { each, header, method, service, shorten, timeoutMs } from './header.ts'
import { resultAt, statusOf, toHttp } from './status.ts'

/**
 * Tars, TUP and Tars with JSON, each packet in its own version. Ids of ours stay below 2³¹: hosts read them as signed
 * numbers. `tars_ping`, by which clients keep their connections, is a call like others and goes to its host: it asks for
 * the servant. We send none to hosts, as over one connection go calls to servants of any name.
 */
export const tarsCodec: HeaderCodec = {
  name: 'tars',
  maxId: 0x7fffffff,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => read(tars, buf, start, end),
  readHead: (buf, start, end) => readHead(tars, buf, start, end),
  asAnswer,
  readdress,
  idOf,
  encode: applyEdits,
  poolKey,
  service,
  method,
  header,
  each,
  status: (response) => toHttp(resultAt(response)),
  timeoutMs,
  shorten,
  reply: (request, outcome, sentence, status) =>
    reply(request, statusOf(outcome, status), sentence),
  heartbeat: () => null,
  heartbeatAck: (ask) => reply(ask, 0, ''),
  goAway: (last) => goAway(tars, last),
}

/** The protocol of Tars: many requests side by side on a connection, told apart by their ids. */
export const tars: Protocol = framed(tarsCodec, async () =>
  (await import('./transcode.ts')).tarsTranscoder(tars),
)
