import { describe, expect, it } from 'vitest'
import { HpackDecoder } from './decoder.ts'
import { Indexing } from './field.ts'
import { fieldsOf, type Pair, sizeUpdate, tableOf } from './harness.ts'
import { appendixC } from './vectors/appendix-c.ts'

describe('the examples of RFC 7541, appendix C', () => {
  it.each(appendixC)('$section reads as it says, with the table it says', (series) => {
    const decoder = new HpackDecoder({ tableBytes: 4096 })
    fieldsOf(decoder, sizeUpdate(series.tableBytes))
    for (const { hex, fields, table } of series.blocks) {
      const block = Buffer.from(hex.replace(/\s/g, ''), 'hex')
      const read = fieldsOf(decoder, block)
      expect(read.map(({ name, value }): Pair => [name, value])).toEqual(fields)
      expect(tableOf(decoder)).toEqual(table)
    }
  })

  it('C.2.2 and C.2.3 differ in what may be done with the field', () => {
    const decoder = new HpackDecoder({ tableBytes: 4096 })
    const [plain] = fieldsOf(decoder, Buffer.from('040c2f73616d706c652f70617468', 'hex'))
    const [secret] = fieldsOf(decoder, Buffer.from('100870617373776f726406736563726574', 'hex'))
    expect([plain?.index, secret?.index]).toEqual([Indexing.Without, Indexing.Never])
  })
})
