import type { Edit, Frame } from '../../frame.ts'
import type { HttpHead } from '../../http.ts'

/** The flag of a message that holds trailers (gRPC-Web, "Protocol differences vs gRPC over HTTP2"). */
const TRAILERS = 0x80
const PREFIX_BYTES = 5

/** Module state saves a closure for each call. */
let lines = ''
let edits: readonly Edit[] | null = null

/**
 * Trailers as the last message of a body, a line for each:
 *
 * ```
 *  │ 0x80 │ length, 4 bytes │ grpc-status: 0\r\ngrpc-message: …\r\n │
 * ```
 */
export function trailersFrame(frame: Frame): Buffer {
  lines = ''
  edits = frame.edits
  ;(frame.view as HttpHead).each(visit)
  if (edits !== null) for (const { name, value } of edits) if (value !== null) addLine(name, value)
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + lines.length)
  bytes[0] = TRAILERS
  bytes.writeUInt32BE(lines.length, 1)
  bytes.write(lines, PREFIX_BYTES, 'latin1')
  lines = ''
  edits = null
  return bytes
}

function visit(name: string, value: string): void {
  if (edits === null || !edits.some((edit) => edit.name === name && !edit.append))
    addLine(name, value)
}

function addLine(name: string, value: string): void {
  lines += `${name}: ${value}\r\n`
}
