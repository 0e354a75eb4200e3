import assert from 'node:assert/strict'
import { type Field, HpackDecoder, HpackEncoder, HpackFault } from '@tulle/proxy'
import type { FuzzTarget } from './fuzz-run.ts'
import { http2Block } from './http2-samples.ts'
import type { Dice } from './mutate.ts'

const TABLE_BYTES = 4096

/**
 * Feeds a decoder header blocks that may be anything, some of one connection: nothing is thrown, and what comes out is
 * bounded by what went in. What was read is written by an encoder, and reads the same.
 */
export const hpackTarget: FuzzTarget = {
  name: 'hpack',
  samples: samples(),
  feed(bytes: Buffer, dice: Dice): number {
    const decoder = new HpackDecoder({ tableBytes: dice.pick([0, 100, TABLE_BYTES]) })
    const again = new HpackDecoder({ tableBytes: TABLE_BYTES })
    const encoder = new HpackEncoder()
    let count = 0
    for (let at = 0; at < bytes.length; ) {
      const end = dice.below(3) === 0 ? at + 1 + dice.below(bytes.length - at) : bytes.length
      const kept = new Kept(dice.below(4) === 0 ? 3 : Number.POSITIVE_INFINITY)
      const fault = decoder.decode(bytes, at, end, kept)
      if (dice.below(8) === 0) decoder.onSettingsAcknowledged()
      bounded(kept.fields, end - at)
      if (fault !== HpackFault.None) break
      if (dice.below(8) === 0) encoder.setTableLimit(dice.pick([0, 60, TABLE_BYTES, 100_000]))
      same(kept.fields, encoder, again)
      count += kept.fields.length
      at = end
    }
    return count
  },
}

/** A block's fields cost their place in it, and their texts its bytes or the table's. */
function bounded(fields: readonly Field[], blockBytes: number): void {
  assert.ok(fields.length <= blockBytes, `${fields.length} fields of ${blockBytes} bytes`)
  for (const { name, value, size } of fields) {
    assert.equal(size, name.length + value.length + 32)
    // The shortest Huffman codes have five bits.
    assert.ok(size <= TABLE_BYTES + 32 + blockBytes * 1.6, `a field of ${size} bytes`)
  }
}

function same(fields: readonly Field[], encoder: HpackEncoder, decoder: HpackDecoder): void {
  const most = fields.reduce((sum, field) => sum + encoder.most(field), 12)
  const buf = Buffer.alloc(most)
  let at = encoder.begin(buf, 0)
  for (const field of fields) at = encoder.encode(field, buf, at)
  assert.ok(at <= most, 'an encoder keeps to the room it asked for')
  const kept = new Kept(Number.POSITIVE_INFINITY)
  assert.equal(decoder.decode(buf, 0, at, kept), HpackFault.None, 'what was written can be read')
  assert.equal(kept.fields.length, fields.length)
  for (const [i, { name, value, index, valid }] of fields.entries()) {
    const other = kept.fields[i]!
    assert.ok(other.name === name && other.value === value && other.valid === valid, name)
    assert.equal(other.index === NEVER, index === NEVER, 'a secret stays one')
  }
}

const NEVER = 2

class Kept {
  readonly fields: Field[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  onField(field: Field): boolean {
    this.fields.push(field)
    return this.fields.length < this.#most
  }
}

/** Blocks with every form of a field, plain and in Huffman code (RFC 7541, appendix C). */
function samples(): readonly Buffer[] {
  const encoder = new HpackEncoder()
  const request = [
    ':method',
    'GET',
    ':path',
    '/a/path',
    'x-name',
    'some value',
    'cookie',
    'a=1; b=2',
  ]
  return [
    http2Block(encoder, ...request),
    http2Block(encoder, ...request),
    Buffer.concat([http2Block(new HpackEncoder(), ...request), http2Block(encoder, ...request)]),
    ...[
      '828684418cf1e3c2e5f23a6ba0ab90f4ff828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad1718',
      '100870617373776f726406736563726574040c2f73616d706c652f70617468',
      '203fe11f400a637573746f6d2d6b65790d637573746f6d2d686561646572be',
    ].map((hex) => Buffer.from(hex, 'hex')),
  ]
}
