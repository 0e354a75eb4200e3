/**
 * Bolt version 1, as much as a load generator and an echo server need. They do not share the proxy's codec: what checks
 * the proxy must not be wrong in the same way.
 *
 * ```
 *  request   0      1     2..3  4     5..8  9      10..13   14..15   16..17    18..21
 *            proto  type  code  ver2  id    codec  timeout  classLen headerLen contentLen  class, headers, content
 *  response  0      1     2..3  4     5..8  9      10..11   12..13   14..15    16..19
 *            proto  type  code  ver2  id    codec  status   classLen headerLen contentLen  class, headers, content
 * ```
 */
export const REQUEST_FIXED = 22
export const RESPONSE_FIXED = 20
export const ID_AT = 5

export const FrameType = { Response: 0, Request: 1, OneWay: 2 } as const
export const CommandCode = { Heartbeat: 0, Request: 1, Response: 2 } as const

const HESSIAN = 1
const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest'
const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse'

/** What a Bolt call asks for. */
export interface BoltCall {
  /** `interface:version`. */
  readonly service: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly content: Buffer
  /** What the frame tells the server; 0 says nothing. */
  readonly timeoutMs: number
}

/** A request frame with id 0; the id belongs at `ID_AT`. */
export function encodeRequest(call: BoltCall): Buffer {
  const name = Buffer.from(REQUEST_CLASS)
  const headers = encodeHeaders({
    service: call.service,
    sofa_head_target_service: call.service,
    sofa_head_method_name: call.method,
    ...call.headers,
  })
  const fixed = Buffer.alloc(REQUEST_FIXED)
  fixed[0] = 1
  fixed[1] = FrameType.Request
  fixed.writeUInt16BE(CommandCode.Request, 2)
  fixed[4] = 1
  fixed[9] = HESSIAN
  fixed.writeInt32BE(call.timeoutMs, 10)
  fixed.writeUInt16BE(name.length, 14)
  fixed.writeUInt16BE(headers.length, 16)
  fixed.writeUInt32BE(call.content.length, 18)
  return Buffer.concat([fixed, name, headers, call.content])
}

/** The answer to the request with this id; a heartbeat's is empty. */
export function encodeResponse(id: number, code: number, status: number, content: Buffer): Buffer {
  const name = code === CommandCode.Heartbeat ? '' : RESPONSE_CLASS
  const frame = Buffer.alloc(RESPONSE_FIXED + name.length + content.length)
  frame[0] = 1
  frame.writeUInt16BE(code, 2)
  frame[4] = 1
  frame.writeUInt32BE(id, ID_AT)
  frame[9] = HESSIAN
  frame.writeUInt16BE(status, 10)
  frame.writeUInt16BE(name.length, 12)
  frame.writeUInt32BE(content.length, 16)
  frame.write(name, RESPONSE_FIXED, 'latin1')
  content.copy(frame, RESPONSE_FIXED + name.length)
  return frame
}

/** Bytes of the frame that begins at `at`, 0 when too little of it is here to tell. */
export function frameLength(bytes: Buffer, at: number): number {
  if (bytes.length - at < RESPONSE_FIXED) return 0
  if (bytes[at + 1] === FrameType.Response) {
    return RESPONSE_FIXED + lengthsAt(bytes, at + 12)
  }
  return bytes.length - at < REQUEST_FIXED ? 0 : REQUEST_FIXED + lengthsAt(bytes, at + 14)
}

/** Where the content of the request at `at` begins. */
export function contentOffset(bytes: Buffer, at: number): number {
  return at + REQUEST_FIXED + bytes.readUInt16BE(at + 14) + bytes.readUInt16BE(at + 16)
}

function lengthsAt(bytes: Buffer, at: number): number {
  return bytes.readUInt16BE(at) + bytes.readUInt16BE(at + 2) + bytes.readUInt32BE(at + 4)
}

function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  for (const word of Object.entries(headers).flat()) {
    const bytes = Buffer.from(word)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  return Buffer.concat(parts)
}
