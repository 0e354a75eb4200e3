import type { Frame } from '../../frame.ts'
import { Interner, Names, put32 } from '../../framed.ts'
import { fields } from './field.ts'
import {
  AnswerTag,
  fifthOffset,
  intAt,
  intBytes,
  isAnswerStruct,
  RequestTag,
  Type,
} from './frame.ts'

const interner = new Interner()
/** Names in bytes. */
export const names: Names<Buffer> = new Names((name) => Buffer.from(name))

/**
 * A header by its exact name: of the context map, which callers fill, or else of the status map, where Tars keeps its
 * own notes. Of equal names the last: so do hosts.
 */
export function header(frame: Frame, name: string): string | undefined {
  const bytes = names.get(name)
  const first = fifthAt(frame)
  return (
    valueIn(frame, first, contextTag(frame), bytes) ??
    valueIn(frame, first, statusTag(frame), bytes)
  )
}

/** Every header that `header` finds, in order. */
export function each(frame: Frame, visit: (name: string, value: string) => void): void {
  const found = new Map<string, string>()
  for (const tag of [statusTag(frame), contextTag(frame)]) {
    const { buf, end } = frame
    if (!fields.seek(buf, fifthAt(frame), end, tag)) continue
    let left = fields.pairs()
    for (let at = fields.value; left > 0; left--) {
      at = fields.pair(buf, at, end)
      if (at === -1) break
      if (fields.keyEnd === -1 || fields.textEnd === -1) continue
      const name = buf.toString('utf8', fields.keyStart, fields.keyEnd)
      found.set(name, buf.toString('utf8', fields.textStart, fields.textEnd))
    }
  }
  for (const [name, value] of found) visit(name, value)
}

/** The servant: `App.Server.Obj`. */
export function service(request: Frame): string | undefined {
  return textOf(request, RequestTag.Servant)
}

/** The function called. */
export function method(request: Frame): string | undefined {
  return textOf(request, RequestTag.Function)
}

/** Milliseconds the caller waits; 0, as hosts read it, of what is not above 0. */
export function timeoutMs({ buf, start, end, view }: Frame): number {
  if (!fields.seek(buf, start + fifthOffset(view), end, RequestTag.Timeout)) return 0
  const { type, value } = fields
  const bytes = intBytes(type)
  if (bytes === -1 || value + bytes > end) return 0
  return Math.max(intAt(buf, type, value), 0)
}

/** Less time than there was, in the bytes that the number had; never 0, which would say nothing. */
export function shorten({ buf, start, end, view }: Frame, leftMs: number): void {
  if (!fields.seek(buf, start + fifthOffset(view), end, RequestTag.Timeout)) return
  const { type, value } = fields
  const bytes = intBytes(type)
  if (bytes <= 0 || value + bytes > end) return
  const ms = Math.max(Math.min(Math.floor(leftMs), intAt(buf, type, value)), 1)
  if (type === Type.Int32) put32(buf, value, ms)
  else {
    buf[value + bytes - 1] = ms
    if (type === Type.Int16) buf[value] = ms >> 8
  }
}

/** The text of a field of an answer or of a request. */
export function textOf({ buf, start, end, view }: Frame, tag: number): string | undefined {
  if (!fields.seek(buf, start + fifthOffset(view), end, tag) || !fields.isAnyText())
    return undefined
  return interner.text(buf, fields.textStart, fields.textEnd)
}

/** The value that a name has in the status map. */
export function noteOf(frame: Frame, name: Buffer): string | undefined {
  return valueIn(frame, fifthAt(frame), statusTag(frame), name)
}

/** The tag of the map that callers fill. */
export function contextTag({ view }: Frame): number {
  return isAnswerStruct(view) ? AnswerTag.Context : RequestTag.Context
}

/** The tag of the map where Tars keeps its own notes. */
export function statusTag({ view }: Frame): number {
  return isAnswerStruct(view) ? AnswerTag.Status : RequestTag.Status
}

/** Where tag 5 stands in the buffer. */
export function fifthAt({ start, view }: Frame): number {
  return start + fifthOffset(view)
}

function valueIn(
  { buf, end }: Frame,
  first: number,
  tag: number,
  name: Buffer,
): string | undefined {
  if (!fields.seek(buf, first, end, tag)) return undefined
  let from = -1
  let to = -1
  let left = fields.pairs()
  for (let at = fields.value; left > 0; left--) {
    at = fields.pair(buf, at, end)
    if (at === -1) break
    if (fields.textEnd === -1 || !fields.isKey(name)) continue
    from = fields.textStart
    to = fields.textEnd
  }
  return from === -1 ? undefined : buf.toString('utf8', from, to)
}
