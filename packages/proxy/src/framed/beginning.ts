import { Frame } from '../frame.ts'

/** More than the fixed part of any frame. */
const HEAD_BYTES = 64

/** What a frame begins with, in bytes of its own: the whole would keep all that was read with it alive. */
export function beginningOf({ protocol, kind, id, buf, start, end, view }: Frame): Frame {
  const head = Buffer.from(buf.subarray(start, Math.min(end, start + HEAD_BYTES)))
  return new Frame(protocol, kind, id, head, 0, head.length, true, view)
}
