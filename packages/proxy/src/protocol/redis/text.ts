import type { Frame } from '../../frame.ts'
import { behind, readNumber } from './number.ts'
import { Resp } from './reply-reader.ts'

/** An answer that is text, or why it is none. */
export type Said =
  /** Null is Redis' null. */
  | { readonly kind: 'text'; readonly bytes: Buffer | null }
  | { readonly kind: 'error'; readonly text: string }
  /** What it is instead. */
  | { readonly kind: 'other'; readonly text: string }

const VERBATIM_FORMAT = 'txt:'.length

/** What an answer says, where it is one value. */
export function textOf({ buf, start, end }: Frame): Said {
  switch (buf[start]) {
    case Resp.Simple:
    case Resp.Integer:
    case Resp.Double:
    case Resp.BigNumber:
      return { kind: 'text', bytes: buf.subarray(start + 1, end - 2) }
    case Resp.Boolean:
      return { kind: 'text', bytes: Buffer.from(buf[start + 1] === 116 ? 'true' : 'false') }
    case Resp.Error:
      return { kind: 'error', text: buf.toString('utf8', start + 1, end - 2) }
    case Resp.Null:
      return { kind: 'text', bytes: null }
    case Resp.Bulk:
      return { kind: 'text', bytes: inside(buf, start, end) }
    case Resp.Verbatim:
      return { kind: 'text', bytes: inside(buf, start, end)!.subarray(VERBATIM_FORMAT) }
    case Resp.BulkError:
      return { kind: 'error', text: inside(buf, start, end)!.toString() }
    case Resp.Array:
      return readNumber(buf, start + 1, end) < 0
        ? { kind: 'text', bytes: null }
        : { kind: 'other', text: 'list' }
    default:
      return { kind: 'other', text: 'collection' }
  }
}

function inside(buf: Buffer, start: number, end: number): Buffer | null {
  return readNumber(buf, start + 1, end) < 0 ? null : buf.subarray(behind, end - 2)
}
