import type { Frame } from '../../frame.ts'
import { i32, Measure, u16 } from '../../framed.ts'
import {
  COMPACT,
  COMPACT_VERSION,
  Form,
  HEAD_BYTES,
  MAX_LENGTH,
  MAX_NAME,
  Magic,
  MessageType,
  STREAMING_FLAG,
  Transport,
} from './frame.ts'
import { lastVarint, skipVarint } from './varint.ts'

/**
 * Where things stand in a frame: found again each time somebody asks, in one pass over the few bytes before the body.
 * There is one, for the frame looked at last.
 */
export class Place {
  transport: Transport = Transport.Framed
  form: Form = Form.Strict
  type = 0
  /** Where the length before the magic stands; of a frame without headers, its own length. */
  headAt = 0
  /** The info of a header transport, from its protocol to the end of its padding; blocks begin at `blocksAt`. */
  infoAt = 0
  infoEnd = 0
  blocksAt = 0
  /** Where a length before the message stands that a TTHeader has behind its info; -1 when there is none. */
  innerAt = -1
  messageAt = 0
  nameAt = 0
  nameEnd = 0
  seqAt = 0
  seqEnd = 0
  /** The message's, unsigned. */
  seqId = 0
  bodyAt = 0

  /** Looks into a frame that was read, or into the part of one that is to be refused. */
  of(frame: Frame): this {
    this.find(frame.buf, frame.start, frame.end)
    return this
  }

  /**
   * The length of the frame that begins at `start`, when its bytes have come as far as the message's body; or what
   * `Measure` has instead.
   */
  find(buf: Buffer, start: number, end: number): number {
    const seen = end - start
    if (seen < 6) return mayOpen(buf, start, end) ? Measure.NeedMore : Measure.Invalid
    const length = i32(buf, start)
    if (length < 4 || length > MAX_LENGTH) return Measure.Invalid
    const stop = start + 4 + length
    const opening = u16(buf, start + 4)
    if (opening === Magic.THeader)
      return this.#head(Transport.THeader, buf, start, start, end, stop)
    if (opening === Magic.TTHeader)
      return this.#head(Transport.TTHeader, buf, start, start, end, stop)
    if (opening === (length - 4) >>> 16) {
      if (seen < 8) return Measure.NeedMore
      if (i32(buf, start + 4) === length - 4) {
        if (seen < 10) return Measure.NeedMore
        if (u16(buf, start + 8) !== Magic.THeader) return Measure.Invalid
        return this.#head(Transport.DoubleTHeader, buf, start, start + 4, end, stop)
      }
    }
    this.transport = Transport.Framed
    this.headAt = start
    this.innerAt = -1
    const found = this.#message(buf, start + 4, end, stop)
    return found <= 0 ? found : stop - start
  }

