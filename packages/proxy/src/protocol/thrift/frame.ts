/**
 * Thrift messages in frames, byte by byte. All numbers of fixed width are big-endian.
 *
 * ```
 *  a message by itself, behind its length             Node's framed header transport puts another length before it all
 *  ┌─────────┬───────────────────┐                    ┌─────────┬─────────┬────────┬──
 *  │ len u32 │ message           │                    │ len u32 │ len u32 │ 0f ff  │ … as below
 *  └─────────┴───────────────────┘                    └─────────┴─────────┴────────┴──
 *
 *  with headers: THeader (0f ff) and TTHeader (10 00)
 *   0         4       6       8         12      14
 *  ┌─────────┬───────┬───────┬─────────┬───────┬──────────────────────┬──────────┐
 *  │ len u32 │ magic │ flags │ seqid   │ words │ info, 4 × words      │ message  │  in TTHeader it may have
 *  │         │  u16  │  u16  │  u32    │  u16  │ bytes                │          │  a length of its own
 *  └─────────┴───────┴───────┴─────────┴───────┴──────────────────────┴──────────┘
 *
 *  info of THeader, numbers being varints             info of TTHeader
 *  ┌──────────┬────────────┬────────┬────┬──          ┌────────┬────────────┬─────────┬────┬──
 *  │ protocol │ transforms │ blocks │ 00 │            │ u8     │ transforms │ blocks  │ 00 │
 *  │          │    = 0     │        │    │            │        │   u8 = 0   │         │    │
 *  └──────────┴────────────┴────────┴────┴──          └────────┴────────────┴─────────┴────┴──
 *   01 count (length name, length value)…              01 u16 (u16 name, u16 value)…     texts by name
 *   02 the same, for every later message               10 u16 (u16, u16 value)…          texts by number
 *                                                      11 u16 token
 *
 *  messages
 *  strict   ┌───────┬────┬──────┬─────────┬────────┬───────────┬──────┐
 *           │ 80 01 │ 00 │ type │ len i32 │ name … │ seqid i32 │ body │     Kitex's protobuf has 90 01 there
 *           └───────┴────┴──────┴─────────┴────────┴───────────┴──────┘
 *  old      ┌─────────┬────────┬──────┬───────────┬──────┐
 *           │ len i32 │ name … │ type │ seqid i32 │ body │
 *           └─────────┴────────┴──────┴───────────┴──────┘
 *  compact  ┌────┬───────────────┬──────────────┬────────────┬────────┬──────┐
 *           │ 82 │ type << 5 | 1 │ seqid varint │ len varint │ name … │ body │
 *           └────┴───────────────┴──────────────┴────────────┴────────┴──────┘
 * ```
 *
 * The body is a struct: of the arguments, or of the result, where field 0 is what the method returned and others are
 * exceptions it declares. Of several services behind one port, the name tells which: `Service:method`.
 */
export const Transport = { Framed: 0, THeader: 1, DoubleTHeader: 2, TTHeader: 3 } as const
export type Transport = (typeof Transport)[keyof typeof Transport]

/** How a message is written. */
export const Form = { Strict: 0, Old: 1, Compact: 2, Protobuf: 3 } as const
export type Form = (typeof Form)[keyof typeof Form]

/** What a message is. */
export const MessageType = { Call: 1, Reply: 2, Exception: 3, Oneway: 4 } as const

/** What the first two bytes of a message or a header transport say it is. */
export const Magic = {
  Strict: 0x8001,
  Protobuf: 0x9001,
  THeader: 0x0fff,
  TTHeader: 0x1000,
} as const
/** The first byte of a compact message; the low five bits of the next are its version. */
export const COMPACT = 0x82
export const COMPACT_VERSION = 1

/** Bytes of a header transport before its info. */
export const HEAD_BYTES = 14
/** Messages of a stream, which are no calls. */
export const STREAMING_FLAG = 2

/** As THeader limits it, so that no length looks like the beginning of a message without one. */
export const MAX_LENGTH = 0x3fffffff
/** More than any name of a method has. */
export const MAX_NAME = 0xffff

/** What a block of headers consists of. */
export const Block = { KeyValue: 1, Persistent: 2, IntKeyValue: 0x10, Token: 0x11 } as const

/** Types of values as binary and as compact messages number them. */
export const BinaryType = { String: 11, I32: 8 } as const
export const CompactType = { I32: 5, Binary: 8 } as const
