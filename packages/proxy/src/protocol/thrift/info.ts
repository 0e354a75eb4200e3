import type { Frame } from '../../frame.ts'
import { isSame, Names, u16 } from '../../framed.ts'
import { Block, Transport } from './frame.ts'
import { place } from './place.ts'
import { lastVarint, skipVarint } from './varint.ts'

/** How a walk over the blocks ended. */
export const Ended = {
  /** It goes on, or came to the padding. */
  Well: 0,
  /** At a block nobody here knows: whatever follows cannot be told apart. */
  Unknown: 1,
  /** At a length that passes the end. */
  Broken: 2,
} as const
export type Ended = (typeof Ended)[keyof typeof Ended]

/** What the token of a TTHeader is called among the headers. */
export const TOKEN = 'gdpr-token'
const NO_BYTES: Buffer = Buffer.alloc(0)

/** Names of the numbers that a TTHeader uses for names, each at its number. */
const NUMBERED: readonly string[] = [
  'mesh_version',
  'transport_type',
  'log_id',
  'from_service',
  'from_cluster',
  'from_idc',
  'to_service',
  'to_cluster',
  'to_idc',
  'to_method',
  'env',
  'dest_address',
  'rpc_timeout',
  'read_timeout',
  'ring_hash_key',
  'ddp_tag',
  'with_mesh_header',
  'connect_timeout',
  'span_context',
  'short_connection',
  'from_method',
  'stress_tag',
  'msg_type',
  'http_content_type',
  'raw_ring_hash_key',
  'lb_type',
  'cluster_shard_id',
  'frame_type',
]

const numbers = new Map(NUMBERED.map((name, number) => [name, number]))

/** A name to look for: its bytes, and its number in a TTHeader, -1 when it has none. */
export interface Name {
  readonly text: string
  readonly bytes: Buffer
  readonly number: number
  readonly token: boolean
}

/** Names of headers, made once. */
export const names: Names<Name> = new Names((text) => ({
  text,
  bytes: Buffer.from(text),
  number: numbers.get(text) ?? -1,
  token: text === TOKEN,
}))

/** A walk over the headers of the frame that `place` was looked up for. There is one. */
export class Info {
  /** Of the pair at hand: its block, where it begins and ends, its name or number, and its value. */
  block = 0
  pairAt = 0
  pairEnd = 0
  nameAt = 0
  nameEnd = 0
  number = -1
  valueAt = 0
  valueEnd = 0
  ended: Ended = Ended.Well
  /** Where the walk ended: the padding, or the block that is unknown. */
  endAt = 0
  #buf: Buffer = NO_BYTES
  #at = 0
  #end = 0
  #wide = false
  #left = 0

  /** Begins before the first pair. A frame without headers has none. */
  of(frame: Frame): this {
    place.of(frame)
    this.#buf = frame.buf
    this.#wide = place.transport === Transport.TTHeader
    const bare = place.transport === Transport.Framed
    this.#at = bare ? 0 : place.blocksAt
    this.#end = bare ? 0 : place.infoEnd
    this.#left = 0
    this.ended = Ended.Well
    return this
  }

  /** Steps to the next pair; false when there is none. */
  next(): boolean {
    while (this.#left === 0) if (!(this.#wide ? this.#wideBlock() : this.#block())) return false
    this.#left--
    this.pairAt = this.#at
    const read = this.#wide ? this.#widePair() : this.#pair()
    if (!read) return this.#stop(Ended.Broken, this.pairAt)
    this.pairEnd = this.valueEnd
    this.#at = this.valueEnd
    return true
  }

  /** Leaves the last pair of this name where `valueAt` and `valueEnd` say: hosts put them into a map one by one. */
  find(name: Name): boolean {
    let valueAt = -1
    let valueEnd = 0
    while (this.next())
      if (this.isNamed(name)) {
        valueAt = this.valueAt
        valueEnd = this.valueEnd
      }
    this.valueAt = valueAt
    this.valueEnd = valueEnd
    return valueAt !== -1
  }

  isNamed({ bytes, number, token }: Name): boolean {
    if (this.#wide && number !== -1) return this.number === number
    if (this.block === Block.Token) return token
    return this.number === -1 && isSame(this.#buf, this.nameAt, this.nameEnd, bytes)
  }

  /** The name of the pair at hand; null for a number without one. */
  get name(): string | null {
    if (this.number !== -1) return NUMBERED[this.number] ?? null
    if (this.block === Block.Token) return TOKEN
    return this.#buf.toString('utf8', this.nameAt, this.nameEnd)
  }

  get value(): string {
    return this.#buf.toString('utf8', this.valueAt, this.valueEnd)
  }

  #stop(how: Ended, at: number): false {
    this.ended = how
    this.endAt = at
    this.#left = 0
    this.#at = this.#end
    return false
  }

  /** The next block of a THeader: padding ends them. */
  #block(): boolean {
    const at = this.#at
    if (at >= this.#end) return this.#stop(Ended.Well, this.#end)
    const countAt = skipVarint(this.#buf, at, this.#end)
    if (countAt <= 0) return this.#stop(Ended.Broken, at)
    const block = lastVarint()
    if (block === 0) return this.#stop(Ended.Well, at)
    if (block !== Block.KeyValue && block !== Block.Persistent) return this.#stop(Ended.Unknown, at)
    const pairsAt = skipVarint(this.#buf, countAt, this.#end)
    if (pairsAt <= 0) return this.#stop(Ended.Broken, at)
    this.block = block
    this.#left = lastVarint()
    this.#at = pairsAt
    return true
  }

  /** The next block of a TTHeader: padding may stand between them. */
  #wideBlock(): boolean {
    const buf = this.#buf
    let at = this.#at
    while (at < this.#end && buf[at] === 0) at++
    if (at >= this.#end) return this.#stop(Ended.Well, this.#end)
    const block = buf[at]!
    if (block !== Block.KeyValue && block !== Block.IntKeyValue && block !== Block.Token)
      return this.#stop(Ended.Unknown, at)
    if (block !== Block.Token && at + 3 > this.#end) return this.#stop(Ended.Broken, at)
    this.block = block
    this.#left = block === Block.Token ? 1 : u16(buf, at + 1)
    this.#at = block === Block.Token ? at + 1 : at + 3
    return true
  }

  #pair(): boolean {
    const end = this.#end
    this.number = -1
    this.nameAt = skipVarint(this.#buf, this.#at, end)
    if (this.nameAt <= 0 || lastVarint() > end - this.nameAt) return false
    this.nameEnd = this.nameAt + lastVarint()
    this.valueAt = skipVarint(this.#buf, this.nameEnd, end)
    if (this.valueAt <= 0 || lastVarint() > end - this.valueAt) return false
    this.valueEnd = this.valueAt + lastVarint()
    return true
  }

  #widePair(): boolean {
    const buf = this.#buf
    const end = this.#end
    let at = this.#at
    this.number = -1
    this.nameAt = at
    this.nameEnd = at
    if (this.block === Block.IntKeyValue) {
      if (at + 2 > end) return false
      this.number = u16(buf, at)
      at += 2
    } else if (this.block === Block.KeyValue) {
      if (at + 2 > end) return false
      this.nameAt = at + 2
      this.nameEnd = this.nameAt + u16(buf, at)
      at = this.nameEnd
    }
    if (at + 2 > end) return false
    this.valueAt = at + 2
    this.valueEnd = this.valueAt + u16(buf, at)
    return this.valueEnd <= end
  }
}

/** The one that everybody walks with. */
export const info: Info = new Info()
