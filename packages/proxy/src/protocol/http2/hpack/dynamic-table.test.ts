import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DynamicTable } from './dynamic-table.ts'

describe('DynamicTable', () => {
  it('keeps what a list does that drops its oldest while it is too large', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 32, max: 700 }) }),
      fc.record({ resize: fc.integer({ min: 0, max: 2000 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const table = new DynamicTable<{ size: number }>(1000)
        const list: { size: number }[] = []
        let most = 1000
        for (const step of steps) {
          if ('add' in step) {
            const entry = { size: step.add }
            table.add(entry)
            list.push(entry)
          } else {
            most = step.resize
            table.resize(most)
          }
          while (sizeOf(list) > most) list.shift()
          expect(entriesOf(table)).toEqual(list)
          expect(table.bytes).toBe(sizeOf(list))
        }
      }),
    )
  })

  it('is emptied by an entry larger than itself', () => {
    const table = new DynamicTable<{ size: number }>(100)
    table.add({ size: 40 })
    table.add({ size: 101 })
    expect([entriesOf(table), table.bytes]).toEqual([[], 0])
    table.add({ size: 100 })
    expect(entriesOf(table)).toEqual([{ size: 100 }])
  })
})

function entriesOf<Entry extends { readonly size: number }>(table: DynamicTable<Entry>): Entry[] {
  return Array.from({ length: table.next - table.oldest }, (_, i) => table.get(table.oldest + i))
}

function sizeOf(list: readonly { size: number }[]): number {
  return list.reduce((sum, { size }) => sum + size, 0)
}
