import { type Frame, FrameKind } from '../../frame.ts'
import {
  type Attached,
  type Attachments,
  attachmentsAt,
  isNamed,
  type Name,
  NOTHING,
  UNKNOWN,
} from './attachments.ts'
import { HEADER_BYTES, isHessian, ResponseKind } from './frame.ts'
import { type Head, headAt } from './head.ts'
import { beginBody, skipValues } from './skip.ts'

/**
 * Where things stand in the body of a frame. There is one, for the frame looked at last: a request is asked for its
 * service, its method, its time-out and some headers in a row, and its arguments are walked over once for all of them.
 */
export class Place {
  /** How the body of a request begins; null when that cannot be read, and of a response. */
  head: Head | null = null
  /** Where the body begins. */
  at = 0
  attachments: Attachments = UNKNOWN
  /** Where they stand, or would. */
  mapAt = 0
  #frame: Frame | null = null
  #buf: Buffer | null = null

  /** Looks into the body of this frame; does nothing when it has just done so. */
  of(frame: Frame): this {
    if (this.#frame === frame && this.#buf === frame.buf) return this
    const { buf, start, end, kind } = frame
    this.#frame = frame
    this.#buf = buf
    this.head = null
    this.at = start + HEADER_BYTES
    this.attachments = UNKNOWN
    if (!isHessian(buf, start)) return this
    beginBody()
    if (kind === FrameKind.Request || kind === FrameKind.Oneway) this.#request(buf, end)
    else if (kind === FrameKind.Response) this.#response(buf, start, end)
    return this
  }

  get attached(): Attached {
    return this.attachments.attached
  }

  get mapEnd(): number {
    return this.mapAt + this.attachments.bytes
  }

  get pairCount(): number {
    return this.attachments.pairCount
  }

  /** Where the key of this pair begins; of the one behind the last, where the pairs end. */
  keyAt(pair: number): number {
    return this.mapAt + this.attachments.places[2 * pair]!
  }

  valueAt(pair: number): number {
    return this.mapAt + this.attachments.places[2 * pair + 1]!
  }

  /** The last pair of this name, which is the one that maps keep; -1 when there is none. */
  find(name: Name): number {
    for (let pair = this.pairCount - 1; pair >= 0; pair--) if (this.isNamed(pair, name)) return pair
    return -1
  }

  isNamed(pair: number, name: Name): boolean {
    return isNamed(this.#buf!, this.keyAt(pair), this.valueAt(pair), name)
  }

  #request(buf: Buffer, end: number): void {
    const head = headAt(buf, this.at, end)
    this.head = head
    if (head === null || head.argumentCount === -1) return
    const first = this.at + head.argumentsAt
    this.#attachments(buf, skipValues(buf, first, end, head.argumentCount), end)
  }

  #response(buf: Buffer, start: number, end: number): void {
    const { at } = this
    if (buf[start + 3] !== 20 || at >= end) return
    switch (buf[at]) {
      case ResponseKind.Exception:
      case ResponseKind.Value:
        this.#nothing(skipValues(buf, at + 1, end, 1))
        return
      case ResponseKind.Null:
        this.#nothing(at + 1)
        return
      case ResponseKind.ExceptionAttachments:
      case ResponseKind.ValueAttachments:
        this.#attachments(buf, skipValues(buf, at + 1, end, 1), end)
        return
      case ResponseKind.NullAttachments:
        this.#attachments(buf, at + 1, end)
        return
    }
  }

  #nothing(at: number): void {
    if (at === -1) return
    this.attachments = NOTHING
    this.mapAt = at
  }

  #attachments(buf: Buffer, at: number, end: number): void {
    this.mapAt = at
    this.attachments = attachmentsAt(buf, at, end)
  }
}

/** The one that everybody looks with. */
export const place: Place = new Place()
