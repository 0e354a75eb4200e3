import type { Frame } from '../frame.ts'
import type { FramedCodec } from '../framed.ts'

/** Makes bytes of a frame's edits, where it has a place for headers; false when they do not fit. */
export function encoded(codec: FramedCodec, frame: Frame): boolean {
  if (codec.headless?.(frame)) {
    frame.edits = null
    return true
  }
  return codec.encode?.(frame) ?? false
}
