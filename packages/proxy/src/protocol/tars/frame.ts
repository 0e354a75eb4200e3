import { i32 } from '../../framed.ts'

/**
 * Tars, byte by byte. Everything is big-endian. A packet is its length, which counts itself, and the fields of one
 * struct in the order of their tags.
 *
 * ```
 *   0           4     5     6
 *  ┌───────────┬─────┬─────┬───────────┬───────────┬───────────┬───────────┬──
 *  │  length   │ 10  │ ver │ tag 2     │ tag 3     │ tag 4     │ tag 5     │ …        version: 1 Tars, 2 and 3 TUP, 5 JSON
 *  │   u32     │     │     │ int       │ int       │ int       │ text, int │
 *  └───────────┴─────┴─────┴───────────┴───────────┴───────────┴───────────┴──
 *
 *  tag      2             3              4              5         6         7        8            9        10
 *         ┌─────────────┬──────────────┬──────────────┬─────────┬─────────┬────────┬────────────┬────────┬────────┐
 *  request│ 1: one-way  │ message type │      id      │ servant │function │ bytes  │ time-out ms│context │ status │
 *  answer │             │      id      │ message type │ result  │ bytes   │ status │description │context │        │
 *         └─────────────┴──────────────┴──────────────┴─────────┴─────────┴────────┴────────────┴────────┴────────┘
 *                          context, status: maps of texts; description and context of an answer may be left out
 *
 *  field   ┌─────┬──────┬─────────
 *          │ tag │ type │ value …         4 bits each; a tag of 15 says that the tag stands in the next byte
 *          └─────┴──────┴─────────
 *
 *  int     type 12: 0, no bytes     type 0: one byte      type 1: two      type 2: four     smallest that fits
 *  text    type 6: length u8, bytes                       type 7: length u32, bytes
 *  bytes   type 13: 00, int of tag 0 (how many), bytes
 *  map     type 8: int of tag 0 (how many), and for each a key of tag 0 and a value of tag 1
 * ```
 *
 * Ids are as wide as their number needs, so another id is another length. What is written here has ids of four bytes,
 * which every host reads and answers in its own shortest form.
 *
 * TUP answers in the struct of a request, with the result in its status map: only who knows which side a packet comes
 * from can tell (`asAnswer`). Elsewhere tag 5 tells: requests have a text there, answers a number.
 *
 * A frame's `view` says where its id and tag 5 stand, from the frame's beginning:
 *
 * ```
 *   bit 10   9 … 5     4 … 0
 *  ┌────────┬─────────┬─────────┐
 *  │ answer │ tag 5   │ id      │
 *  └────────┴─────────┴─────────┘
 * ```
 */
export const Version = { Tars: 1, TupOld: 2, Tup: 3, Json: 5 } as const

/** What tag 2 says. */
export const PacketType = { Normal: 0, Oneway: 1 } as const

/** The lower half of a field's first byte. */
export const Type = {
  Int8: 0,
  Int16: 1,
  Int32: 2,
  Int64: 3,
  Float: 4,
  Double: 5,
  String1: 6,
  String4: 7,
  Map: 8,
  List: 9,
  StructBegin: 10,
  StructEnd: 11,
  Zero: 12,
  SimpleList: 13,
} as const

/** The tags of a request. */
export const RequestTag = {
  Version: 1,
  PacketType: 2,
  MessageType: 3,
  Id: 4,
  Servant: 5,
  Function: 6,
  Bytes: 7,
  Timeout: 8,
  Context: 9,
  Status: 10,
} as const

/** The tags of an answer; TUP answers in those of a request. */
export const AnswerTag = {
  Version: 1,
  PacketType: 2,
  Id: 3,
  MessageType: 4,
  Result: 5,
  Bytes: 6,
  Status: 7,
  Description: 8,
  Context: 9,
} as const

/** Where a version stands, and the packet type behind it. */
export const VERSION_OFFSET = 5
export const PACKET_TYPE_OFFSET = 6
/** Length, version, and four fields of one byte. */
export const MIN_BYTES = 10
/** 25 times what hosts take where nobody says otherwise; the first byte is one that no other protocol begins with. */
export const MAX_BYTES = 0x0fffffff

/** The keys of TUP's status map in which answers say what tags 5 and 8 say elsewhere. */
export const RESULT_CODE = 'STATUS_RESULT_CODE'
export const RESULT_DESCRIPTION = 'STATUS_RESULT_DESC'

/** What a host says to nobody (id 0) before it closes. */
export const RECONNECT = '_reconnect_'

/** The view of a frame whose id and tag 5 stand there. */
export function viewOf(idAt: number, fifthAt: number, answer: boolean): number {
  return idAt | (fifthAt << 5) | (answer ? 1 << 10 : 0)
}

/** The same when the id has grown by so many bytes. */
export function shifted(view: number, bytes: number): number {
  return view + (bytes << 5)
}

/** Where the id's first byte stands, from the frame's beginning. */
export function idOffset(view: unknown): number {
  return (view as number) & 31
}

/** Where the servant or the result stands. */
export function fifthOffset(view: unknown): number {
  return ((view as number) >> 5) & 31
}

/** Whether it is the struct of an answer, which TUP has none of. */
export function isAnswerStruct(view: unknown): boolean {
  return ((view as number) & (1 << 10)) !== 0
}

/** Whether a version is one of TUP. */
export function isTup(version: number): boolean {
  return version === Version.Tup || version === Version.TupOld
}

/** How many bytes an int of this type has; -1 of what is no int. */
export function intBytes(type: number): number {
  switch (type) {
    case Type.Int8:
      return 1
    case Type.Int16:
      return 2
    case Type.Int32:
      return 4
    case Type.Zero:
      return 0
    default:
      return -1
  }
}

/** An int whose value begins at `at`. */
export function intAt(buf: Buffer, type: number, at: number): number {
  switch (type) {
    case Type.Int8:
      return (buf[at]! << 24) >> 24
    case Type.Int16:
      return ((buf[at]! << 24) >> 16) | buf[at + 1]!
    case Type.Int32:
      return i32(buf, at)
    default:
      return 0
  }
}
