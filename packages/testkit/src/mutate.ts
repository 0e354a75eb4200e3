/** Numbers that decoders stumble over: the ends of signed and unsigned ranges, and their neighbours. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

/** Chooses from a source of random numbers. */
export class Dice {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  bytes(length: number): Buffer {
    const out = Buffer.allocUnsafe(length)
    for (let i = 0; i < length; i++) out[i] = this.below(256)
    return out
  }
}

/**
 * Bytes to trouble a decoder with: random ones, the beginning of a sample and then random ones, a sample cut short, a
 * sample with changes, or several of these in a row.
 */
export function troublesome(dice: Dice, samples: readonly Buffer[]): Buffer {
  switch (dice.below(6)) {
    case 0:
      return dice.bytes(dice.below(200))
    case 1: {
      const sample = dice.pick(samples)
      return Buffer.concat([sample.subarray(0, dice.below(64)), dice.bytes(dice.below(200))])
    }
    case 2: {
      const sample = dice.pick(samples)
      return Buffer.from(sample.subarray(0, dice.below(sample.length + 1)))
    }
    case 3:
      return Buffer.concat(
        Array.from({ length: 1 + dice.below(4) }, () =>
          dice.below(2) === 0 ? dice.pick(samples) : mutated(dice, dice.pick(samples)),
        ),
      )
    default:
      return mutated(dice, dice.pick(samples))
  }
}

/** A copy of the same length with one to eight changes anywhere: what stands behind true lengths is read, too. */
export function spoilt(dice: Dice, sample: Buffer): Buffer {
  const bytes = Buffer.from(sample)
  if (bytes.length === 0) return bytes
  for (let changes = 1 + dice.below(8); changes > 0; changes--)
    changedInPlace(dice, bytes, dice.below(bytes.length))
  return bytes
}

/** A copy with one to eight changes, most of them near the front, where the lengths are. */
function mutated(dice: Dice, sample: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(sample)
  for (let changes = 1 + dice.below(8); changes > 0 && bytes.length > 0; changes--) {
    const at = dice.below(dice.below(3) === 0 ? bytes.length : Math.min(bytes.length, 48))
    bytes = changed(dice, bytes, at)
  }
  return bytes
}

function changed(dice: Dice, bytes: Buffer, at: number): Buffer {
  switch (dice.below(6)) {
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(8))])
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        dice.bytes(1 + dice.below(8)),
        bytes.subarray(at),
      ])
    default:
      changedInPlace(dice, bytes, at)
      return bytes
  }
}

function changedInPlace(dice: Dice, bytes: Buffer, at: number): void {
  switch (dice.below(4)) {
    case 0:
      bytes[at]! ^= 1 << dice.below(8)
      break
    case 1:
      bytes[at] = dice.below(256)
      break
    case 2:
      if (at + 4 <= bytes.length) bytes.writeUInt32BE(dice.pick(EDGES), at)
      break
    default:
      if (at + 2 <= bytes.length) bytes.writeUInt16BE(dice.pick(EDGES) & 0xffff, at)
  }
}
