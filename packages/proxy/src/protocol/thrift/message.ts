import { put16, put32 } from '../../framed.ts'
import { COMPACT, COMPACT_VERSION, Form, HEAD_BYTES, Magic, Transport } from './frame.ts'
import { place } from './place.ts'
import { putVarint, varintBytes } from './varint.ts'

/** How a peer speaks: what an answer to its frame has to repeat. */
export interface Voice {
  readonly transport: Transport
  readonly form: Form
  /** The message has a length of its own behind the info of a TTHeader. */
  readonly inner: boolean
}

/** Protocols as header transports number them. */
const PROTOCOL = {
  [Form.Strict]: 0,
  [Form.Old]: 0,
  [Form.Compact]: 2,
  [Form.Protobuf]: 4,
} as const

/** How the frame speaks that `place` was looked up for. */
export function voice(): Voice {
  return { transport: place.transport, form: place.form, inner: place.innerAt !== -1 }
}

/** A message in its form, around a body. */
export function message(
  form: Form,
  type: number,
  name: Uint8Array,
  seqId: number,
  body: Uint8Array,
): Buffer {
  const head =
    form === Form.Compact ? compactHead(type, name, seqId) : binaryHead(form, type, name, seqId)
  return Buffer.concat([head, body])
}

/** A frame's bytes around a message. `headerSeqId` and `blocks` are for header transports. */
export function wrap(
  { transport, form, inner }: Voice,
  headerSeqId: number,
  blocks: Uint8Array,
  content: Uint8Array,
): Buffer {
  if (transport === Transport.Framed) return lengthened(content)
  const said = inner ? lengthened(content) : content
  const infoBytes = (2 + blocks.length + 3) & ~3
  const head = Buffer.alloc(HEAD_BYTES + infoBytes)
  put32(head, 0, head.length - 4 + said.length)
  put16(head, 4, transport === Transport.TTHeader ? Magic.TTHeader : Magic.THeader)
  put32(head, 8, headerSeqId)
  put16(head, 12, infoBytes / 4)
  head[HEAD_BYTES] = PROTOCOL[form]
  head.set(blocks, HEAD_BYTES + 2)
  const bytes = Buffer.concat([head, said])
  return transport === Transport.DoubleTHeader ? lengthened(bytes) : bytes
}

function lengthened(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  put32(length, 0, content.length)
  return Buffer.concat([length, content])
}

function binaryHead(form: Form, type: number, name: Uint8Array, seqId: number): Buffer {
  const old = form === Form.Old
  const head = Buffer.alloc(name.length + (old ? 9 : 12))
  if (!old) {
    put16(head, 0, form === Form.Protobuf ? Magic.Protobuf : Magic.Strict)
    head[3] = type
  }
  put32(head, old ? 0 : 4, name.length)
  head.set(name, old ? 4 : 8)
  if (old) head[4 + name.length] = type
  put32(head, head.length - 4, seqId)
  return head
}

function compactHead(type: number, name: Uint8Array, seqId: number): Buffer {
  const head = Buffer.alloc(2 + varintBytes(seqId) + varintBytes(name.length) + name.length)
  head[0] = COMPACT
  head[1] = (type << 5) | COMPACT_VERSION
  head.set(name, putVarint(head, putVarint(head, 2, seqId), name.length))
  return head
}
