import { BROKEN, type HuffmanMachine, huffmanMachine } from './huffman-table.ts'
import { readLatin1 } from './latin1.ts'

const FIRST_BYTES = 4096

/** Made when the first coded text arrives: processes that never see one start sooner. */
let machine: HuffmanMachine | null = null

/** Reads texts in the Huffman code of RFC 7541 §5.2, one after the other into the same memory. */
export class HuffmanReader {
  /** The `Mark`s of all characters of the text read last. */
  marks = 0
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #view: DataView = viewOf(this.#bytes)
  #length = 0

  /** Decodes [start, end). False if that is no text: EOS inside it, padding of a byte or more, or not of ones. */
  read(buf: Buffer, start: number, end: number): boolean {
    // The shortest code has five bits, and two bytes are written whether there are two symbols or none.
    const most = Math.ceil(((end - start) * 8) / 5) + 2
    if (most > this.#bytes.length) this.#grow(most)
    if (machine === null) machine = huffmanMachine()
    const { steps, ends } = machine
    const view = this.#view
    let step = 0
    let marks = 0
    let length = 0
    for (let i = start; i < end; i++) {
      step = steps[(step & 0xff00) | buf[i]!]!
      view.setUint16(length, step >>> 16, true)
      length += (step >> 6) & 3
      marks |= step
    }
    this.marks = marks & 0x0f
    this.#length = length
    return (marks & BROKEN) === 0 && ends[(step >> 8) & 0xff] === 1
  }

  /** The text read last. */
  text(): string {
    return readLatin1(this.#bytes, 0, this.#length)
  }

  #grow(bytes: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(bytes * 2)
    this.#view = viewOf(this.#bytes)
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}
