import { ANSWERED, ASKED, type Call, lengthened, METHOD, u32 } from './call.ts'

/*
 * Framed Thrift, strict binary. The name of the message has the service before a colon, as callers of servers with
 * many services write it.
 *
 *   0 … 3   4     7     8 … 11  12
 *   length  80 01 type  length  name   id   struct
 */
const LENGTHS = '4 0/4'
const SERVICE = 'EchoService'
const NAME = `${SERVICE}:${METHOD}`
const CALL_ID_AT = 12 + NAME.length
/** Servers answer by the method's own name. */
const REPLY_ID_AT = 12 + METHOD.length

/** A call of one text, answered by another. */
export const thriftCall: Call = {
  protocol: 'thrift',
  service: SERVICE,
  method: METHOD,
  request: { bytes: frame(1, NAME, 1, ASKED), idAt: CALL_ID_AT, lengths: LENGTHS },
  answer: { bytes: frame(2, METHOD, 0, ANSWERED), idAt: REPLY_ID_AT, lengths: LENGTHS },
  goodAt: 7,
}

/** A message with one text in its struct: field 1 of a call, 0 of a reply. */
function frame(type: number, name: string, field: number, said: string): Buffer {
  return lengthened(
    Buffer.concat([
      Buffer.from([0x80, 0x01, 0, type]),
      lengthened(name),
      u32(0),
      Buffer.from([0x0b, 0, field]),
      lengthened(said),
      Buffer.from([0]),
    ]),
  )
}
