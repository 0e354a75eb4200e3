import { codeBits, codes, EOS } from './huffman-code.ts'
import { markOf } from './marks.ts'

/** The mark, beside those of `Mark`, of a step on which the whole code of EOS was seen. */
export const BROKEN = 0x10

/**
 * A machine that takes a byte at a time. Its states are the inner nodes of the code's tree; a state and a byte give
 *
 * ```
 *   31     24 23     16 15      8 7  6 5         0
 *  ┌─────────┬─────────┬─────────┬────┬───────────┐
 *  │ second  │  first  │  state  │made│   marks   │    made: how many symbols the byte completed, two at most,
 *  └─────────┴─────────┴─────────┴────┴───────────┘    as the shortest code has five bits
 * ```
 *
 * in 256 KB. Four bits at a time would do with 16 KB and take half as long again; text of a service uses few of the
 * states, so that what is used stays in the processor's nearer caches.
 */
export interface HuffmanMachine {
  readonly steps: Int32Array
  /** 1 for states that a text may end in: those that up to seven bits of padding, all ones, lead to from the first. */
  readonly ends: Uint8Array
}

/** Makes the machine, in two or three milliseconds. */
export function huffmanMachine(): HuffmanMachine {
  const tree = huffmanTree()
  return { steps: byteSteps(nibbleSteps(tree)), ends: endsOf(tree) }
}

function byteSteps(nibbles: Int32Array): Int32Array {
  const table = new Int32Array(256 * 256)
  for (let state = 0; state < 256; state++) {
    for (let high = 0; high < 16; high++) {
      const one = nibbles[state * 16 + high]!
      for (let low = 0; low < 16; low++) {
        table[(state << 8) | (high << 4) | low] = joined(
          one,
          nibbles[((one >> 8) & 0xff) * 16 + low]!,
        )
      }
    }
  }
  return table
}

function endsOf(tree: Int32Array): Uint8Array {
  const ends = new Uint8Array(256)
  for (let node = 0, bits = 0; bits < 8; bits++) {
    ends[node] = 1
    node = tree[node * 2 + 1]!
  }
  return ends
}

/** The same machine for half a byte, which completes one symbol at most. */
function nibbleSteps(tree: Int32Array): Int32Array {
  const table = new Int32Array(256 * 16)
  for (let entry = 0; entry < table.length; entry++) {
    let node = entry >> 4
    let symbol = -1
    for (let bit = 3; bit >= 0; bit--) {
      node = tree[node * 2 + ((entry >> bit) & 1)]!
      if (node < 0) {
        symbol = -node - 1
        node = 0
      }
    }
    if (symbol === EOS) table[entry] = BROKEN
    else if (symbol < 0) table[entry] = node << 8
    else table[entry] = (symbol << 16) | (node << 8) | (1 << 6) | markOf[symbol]!
  }
  return table
}

/** One step after the other, as one. */
function joined(one: number, two: number): number {
  const made = (one >> 6) & 3
  const symbols = (one >>> 16) | ((two >>> 16) << (made * 8))
  const marks = (one | two) & 0x3f
  return (symbols << 16) | (two & 0xff00) | ((made + ((two >> 6) & 3)) << 6) | marks
}

/** The children of node n at 2n and 2n + 1: a node above zero, or a symbol s as -(s + 1). Short codes have low nodes. */
function huffmanTree(): Int32Array {
  const tree = new Int32Array(256 * 2)
  let nodes = 1
  const byLength = Array.from(codes.keys()).sort((a, b) => codeBits[a]! - codeBits[b]!)
  for (const symbol of byLength) {
    let node = 0
    for (let bit = codeBits[symbol]! - 1; bit > 0; bit--) {
      const child = node * 2 + ((codes[symbol]! >> bit) & 1)
      if (tree[child] === 0) tree[child] = nodes++
      node = tree[child]!
    }
    tree[node * 2 + (codes[symbol]! & 1)] = -(symbol + 1)
  }
  return tree
}
