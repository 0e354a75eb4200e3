const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Finds the end of one HTTP/1.1 answer to a GET or POST in the bytes of a connection: by Content-Length, by chunks, or by
 * the connection's end. It keeps only what it still needs, never the body.
 */
export class HttpAnswer {
  status = 0
  /** Whether the connection may carry another request after this answer. */
  reusable = true
  #head: Buffer = Buffer.alloc(0)
  #left = 0
  #chunked: ChunkedBody | null = null
  #inBody = false

  /** Takes bytes of the answer; true when it is whole. A next answer begins by `begin()`. */
  push(bytes: Buffer): boolean {
    if (this.#inBody) return this.#body(bytes)
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const end = this.#head.indexOf(HEAD_END)
    if (end < 0) return false
    const rest = this.#head.subarray(end + HEAD_END.length)
    this.#readHead(this.#head.toString('latin1', 0, end).toLowerCase())
    this.#head = Buffer.alloc(0)
    if (this.status < 200) return rest.length > 0 && this.push(rest)
    this.#inBody = true
    return this.#body(rest)
  }

  /** Whether the answer is whole because the connection has ended. */
  endsHere(): boolean {
    return this.#inBody && this.#left === Number.POSITIVE_INFINITY && this.#chunked === null
  }

  /** Forgets the last answer. */
  begin(): void {
    this.status = 0
    this.reusable = true
    this.#inBody = false
    this.#chunked = null
  }

  #readHead(head: string): void {
    this.status = Number(head.slice(9, 12))
    this.reusable = !/\r\nconnection:[^\r]*\bclose\b/.test(head)
    this.#chunked = /\r\ntransfer-encoding:[^\r]*\bchunked\b/.test(head) ? new ChunkedBody() : null
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
    const empty = this.status === 204 || this.status === 304
    this.#left = empty ? 0 : length === undefined ? Number.POSITIVE_INFINITY : Number(length)
  }

  #body(bytes: Buffer): boolean {
    if (this.#chunked !== null) return this.#chunked.push(bytes)
    this.#left -= bytes.length
    return this.#left <= 0
  }
}

/** Walks over chunks: a line with a size, so many bytes, an empty line; size 0 and an empty line end it. */
class ChunkedBody {
  #skip = 0
  #line = ''
  #last = false

  push(bytes: Buffer): boolean {
    let at = 0
    while (at < bytes.length) {
      const jump = Math.min(this.#skip, bytes.length - at)
      this.#skip -= jump
      at += jump
      if (at === bytes.length) break
      const byte = bytes[at++]!
      if (byte !== 10) this.#line += String.fromCharCode(byte)
      else if (this.#endLine()) return true
    }
    return false
  }

  #endLine(): boolean {
    const line = this.#line.trim()
    this.#line = ''
    if (this.#last) return line === ''
    const size = Number.parseInt(line, 16)
    this.#last = size === 0
    if (size > 0) this.#skip = size + 2
    return false
  }
}
