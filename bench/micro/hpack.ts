import { HpackDecoder } from '../../packages/proxy/src/protocol/http2/hpack/decoder.ts'
import { HpackEncoder } from '../../packages/proxy/src/protocol/http2/hpack/encoder.ts'
import type { Field } from '../../packages/proxy/src/protocol/http2/hpack/field.ts'
import {
  fieldsOf,
  indexed,
  Literal,
  literal,
  type Pair,
} from '../../packages/proxy/src/protocol/http2/hpack/harness.ts'
import { HuffmanReader } from '../../packages/proxy/src/protocol/http2/hpack/huffman.ts'
import { huffmanEncode } from '../../packages/proxy/src/protocol/http2/hpack/huffman-encode.ts'
import { writeLatin1 } from '../../packages/proxy/src/protocol/http2/hpack/latin1.ts'

/*
 * What HPACK costs: header blocks of eight fields, all of them indexed as a load generator sends them after its first
 * requests, and with a path of 60 characters and a cookie of 200 that are new in every request; then the same written.
 *
 *   sh bin/node bench/micro/hpack.ts
 *
 * Nanoseconds, Node 26 on a virtual machine of two cores:
 *
 *              eight indexed   a new path   a new path and cookie   the same from strings
 *   decode                40   260 coded    780 coded, 380 octets
 *   encode                40    90          145                     150 indexed, 300 new
 *
 *                characters      20     60    200
 *   write as octets              30     40     45
 *   write in Huffman code       130    370   1200     an order of magnitude more than a copy, to send a quarter less:
 *   read in Huffman code         40    110    335     the encoder writes octets, the reader spares no table for speed
 */

const ROUND_MS = 200
const ROUNDS = 5
/** More different blocks than any cache of ours remembers. */
const BLOCKS = 4096
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-_'

/** With the indices by which a peer sends them: static ones, and those of its table after `OPENING`. */
const FIELDS: readonly (readonly [...Pair, index: number])[] = [
  [':method', 'GET', 2],
  [':scheme', 'http', 6],
  [':authority', 'shop.example.org:8080', 65],
  [':path', '/shop/carts/4711?currency=EUR', 64],
  ['user-agent', 'h2load nghttp2/1.52.0', 63],
  ['accept-encoding', 'gzip, deflate', 16],
  ['accept', '*/*', 62],
  ['cookie', 'theme=dark', 66],
]
const OPENING = Buffer.concat([
  literal(Literal.Entering, 'cookie', 'theme=dark'),
  literal(Literal.Entering, ':authority', 'shop.example.org:8080'),
  literal(Literal.Entering, ':path', '/shop/carts/4711?currency=EUR'),
  literal(Literal.Entering, 'user-agent', 'h2load nghttp2/1.52.0'),
  literal(Literal.Entering, 'accept', '*/*'),
])

/** How a field is sent that is not indexed. */
type Form = (value: string) => Buffer
type Changes = Readonly<Record<string, Form>>

const codedPath: Form = (value) => literal(Literal.Plain, 4, value, true)
const codedCookie: Form = (value) => literal(Literal.Plain, 32, value, true)
const plainPath: Form = (value) => literal(Literal.Plain, 4, value)
const plainCookie: Form = (value) => literal(Literal.Plain, 32, value)

const out = Buffer.alloc(4096)

// The lines below come first in time, this in reading.
setImmediate(() => {
  const same = lists([])
  const newPath = lists([':path'])
  const newBoth = lists([':path', 'cookie'])
  read('eight indexed', same, {})
  read('same path in Huffman code', same, { ':path': codedPath })
  read('new path in Huffman code', newPath, { ':path': codedPath })
  read('new path and cookie in Huffman code', newBoth, { ':path': codedPath, cookie: codedCookie })
  read('new path and cookie as octets', newBoth, { ':path': plainPath, cookie: plainCookie })
  write('eight indexed', same)
  write('new path', newPath)
  write('new path and cookie', newBoth)
  writeStrings('eight indexed', same)
  writeStrings('new path and cookie', newBoth)
  for (const length of [20, 60, 200]) huffman(length)
})

function lists(changing: readonly string[]): Pair[][] {
  return Array.from({ length: BLOCKS }, () =>
    FIELDS.map(([name, value]) => {
      if (!changing.includes(name)) return [name, value]
      return [name, name === ':path' ? `/shop/carts/${random(48)}` : `session=${random(192)}`]
    }),
  )
}

function random(length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += LETTERS[Math.floor(Math.random() * LETTERS.length)]
  return text
}

function read(name: string, lists: readonly Pair[][], changes: Changes): void {
  const decoder = new HpackDecoder({ tableBytes: 4096 })
  fieldsOf(decoder, OPENING)
  const blocks = lists.map((list) =>
    Buffer.concat(list.map(([n, value], i) => changes[n]?.(value) ?? indexed(FIELDS[i]![2]))),
  )
  const sink = new Sink()
  measure(`decode ${name}`, (i) => {
    const block = blocks[i]!
    sink.count = 0
    if (decoder.decode(block, 0, block.length, sink) !== 0) throw new Error(name)
  })
}

function write(name: string, lists: readonly Pair[][]): void {
  const sender = new HpackEncoder()
  const decoder = new HpackDecoder({ tableBytes: 4096 })
  const blocks = lists.map((list) => {
    const end = list.reduce((at, [n, value]) => sender.encodePair(n, value, false, out, at), 0)
    return fieldsOf(decoder, out.subarray(0, end))
  })
  const encoder = new HpackEncoder()
  measure(`encode ${name}`, (i) => {
    const fields = blocks[i]!
    let at = encoder.begin(out, 0)
    for (let f = 0; f < fields.length; f++) at = encoder.encode(fields[f]!, out, at)
  })
}

function writeStrings(name: string, lists: readonly Pair[][]): void {
  const encoder = new HpackEncoder()
  measure(`encode strings, ${name}`, (i) => {
    const pairs = lists[i]!
    let at = encoder.begin(out, 0)
    for (let p = 0; p < pairs.length; p++) {
      at = encoder.encodePair(pairs[p]![0], pairs[p]![1], false, out, at)
    }
  })
}

function huffman(length: number): void {
  const texts = Array.from({ length: BLOCKS }, () => random(length))
  const coded = texts.map((text) => Buffer.from(out.subarray(0, huffmanEncode(text, out, 0))))
  const reader = new HuffmanReader()
  measure(`write ${length} characters as octets`, (i) => writeLatin1(texts[i]!, out, 0))
  measure(`write ${length} characters in Huffman code`, (i) => huffmanEncode(texts[i]!, out, 0))
  measure(`read ${length} characters in Huffman code`, (i) => {
    reader.read(coded[i]!, 0, coded[i]!.length)
  })
}

/** Keeps the fields of the block read last. */
class Sink {
  readonly fields: Field[] = []
  count = 0

  onField(field: Field): boolean {
    this.fields[this.count++] = field
    return true
  }
}

function measure(name: string, once: (i: number) => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now()
    let count = 0
    let elapsed = 0
    while (elapsed < ROUND_MS) {
      for (let i = 0; i < BLOCKS; i++) once(i)
      count += BLOCKS
      elapsed = performance.now() - begun
    }
    best = Math.min(best, (elapsed * 1e6) / count)
  }
  console.log(`${name}: ${best.toFixed(0)} ns`)
}
