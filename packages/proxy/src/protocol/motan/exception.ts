import type { Frame } from '../../frame.ts'
import { FLAG_MASK, Flag, isMotan2, OUTER_BYTES, STREAM_AT, u16 } from './frame.ts'
import { header } from './header.ts'
import { ErrorType, toHttp } from './status.ts'

const CODE = /"errcode"\s*:\s*"?(-?\d{1,9})/
const TYPE = /"errtype"\s*:\s*"?(\d)/
/** In Motan1 the class tells the type. It stands behind the stream's beginning, a block's and the processing time. */
const CLASS_AT = STREAM_AT + 14
const BUSINESS = 'com.weibo.api.motan.exception.MotanBizException'
const SERVICE = 'com.weibo.api.motan.exception.MotanServiceException'
/** What Java makes of an exception without a code. */
const UNSAID = 500
const UNAVAILABLE = 503

/** The status of a response in HTTP's words. */
export function statusOf(response: Frame): number {
  const { buf, start, end } = response
  if (isMotan2(buf, start))
    return (buf[start + 3]! & 7) === 0 ? 200 : statusIn(header(response, 'M_e'))
  const flag = buf[start + OUTER_BYTES + 3]! & FLAG_MASK
  if (flag !== Flag.Exception) return 200
  const at = start + CLASS_AT
  if (at + 2 > end) return UNSAID
  const name = buf.toString('latin1', at + 2, Math.min(at + 2 + u16(buf, at), end))
  if (name === BUSINESS) return toHttp(ErrorType.Business, UNSAID)
  return name === SERVICE ? UNAVAILABLE : UNSAID
}

/** What the text of an exception says; text that is none of Motan's is the framework's trouble. */
function statusIn(text = ''): number {
  const code = CODE.exec(text)?.[1]
  const type = TYPE.exec(text)?.[1]
  return toHttp(Number(type ?? ErrorType.Service), Number(code ?? UNSAID))
}
