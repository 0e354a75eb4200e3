import type { Frame } from '../../frame.ts'
import { Interner, isSame, u16 } from '../../framed.ts'
import { CodecId, fixedBytes, LENGTHS_BYTES, shiftOf } from './frame.ts'

const CLASS_NAME = Buffer.from('com.alipay.sofa.rpc.core.request.SofaRequest')
const FIRST_FIELD = Buffer.from('methodName')
const FIELDS = 5
const interner = new Interner()

/**
 * The method in a request's hessian content, for clients that name it nowhere else: sofa-rpc-node sends the header
 * `sofa_head_method_name` with protobuf only, but writes `methodName` as the first field of the request object.
 *
 * ```
 *  4f bc  com.alipay.…SofaRequest  95  0a methodName  0d methodArgSigs  17 …  0d …  0c …   6f 90   04 plus …
 *  'O' 44 (0x90 + 44)              5 fields, each a length below 32 and its name            'o' #0  length, text
 * ```
 *
 * Anything that looks different has no method: this reads one known shape, it is no hessian decoder.
 */
export function methodInContent(request: Frame): string | undefined {
  const { buf, start, end } = request
  if (buf[start + 9 + shiftOf(buf, start)] !== CodecId.Hessian) return undefined
  const fixed = fixedBytes(buf, start)
  const lengths = start + fixed - LENGTHS_BYTES
  let at = start + fixed + u16(buf, lengths) + u16(buf, lengths + 2)
  if (at + 3 + CLASS_NAME.length + 1 + FIRST_FIELD.length > end) return undefined
  if (buf[at] !== 0x4f || buf[at + 1] !== 0x90 + CLASS_NAME.length) return undefined
  if (!isSame(buf, at + 2, at + 2 + CLASS_NAME.length, CLASS_NAME)) return undefined
  at += 2 + CLASS_NAME.length
  if (buf[at] !== 0x90 + FIELDS || buf[at + 1] !== FIRST_FIELD.length) return undefined
  if (!isSame(buf, at + 2, at + 2 + FIRST_FIELD.length, FIRST_FIELD)) return undefined
  at++
  for (let field = 0; field < FIELDS; field++) {
    if (at >= end || buf[at]! > 0x1f) return undefined
    at += 1 + buf[at]!
  }
  if (at + 3 > end || buf[at] !== 0x6f || buf[at + 1] !== 0x90) return undefined
  return asciiString(buf, at + 2, end)
}

/** A string of one chunk: its length in the first byte, or `S` and two bytes. Lengths count characters, so only ASCII. */
function asciiString(buf: Buffer, at: number, end: number): string | undefined {
  let length = buf[at]!
  let start = at + 1
  if (length === 0x53 && at + 3 <= end) {
    length = u16(buf, at + 1)
    start = at + 3
  } else if (length > 0x1f) return undefined
  if (start + length > end) return undefined
  for (let i = start; i < start + length; i++) if (buf[i]! > 0x7f) return undefined
  return interner.text(buf, start, start + length)
}
