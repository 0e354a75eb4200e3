import { Untranslatable } from '../../transcoder.ts'
import { fields } from './field.ts'
import { FieldWriter } from './packet.ts'

/**
 * A body of TUP: a map of names to bytes, in each of which a value stands under tag 0. Results have the empty name.
 */
export function readAttributes(body: Buffer, at: string): ReadonlyMap<string, Buffer> {
  const all = new Map<string, Buffer>()
  const end = body.length
  let left = fields.seek(body, 0, end, 0) ? fields.pairs() : -1
  let next = fields.value
  for (; left > 0; left--) {
    if (!fields.seek(body, next, end, 0) || !fields.isAnyText()) break
    const name = body.toString('utf8', fields.textStart, fields.textEnd)
    if (!fields.seek(body, fields.textEnd, end, 1) || !fields.isBytes()) break
    next = fields.textEnd
    all.set(name, body.subarray(fields.textStart, next))
  }
  if (left !== 0) throw new Untranslatable(at, 'have no attributes that can be read')
  return all
}

/** The same as bytes. */
export function writeAttributes(all: ReadonlyMap<string, Buffer>): Buffer {
  const out = new FieldWriter()
  out.mapHead(0, all.size)
  for (const [name, value] of all) {
    out.text(0, name)
    out.bytes(1, value)
  }
  return out.written()
}
