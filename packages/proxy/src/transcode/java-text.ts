const NO_HEAD: readonly number[] = []

/**
 * The bytes of a text, behind those of a head, in Java's own form of UTF-8, as `DataOutput.writeUTF` and Hessian have it:
 * characters beyond 16 bits are two surrogates of three bytes each. `writeUTF` has two bytes for NUL where this has one;
 * readers take either.
 */
export function javaBytes(text: string, head: readonly number[] = NO_HEAD): Buffer {
  const out = Buffer.allocUnsafe(head.length + 3 * text.length)
  out.set(head)
  let at = head.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) out[at++] = unit
    else if (unit < 0x800) {
      out[at++] = 0xc0 | (unit >> 6)
      out[at++] = 0x80 | (unit & 0x3f)
    } else {
      out[at++] = 0xe0 | (unit >> 12)
      out[at++] = 0x80 | ((unit >> 6) & 0x3f)
      out[at++] = 0x80 | (unit & 0x3f)
    }
  }
  return out.subarray(0, at)
}

const SHORT_MAX = 0x1f
const MEDIUM_MAX = 0x3ff
const CHUNK = 0x52
const LAST = 0x53
/** As Java cuts long ones. */
const CHUNK_UNITS = 0x8000

/**
 * A text in Hessian 2.0. Its lengths count units of UTF-16, not bytes.
 *
 * ```
 *  05 h e l l o                      up to 31 units: the tag is the length
 *  31 2c …                           up to 1023: 30 + high byte, low byte
 *  53 04 56 …                        `S`, u16
 *  52 80 00 …  53 00 07 …            `R`, u16: another chunk follows
 * ```
 */
export function hessianText(text: string): Buffer {
  const units = text.length
  if (units <= SHORT_MAX) return javaBytes(text, [units])
  if (units <= MEDIUM_MAX) return javaBytes(text, [0x30 + (units >> 8), units & 0xff])
  const chunks: Buffer[] = []
  let from = 0
  while (units - from > CHUNK_UNITS) {
    // A chunk that ended between the halves of a character would not be text to everybody.
    const to = from + CHUNK_UNITS - (isHighHalf(text.charCodeAt(from + CHUNK_UNITS - 1)) ? 1 : 0)
    chunks.push(chunk(CHUNK, text.slice(from, to)))
    from = to
  }
  chunks.push(chunk(LAST, text.slice(from)))
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function chunk(tag: number, text: string): Buffer {
  return javaBytes(text, [tag, text.length >> 8, text.length & 0xff])
}

function isHighHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
