import type { Frame } from '../../frame.ts'
import { framed, type HeaderCodec } from '../../framed.ts'
import type { Protocol } from '../../protocol.ts'
import { idOf, measure, opening, poolKey, read, readHead } from './decode.ts'
import { applyEdits } from './edit.ts'
import { readdress, reply, restore } from './encode.ts'
import { exceptionType } from './exception.ts'
import { MessageType, Transport } from './frame.ts'
import { each, header, method, service, shorten, timeoutMs } from './header.ts'
import { place } from './place.ts'
import { statusOf, toHttp } from './status.ts'

/**
 * Thrift in frames: messages in binary, strict and old, and in compact form, by themselves or behind a header transport,
 * THeader or Kitex's TTHeader. Each frame is answered in its own kind.
 *
 * Many clients give all their calls the same id and take answers in the order of their calls, and many servers answer
 * one call after the other, so hosts are asked one at a time on a connection. Ids of ours stay below 2³¹: hosts read
 * them as signed.
 */
export const thriftCodec: HeaderCodec = {
  name: 'thrift',
  maxId: 0x7fffffff,
  ordered: true,
  room: 1,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => read(thrift, buf, start, end),
  readHead: (buf, start, end) => readHead(thrift, buf, start, end),
  readdress,
  restore,
  idOf,
  encode: applyEdits,
  headless: (frame) => place.of(frame).transport === Transport.Framed,
  poolKey,
  service,
  method,
  header,
  each,
  status,
  timeoutMs,
  shorten,
  reply: (request, outcome, sentence, http) =>
    reply(request, statusOf(outcome, http, place.of(request).transport), sentence),
  heartbeat: () => null,
  // There are none, so nobody asks.
  heartbeatAck: (ask) => ask,
  goAway: () => null,
}

/** The protocol of Apache Thrift's servers and clients. */
export const thrift: Protocol = framed(thriftCodec, async () =>
  (await import('./transcode.ts')).thriftTranscoder(thrift),
)

/** A result is one, also when it is an exception that the method declares: the host did its work. */
function status(response: Frame): number {
  return place.of(response).type === MessageType.Exception ? toHttp(exceptionType(response)) : 200
}
