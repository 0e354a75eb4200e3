import { ANSWERED, ASKED, type Call, INTERFACE, lengthened, METHOD } from './call.ts'

/*
 * Bolt version 1. Contents are what no proxy reads, so they are plain text.
 *
 *  request   0      1     2..3  4     5..8  9      10..13   14..15   16..17     18..21
 *            proto  type  code  ver2  id    codec  timeout  classLen headerLen  contentLen  class, headers, content
 *  response  0      1     2..3  4     5..8  9      10..11   12..13   14..15     16..19
 *            proto  type  code  ver2  id    codec  status   classLen headerLen  contentLen  class, headers, content
 */
const REQUEST = Buffer.from('01010001010000000001'.padEnd(44, '0'), 'hex')
const RESPONSE = Buffer.from('01000002010000000001'.padEnd(40, '0'), 'hex')
const TIMEOUT_MS = 3000
const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest'
const SERVICE = `${INTERFACE}:1.0`

/** What a client of SOFARPC says of a call, the service first. */
const HEADERS = [
  ['sofa_head_target_service', SERVICE],
  ['sofa_head_target_app', 'echo'],
  ['rpc_trace_context.sofaRpcId', '0'],
  ['rpc_trace_context.sofaTraceId', '0a0fe8f51526882163170100124523'],
  ['sofa_head_method_name', METHOD],
] as const

/** A call with five headers. */
export const boltCall: Call = boltWith([])

/** One with these behind the five. */
export function boltWith(headers: readonly (readonly [string, string])[]): Call {
  return {
    protocol: 'bolt',
    service: SERVICE,
    method: METHOD,
    request: {
      bytes: requestBytes([...HEADERS, ...headers]),
      idAt: 5,
      lengths: '22 14/2 16/2 18/4',
    },
    answer: boltAnswer('', Buffer.from(ANSWERED)),
    goodAt: 11,
  }
}

/** An answer of this class. */
export function boltAnswer(className: string, content: Buffer): Call['answer'] {
  const fixed = Buffer.from(RESPONSE)
  fixed.writeUInt16BE(className.length, 12)
  fixed.writeUInt32BE(content.length, 16)
  return {
    bytes: Buffer.concat([fixed, Buffer.from(className), content]),
    idAt: 5,
    lengths: '20 12/2 14/2 16/4',
  }
}

function requestBytes(headers: readonly (readonly [string, string])[]): Buffer {
  const map = Buffer.concat(headers.flat().map(lengthened))
  const fixed = Buffer.from(REQUEST)
  fixed.writeUInt32BE(TIMEOUT_MS, 10)
  fixed.writeUInt16BE(REQUEST_CLASS.length, 14)
  fixed.writeUInt16BE(map.length, 16)
  fixed.writeUInt32BE(ASKED.length, 18)
  return Buffer.concat([fixed, Buffer.from(REQUEST_CLASS), map, Buffer.from(ASKED)])
}
