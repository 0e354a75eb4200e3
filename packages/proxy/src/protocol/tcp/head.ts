import { Frame, type FrameKind } from '../../frame.ts'
import type { Protocol } from '../../protocol.ts'

export const NOTHING: Buffer = Buffer.alloc(0)

/** The head that a byte stream does not have. */
export function headOf(protocol: Protocol, kind: FrameKind): Frame {
  return new Frame(protocol, kind, 0, NOTHING, 0, 0, false, null)
}
