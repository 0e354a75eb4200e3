const CR = 13
const LF = 10
const DOLLAR = 36
const ZERO = 48

/** A command as clients of Redis write it. */
export function encodeCommand(...words: readonly (string | Buffer)[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word)
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts])
}

/** Where the command at `at` ends, an array of bulk strings; 0 while it is not whole. */
export function commandEnd(bytes: Buffer, at: number): number {
  const count = numberAt(bytes, at + 1)
  if (count < 0) return 0
  let place = behind
  for (let i = 0; i < count; i++) {
    place = bulkEnd(bytes, place)
    if (place === 0) return 0
  }
  return place
}

/** Where the answer at `at` ends, a line or a bulk string; 0 while it is not whole. */
export function replyEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === DOLLAR) return bulkEnd(bytes, at)
  const end = bytes.indexOf(LF, at)
  return end === -1 ? 0 : end + 1
}

/** Cuts the bytes of one connection into messages; keeps what is not whole yet. */
export class RespFrames {
  #rest: Buffer = Buffer.alloc(0)
  readonly #endOf: (bytes: Buffer, at: number) => number

  constructor(endOf: (bytes: Buffer, at: number) => number) {
    this.#endOf = endOf
  }

  /** Calls back with the place of each whole message; the bytes hold until it returns. */
  push(chunk: Buffer, onMessage: (bytes: Buffer, at: number, end: number) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (at < bytes.length) {
      const end = this.#endOf(bytes, at)
      if (end === 0) break
      onMessage(bytes, at, end)
      at = end
    }
    this.#rest = bytes.subarray(at)
  }
}

/** Behind the number that was read last and its line's end. */
let behind = 0

/** -1 while its line is not whole. */
function numberAt(bytes: Buffer, at: number): number {
  let value = 0
  for (let i = at; i + 1 < bytes.length; i++) {
    if (bytes[i] === CR) {
      behind = i + 2
      return value
    }
    value = value * 10 + bytes[i]! - ZERO
  }
  return -1
}

function bulkEnd(bytes: Buffer, at: number): number {
  const length = numberAt(bytes, at + 1)
  if (length < 0) return 0
  const end = behind + length + 2
  return end > bytes.length ? 0 : end
}
