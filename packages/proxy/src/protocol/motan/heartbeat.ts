import { i32 } from '../../framed.ts'
import { FLAG_MASK, Flag, OUTER_BYTES, STREAM_AT } from './frame.ts'

/**
 * Motan1 has no bit for heartbeats: one is a call of a service that nobody else has, and its answer is a text.
 *
 * ```
 *  ac ed 00 05   77 38   00 21 com.weibo.api.motan.rpc.heartbeat   00 09 heartbeat   00 04 void   00 00 00 00
 *  ac ed 00 05   77 1a   processing time, 00 10 java.lang.String   75 72 … a byte array:   09 heartbeat
 * ```
 */
const SERVICE = 'com.weibo.api.motan.rpc.heartbeat'
const METHOD = 'heartbeat'

/** What an object stream begins with; a block of data follows, and its length. */
export const STREAM_MAGIC: Buffer = Buffer.from([0xac, 0xed, 0, 5])
/** A new array, and the description of its class, `byte[]`. */
export const BYTE_ARRAY: Buffer = Buffer.from([
  0x75, 0x72, 0x00, 0x02, 0x5b, 0x42, 0xac, 0xf3, 0x17, 0xf8, 0x06, 0x08, 0x54, 0xe0, 0x02, 0x00,
  0x00, 0x78, 0x70,
])

/** The object stream of a heartbeat. */
export const ASK: Buffer = Buffer.concat([
  STREAM_MAGIC,
  Buffer.from(`w8\0!${SERVICE}\0\t${METHOD}\0\x04void\0\0\0\0`),
])
/** The object stream of its answer, with a processing time of 0. */
export const ANSWER: Buffer = Buffer.concat([
  STREAM_MAGIC,
  Buffer.from([0x77, 26]),
  Buffer.alloc(8),
  Buffer.from('\0\x10java.lang.String'),
  BYTE_ARRAY,
  Buffer.from(`\0\0\0\x0a\x09${METHOD}`),
])
/** From behind the processing time on. */
const ANSWER_TAIL_AT = 14

/**
 * The high half of the ids of our own heartbeats in Motan1, by which their answers are known: to a call the text
 * "heartbeat" is an answer like any other.
 */
export const HEARTBEAT_HIGH = 0x62656174

/** Whether a Motan1 request has the length of a heartbeat: where its inside has not come, it is taken for one. */
export function isAsLong(buf: Buffer, start: number): boolean {
  return i32(buf, start + 12) === STREAM_AT - OUTER_BYTES + ASK.length
}

/** Whether a Motan1 request is a heartbeat. */
export function isHeartbeat(buf: Buffer, start: number, end: number): boolean {
  return isAsLong(buf, start) && ASK.compare(buf, start + STREAM_AT, end) === 0
}

/** Whether a Motan1 response answers a heartbeat of ours. */
export function isHeartbeatAnswer(buf: Buffer, start: number, end: number): boolean {
  if (i32(buf, start + 4) !== HEARTBEAT_HIGH || end - start !== STREAM_AT + ANSWER.length)
    return false
  if ((buf[start + OUTER_BYTES + 3]! & FLAG_MASK) !== Flag.Value) return false
  const at = start + STREAM_AT + ANSWER_TAIL_AT
  return ANSWER.compare(buf, at, end, ANSWER_TAIL_AT, ANSWER.length) === 0
}
