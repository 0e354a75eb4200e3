import type { Frame } from '../../frame.ts'
import { put16 } from '../../framed.ts'
import { putLengths } from './encode.ts'
import { Block, Transport } from './frame.ts'
import { Ended, info, type Name, names } from './info.ts'
import { place } from './place.ts'
import { putVarint, varintBytes } from './varint.ts'

/** Peers in JavaScript read the number of words as signed; Kitex takes 64 KiB. */
const MAX_INFO_BYTES = 0x10000
const MAX_SHORT = 0xffff

/** The pairs of one block, as they will be written. */
interface Pairs {
  readonly block: number
  count: number
  readonly bytes: Uint8Array[]
}

/**
 * Applies the frame's edits: new info before the same message, in which what was changed stands last in its block.
 * False, and nothing is changed, when the info is broken or would grow over what peers can read, and where there is
 * none: a frame without a header transport has nowhere to put a header.
 */
export function applyEdits(frame: Frame): boolean {
  const { edits } = frame
  if (edits === null) return true
  const edited = [...new Set(edits.map(({ name }) => name))].map((name) => names.get(name))
  const values = edited.map(({ text }) => frame.header(text))
  if (place.of(frame).transport === Transport.Framed) {
    if (values.some((value) => value !== undefined)) return false
  } else {
    const wide = place.transport === Transport.TTHeader
    const blocks = keptPairs(frame, edited)
    if (blocks === null) return false
    for (const [i, value] of values.entries())
      if (value !== undefined && !add(blocks, edited[i]!, value, wide)) return false
    if (!rewrite(frame, blocks, wide)) return false
  }
  frame.edits = null
  return true
}

/** Blocks of a header transport, without these names; null when not all of it can be read. */
function keptPairs(frame: Frame, dropped: readonly Name[]): Pairs[] | null {
  const blocks: Pairs[] = []
  info.of(frame)
  while (info.next()) {
    if (dropped.some((name) => info.isNamed(name))) continue
    const pairs = pairsOf(blocks, info.block)
    pairs.count++
    pairs.bytes.push(frame.buf.subarray(info.pairAt, info.pairEnd))
  }
  const unreadable = info.ended === Ended.Broken || (info.ended === Ended.Unknown && isWide())
  return unreadable ? null : blocks
}

function isWide(): boolean {
  return place.transport === Transport.TTHeader
}

function pairsOf(blocks: Pairs[], block: number): Pairs {
  let pairs = blocks.find((one) => one.block === block)
  if (pairs === undefined) {
    pairs = { block, count: 0, bytes: [] }
    blocks.push(pairs)
  }
  return pairs
}

function add(blocks: Pairs[], name: Name, value: string, wide: boolean): boolean {
  const said = Buffer.from(value)
  if (wide && (said.length > MAX_SHORT || name.bytes.length > MAX_SHORT)) return false
  const block = wide ? blockOf(name) : Block.KeyValue
  const pairs = pairsOf(blocks, block)
  pairs.count++
  if (!wide) pairs.bytes.push(counted(name.bytes), counted(said))
  else if (block === Block.IntKeyValue) pairs.bytes.push(short(name.number), shortText(said))
  else if (block === Block.KeyValue) pairs.bytes.push(shortText(name.bytes), shortText(said))
  else pairs.bytes.push(shortText(said))
  return true
}

function blockOf(name: Name): number {
  if (name.number !== -1) return Block.IntKeyValue
  return name.token ? Block.Token : Block.KeyValue
}

/** What follows an unknown block of a THeader stays as it is, behind all that is known. */
function rewrite(frame: Frame, blocks: readonly Pairs[], wide: boolean): boolean {
  const { buf, start, end } = frame
  const { headAt, infoAt, blocksAt, infoEnd, innerAt } = place
  const parts: Uint8Array[] = []
  for (const { block, count, bytes } of blocks) {
    if (count === 0) continue
    parts.push(wide ? wideHead(block, count) : varints(block, count), ...bytes)
  }
  if (info.ended === Ended.Unknown) parts.push(buf.subarray(info.endAt, infoEnd))
  let used = blocksAt - infoAt
  for (const part of parts) used += part.length
  const padding = -used & 3
  if (used + padding > MAX_INFO_BYTES) return false
  const out = Buffer.concat([
    buf.subarray(start, blocksAt),
    ...parts,
    Buffer.alloc(padding),
    buf.subarray(infoEnd, end),
  ])
  const moved = infoAt + used + padding - infoEnd
  frame.buf = out
  frame.start = 0
  frame.end = out.length
  put16(out, headAt - start + 12, (used + padding) >> 2)
  putLengths(frame, headAt - start, innerAt === -1 ? -1 : innerAt + moved - start)
  return true
}

function wideHead(block: number, count: number): Buffer {
  if (block === Block.Token) return Buffer.from([block])
  return Buffer.from([block, count >> 8, count & 0xff])
}

function varints(block: number, count: number): Buffer {
  const bytes = Buffer.alloc(varintBytes(block) + varintBytes(count))
  putVarint(bytes, putVarint(bytes, 0, block), count)
  return bytes
}

function counted(text: Uint8Array): Buffer {
  const bytes = Buffer.alloc(varintBytes(text.length) + text.length)
  bytes.set(text, putVarint(bytes, 0, text.length))
  return bytes
}

function shortText(text: Uint8Array): Buffer {
  const bytes = Buffer.alloc(2 + text.length)
  put16(bytes, 0, text.length)
  bytes.set(text, 2)
  return bytes
}

function short(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}
