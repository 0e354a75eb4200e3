import type { ExceptionAnswer, FailureAnswer } from '../../transcoder.ts'
import { ErrorCode, ErrorType, toHttp } from './status.ts'

/** Java's code for what a service's own code throws. */
const BUSINESS_CODE = 30_001

/** What went wrong in a service, as `M_e` has it. */
export function writeTrouble(code: number, message: string): string {
  return JSON.stringify({ errcode: code, errmsg: message, errtype: ErrorType.Service })
}

/**
 * An exception as `M_e` has it. Its class stands in a field of our own, `errclass`: Motan has no place for it, and its
 * readers step over what they do not know.
 */
export function writeThrown({ type, message }: ExceptionAnswer): string {
  return JSON.stringify({
    errcode: BUSINESS_CODE,
    errmsg: message,
    errtype: ErrorType.Business,
    ...(type === '' ? {} : { errclass: type }),
  })
}

/** What `M_e` tells: the method threw, or there was other trouble. Text that is none of Motan's is a message. */
export function readThrown(
  text: string,
  headers: ReadonlyMap<string, string>,
): ExceptionAnswer | FailureAnswer {
  const said = parsed(text)
  if (said === null) return { kind: 'failure', status: 500, message: text }
  const message = typeof said.errmsg === 'string' ? said.errmsg : ''
  const code = Number(said.errcode ?? ErrorCode.Internal)
  const type = Number(said.errtype ?? ErrorType.Service)
  if (type !== ErrorType.Business) return { kind: 'failure', status: toHttp(type, code), message }
  const name = typeof said.errclass === 'string' ? said.errclass : ''
  return { kind: 'exception', type: name, message, detail: null, headers }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : null
  } catch {
    return null
  }
}
