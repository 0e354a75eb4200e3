import type { Frame } from '@tulle/proxy'
import { At, bodyAt, headersAt } from './frame.ts'

const MAX_BYTES = 0xffff

/** A header by its exact name; of one that comes twice the last, as a peer that puts them into a map sees it. */
export function header({ buf, start, end }: Frame, name: string): string | undefined {
  let found: string | undefined
  const last = Math.min(bodyAt(buf, start), end)
  for (let at = headersAt(buf, start); at < last; ) {
    const value = next(buf, at, last)
    const after = next(buf, value, last)
    if (after > last) break
    if (textAt(buf, at) === name) found = textAt(buf, value)
    at = after
  }
  return found
}

/** Gives the frame bytes in which its headers are changed. False: they do not fit. */
export function encode(frame: Frame): boolean {
  const { buf, start, end } = frame
  const headers = changed(frame)
  const bytes = Buffer.concat([...headers].flat().flatMap(lengthAndText))
  if (bytes.length > MAX_BYTES) return false
  const before = buf.subarray(start, headersAt(buf, start))
  frame.buf = Buffer.concat([before, bytes, buf.subarray(bodyAt(buf, start), end)])
  frame.buf.writeUInt16BE(bytes.length, At.Headers)
  frame.start = 0
  frame.end = frame.buf.length
  frame.edits = null
  return true
}

function changed({ buf, start, end, edits }: Frame): Map<string, string> {
  const headers = new Map<string, string>()
  const last = Math.min(bodyAt(buf, start), end)
  for (let at = headersAt(buf, start); at < last; ) {
    const value = next(buf, at, last)
    const after = next(buf, value, last)
    if (after > last) break
    headers.set(textAt(buf, at), textAt(buf, value))
    at = after
  }
  for (const { name, value, append } of edits ?? []) {
    const had = headers.get(name)
    if (value === null) headers.delete(name)
    else headers.set(name, append && had !== undefined ? `${had}, ${value}` : value)
  }
  return headers
}

/** Where the text behind the one at `at` begins; past `last` when there is none. */
function next(buf: Buffer, at: number, last: number): number {
  return at + 2 > last ? last + 1 : at + 2 + buf.readUInt16BE(at)
}

function textAt(buf: Buffer, at: number): string {
  return buf.toString('utf8', at + 2, at + 2 + buf.readUInt16BE(at))
}

function lengthAndText(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Math.min(bytes.length, MAX_BYTES))
  return [length, bytes]
}
