import type { Frame } from '../../frame.ts'
import { Interner, i32, isSame, Names, u16 } from '../../framed.ts'
import { fixedBytes, LENGTHS_BYTES } from './frame.ts'

const SERVICE = Buffer.from('service')
const TARGET_SERVICE = Buffer.from('sofa_head_target_service')
const METHOD = Buffer.from('sofa_head_method_name')

const interner = new Interner()
/** Names in bytes. */
export const names: Names<Buffer> = new Names((name) => Buffer.from(name))

/**
 * Where the value found last lies. A walk leaves two numbers here instead of an object for each of the lookups a
 * request needs.
 */
let valueStart = 0
let valueEnd = 0

/**
 * A header by its exact name, undefined when it is missing or null. Of a name that comes twice, the last: hosts put the
 * pairs into a map one after the other, and a rule must see what the host will see.
 */
export function header(frame: Frame, name: string): string | undefined {
  return find(frame, names.get(name)) ? frame.buf.toString('utf8', valueStart, valueEnd) : undefined
}

/** The service a request is for: `interface:version[:uniqueId]`. */
export function service(request: Frame): string | undefined {
  if (!find(request, SERVICE) && !find(request, TARGET_SERVICE)) return undefined
  return interner.text(request.buf, valueStart, valueEnd)
}

/** The method of a request whose header names it. */
export function methodHeader(request: Frame): string | undefined {
  return find(request, METHOD) ? interner.text(request.buf, valueStart, valueEnd) : undefined
}

/** Every pair of the map, in order; those without a value are left out. */
export function each(frame: Frame, visit: (name: string, value: string) => void): void {
  const { buf } = frame
  const lengths = frame.start + fixedBytes(buf, frame.start) - LENGTHS_BYTES
  let at = lengths + LENGTHS_BYTES + u16(buf, lengths)
  const end = Math.min(at + u16(buf, lengths + 2), frame.end)
  while (at + 8 <= end) {
    const nameEnd = at + 4 + i32(buf, at)
    const start = nameEnd + 4
    if (nameEnd < at + 4 || start > end) return
    const valueEnd = start + i32(buf, nameEnd)
    if (valueEnd > end) return
    if (valueEnd >= start)
      visit(buf.toString('utf8', at + 4, nameEnd), buf.toString('utf8', start, valueEnd))
    at = Math.max(valueEnd, start)
  }
}

/** Walks the map's bytes. A length that passes the map's end ends the walk: nothing behind it can be trusted. */
function find(frame: Frame, name: Buffer): boolean {
  const { buf } = frame
  let found = false
  const lengths = frame.start + fixedBytes(buf, frame.start) - LENGTHS_BYTES
  let at = lengths + LENGTHS_BYTES + u16(buf, lengths)
  const end = Math.min(at + u16(buf, lengths + 2), frame.end)
  while (at + 8 <= end) {
    const nameStart = at + 4
    const nameEnd = nameStart + i32(buf, at)
    const start = Math.max(nameEnd, nameStart) + 4
    if (start > end || nameEnd < nameStart - 1) return found
    const valueBytes = i32(buf, start - 4)
    if (valueBytes > end - start || valueBytes < -1) return found
    if (valueBytes >= 0 && isSame(buf, nameStart, nameEnd, name)) {
      valueStart = start
      valueEnd = start + valueBytes
      found = true
    }
    at = start + Math.max(valueBytes, 0)
  }
  return found
}
