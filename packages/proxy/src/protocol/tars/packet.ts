import { AnswerTag, isTup, RESULT_CODE, RESULT_DESCRIPTION, RequestTag, Type } from './frame.ts'

/** What a packet is made of where it is written as a whole; what is left out is 0 or empty. */
export interface RequestPacket {
  readonly version: number
  readonly oneway?: boolean
  readonly id: number
  readonly servant: string
  readonly method: string
  readonly bytes: Uint8Array
  readonly timeoutMs?: number
  readonly context?: Texts
  readonly status?: Texts
}

/** The same of an answer. */
export interface AnswerPacket {
  readonly version: number
  readonly id: number
  readonly result: number
  readonly description: string
  readonly bytes: Uint8Array
  readonly context?: Texts
}

type Texts = Iterable<readonly [string, string]>

const LENGTH_BYTES = 4
const NOTHING: Texts = []

/** A whole request, with its length before it. */
export function requestBytes(packet: RequestPacket): Buffer {
  const out = new FieldWriter(LENGTH_BYTES)
  out.int(RequestTag.Version, packet.version)
  out.int(RequestTag.PacketType, packet.oneway ? 1 : 0)
  out.int(RequestTag.MessageType, 0)
  out.id(RequestTag.Id, packet.id)
  out.text(RequestTag.Servant, packet.servant)
  out.text(RequestTag.Function, packet.method)
  out.bytes(RequestTag.Bytes, packet.bytes)
  out.int(RequestTag.Timeout, packet.timeoutMs ?? 0)
  out.map(RequestTag.Context, packet.context ?? NOTHING)
  out.map(RequestTag.Status, packet.status ?? NOTHING)
  return withLength(out.written())
}

/** In the form that the version has: TUP answers in the struct of a request. */
export function answerBytes(packet: AnswerPacket): Buffer {
  const { version, id, result, description, bytes, context = NOTHING } = packet
  if (isTup(version)) {
    const status: Texts = [
      [RESULT_CODE, String(result)],
      [RESULT_DESCRIPTION, description],
    ]
    return requestBytes({ version, id, servant: '', method: '', bytes, context, status })
  }
  const out = new FieldWriter(LENGTH_BYTES)
  out.int(AnswerTag.Version, version)
  out.int(AnswerTag.PacketType, 0)
  out.id(AnswerTag.Id, id)
  out.int(AnswerTag.MessageType, 0)
  out.int(AnswerTag.Result, result)
  out.bytes(AnswerTag.Bytes, bytes)
  out.map(AnswerTag.Status, NOTHING)
  out.text(AnswerTag.Description, description)
  out.map(AnswerTag.Context, context)
  return withLength(out.written())
}

function withLength(packet: Buffer): Buffer {
  packet.writeUInt32BE(packet.length)
  return packet
}

/** Writes fields one behind the other. */
export class FieldWriter {
  #buf: Buffer = Buffer.allocUnsafe(256)
  #at: number

  /** With room for so many bytes before the first. */
  constructor(at = 0) {
    this.#at = at
  }

  int(tag: number, value: number): void {
    this.#room(5)
    this.#at = putInt(this.#buf, this.#at, tag, value)
  }

  /** Wider than it need be, so that another fits in its place. */
  id(tag: number, value: number): void {
    this.#room(5)
    this.#buf[this.#at++] = (tag << 4) | Type.Int32
    this.#at = this.#buf.writeInt32BE(value, this.#at)
  }

  text(tag: number, value: string): void {
    const bytes = Buffer.byteLength(value)
    this.#room(bytes + 5)
    this.#at = putText(this.#buf, this.#at, tag, value, bytes)
  }

  bytes(tag: number, value: Uint8Array): void {
    this.#room(value.length + 7)
    this.#buf[this.#at++] = (tag << 4) | Type.SimpleList
    this.#buf[this.#at++] = Type.Int8
    this.#at = putInt(this.#buf, this.#at, 0, value.length)
    this.#buf.set(value, this.#at)
    this.#at += value.length
  }

  map(tag: number, pairs: Texts): void {
    const all = [...pairs]
    this.mapHead(tag, all.length)
    for (const [name, value] of all) {
      this.text(0, name)
      this.text(1, value)
    }
  }

  /** So many pairs of tags 0 and 1 have to follow. */
  mapHead(tag: number, pairs: number): void {
    this.#room(1)
    this.#buf[this.#at++] = (tag << 4) | Type.Map
    this.int(0, pairs)
  }

  written(): Buffer {
    return this.#buf.subarray(0, this.#at)
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buf.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes))
    this.#buf.copy(larger, 0, 0, this.#at)
    this.#buf = larger
  }
}

/** An int field in as few bytes as its number needs; returns where it ends. */
export function putInt(out: Buffer, at: number, tag: number, value: number): number {
  const head = tag << 4
  if (value === 0) {
    out[at] = head | Type.Zero
    return at + 1
  }
  if (value >= -0x80 && value <= 0x7f) {
    out[at] = head | Type.Int8
    return out.writeInt8(value, at + 1)
  }
  if (value >= -0x8000 && value <= 0x7fff) {
    out[at] = head | Type.Int16
    return out.writeInt16BE(value, at + 1)
  }
  out[at] = head | Type.Int32
  return out.writeInt32BE(value, at + 1)
}

/** A text field of so many bytes; returns where it ends. */
export function putText(out: Buffer, at: number, tag: number, text: string, bytes: number): number {
  const head = tag << 4
  if (bytes <= 0xff) {
    out[at] = head | Type.String1
    out[at + 1] = bytes
    at += 2
  } else {
    out[at] = head | Type.String4
    at = out.writeUInt32BE(bytes, at + 1)
  }
  return at + out.write(text, at)
}
