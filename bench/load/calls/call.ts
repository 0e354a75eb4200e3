/** A call as bytes, for tools that know nothing of its protocol but where ids and lengths stand. */
export interface Call {
  readonly protocol: 'bolt' | 'dubbo' | 'motan' | 'thrift' | 'tars'
  /** What routes find it by. */
  readonly service: string
  readonly method: string
  readonly request: Shape
  readonly answer: Shape
  /** An answer is good when this byte of it is what it is in `answer`. */
  readonly goodAt: number
}

/** A frame, and how others of its kind are read. */
export interface Shape {
  readonly bytes: Buffer
  /** Where the (lower) four bytes of the id stand. */
  readonly idAt: number
  /** How long frames are, in the words of `frames.h`. */
  readonly lengths: string
}

/** What a caller says in its one argument, and what it is answered. */
export const ASKED: string = 'b'.repeat(200)
export const ANSWERED: string = 'a'.repeat(100)

/** The interface that is called. */
export const INTERFACE = 'org.example.EchoService'
export const METHOD = 'echo'

/** A big-endian number of four bytes. */
export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A text behind its length in four bytes. */
export function lengthened(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([u32(bytes.length), bytes])
}
