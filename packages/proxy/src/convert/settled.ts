import type { Frame } from '../frame.ts'
import { Untranslatable } from '../transcoder.ts'

/** The same call with the changes made on the way in bytes of its own: the frame that came stays, for another try. */
export function settled(call: Frame): Frame {
  const { protocol, buf, start, end, edits } = call
  const own = protocol.parse?.(Buffer.from(buf.subarray(start, end))) ?? null
  if (own === null) throw new Untranslatable('call', `of ${protocol.name} cannot be taken apart`)
  own.edits = edits
  if (edits !== null && protocol.encode?.(own) !== true)
    throw new Untranslatable('headers', `those added here do not fit a ${protocol.name} frame`)
  return own
}