  /** A header transport whose length stands at `headAt`. Compressed messages cannot be told apart, so there are none. */
  #head(
    transport: Transport,
    buf: Buffer,
    start: number,
    headAt: number,
    end: number,
    stop: number,
  ): number {
    const infoAt = headAt + HEAD_BYTES
    if (infoAt + 2 > stop) return Measure.Invalid
    if (end < infoAt) return Measure.NeedMore
    const infoEnd = infoAt + 4 * u16(buf, headAt + 12)
    if (infoEnd > stop || infoEnd === infoAt) return Measure.Invalid
    if (end < infoEnd) return Measure.NeedMore
    this.transport = transport
    this.headAt = headAt
    this.infoAt = infoAt
    this.infoEnd = infoEnd
    this.innerAt = -1
    if (transport === Transport.TTHeader) {
      if ((buf[headAt + 7]! & STREAMING_FLAG) !== 0 || buf[infoAt + 1] !== 0) return Measure.Invalid
      this.blocksAt = infoAt + 2
    } else {
      const transformsAt = skipVarint(buf, infoAt, infoEnd)
      if (transformsAt <= 0) return Measure.Invalid
      const blocksAt = skipVarint(buf, transformsAt, infoEnd)
      if (blocksAt <= 0 || lastVarint() !== 0) return Measure.Invalid
      this.blocksAt = blocksAt
    }
    const found = this.#message(buf, infoEnd, end, stop)
    return found <= 0 ? found : stop - start
  }

  #message(buf: Buffer, at: number, end: number, stop: number): number {
    if (stop - at < 4) return Measure.Invalid
    if (end - at < 2) return Measure.NeedMore
    this.messageAt = at
    const opening = u16(buf, at)
    if (opening === Magic.Strict) return this.#strict(Form.Strict, buf, at, end, stop)
    if (buf[at] === COMPACT) return this.#compact(buf, at, end, stop)
    if (opening === Magic.Protobuf) return this.#strict(Form.Protobuf, buf, at, end, stop)
    const mayHaveLength = this.transport === Transport.TTHeader && this.innerAt === -1
    if (opening !== 0 && !mayHaveLength) return Measure.Invalid
    if (end - at < 4) return Measure.NeedMore
    if (mayHaveLength && i32(buf, at) === stop - at - 4) {
      this.innerAt = at
      return this.#message(buf, at + 4, end, stop)
    }
    return this.#old(buf, at, end, stop)
  }

  #strict(form: Form, buf: Buffer, at: number, end: number, stop: number): number {
    if (end - at < 8) return stop - at < 8 ? Measure.Invalid : Measure.NeedMore
    const length = i32(buf, at + 4)
    if (length < 0 || length > MAX_NAME) return Measure.Invalid
    this.nameAt = at + 8
    this.nameEnd = at + 8 + length
    return this.#end(form, buf, buf[at + 3]!, this.nameEnd, end, stop)
  }

  /** Nothing but its name tells such a message, so that has to look like one. */
  #old(buf: Buffer, at: number, end: number, stop: number): number {
    const length = i32(buf, at)
    if (length < 1 || length > MAX_NAME || at + 4 + length + 5 > stop) return Measure.Invalid
    const nameAt = at + 4
    const nameEnd = nameAt + length
    for (let i = nameAt; i < nameEnd && i < end; i++)
      if (buf[i]! <= 0x20 || buf[i] === 0x7f) return Measure.Invalid
    if (end <= nameEnd) return Measure.NeedMore
    this.nameAt = nameAt
    this.nameEnd = nameEnd
    return this.#end(Form.Old, buf, buf[nameEnd]!, nameEnd + 1, end, stop)
  }

  #compact(buf: Buffer, at: number, end: number, stop: number): number {
    const second = buf[at + 1]!
    if ((second & 0x1f) !== COMPACT_VERSION || !isType(second >> 5)) return Measure.Invalid
    const limit = Math.min(end, stop)
    const seqEnd = skipVarint(buf, at + 2, limit)
    if (seqEnd <= 0) return missing(seqEnd, limit, stop)
    const seqId = lastVarint()
    const nameAt = skipVarint(buf, seqEnd, limit)
    if (nameAt <= 0) return missing(nameAt, limit, stop)
    const nameEnd = nameAt + lastVarint()
    if (lastVarint() > MAX_NAME || nameEnd > stop) return Measure.Invalid
    if (end < nameEnd) return Measure.NeedMore
    this.form = Form.Compact
    this.type = second >> 5
    this.seqAt = at + 2
    this.seqEnd = seqEnd
    this.seqId = seqId
    this.nameAt = nameAt
    this.nameEnd = nameEnd
    this.bodyAt = nameEnd
    return 1
  }

  #end(form: Form, buf: Buffer, type: number, seqAt: number, end: number, stop: number): number {
    if (!isType(type) || seqAt + 4 > stop) return Measure.Invalid
    if (end < seqAt + 4) return Measure.NeedMore
    this.form = form
    this.type = type
    this.seqAt = seqAt
    this.seqEnd = seqAt + 4
    this.seqId = i32(buf, seqAt) >>> 0
    this.bodyAt = seqAt + 4
    return 1
  }
}

/** The one that everybody looks with. */
export const place: Place = new Place()

/** Whether fewer than six bytes may begin a frame. */
function mayOpen(buf: Buffer, start: number, end: number): boolean {
  if (end > start && buf[start]! > 0x3f) return false
  if (end < start + 5) return true
  switch (buf[start + 4]) {
    case 0x00:
    case COMPACT:
    case Magic.Strict >> 8:
    case Magic.Protobuf >> 8:
    case Magic.THeader >> 8:
    case Magic.TTHeader >> 8:
      return true
    default:
      return buf[start + 4] === (i32(buf, start) - 4) >>> 24
  }
}

/** A varint that ends with the bytes seen may go on; one that ends with the frame does not. */
function missing(found: number, limit: number, stop: number): number {
  return found === 0 && limit < stop ? Measure.NeedMore : Measure.Invalid
}

function isType(type: number): boolean {
  return type >= MessageType.Call && type <= MessageType.Oneway
}
