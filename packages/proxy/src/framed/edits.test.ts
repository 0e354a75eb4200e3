import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Edit, Frame, FrameKind } from '../frame.ts'
import type { Protocol } from '../protocol.ts'
import { isNamedBefore, LastPairs } from './edits.ts'
import { Names } from './names.ts'

/** A frame with header `a`, of which nothing else is asked. */
function frameWith(edits: readonly Edit[]): Frame {
  const protocol = { header: (_frame: Frame, name: string) => (name === 'a' ? '0' : undefined) }
  const bytes = Buffer.alloc(0)
  const { Request } = FrameKind
  const frame = new Frame(protocol as unknown as Protocol, Request, 1, bytes, 0, 0, true, null)
  for (const edit of edits) frame.edit(edit)
  return frame
}

/** One after the other, as they were made. */
function inTurn(name: string, edits: readonly Edit[]): string | undefined {
  let value: string | undefined = name === 'a' ? '0' : undefined
  for (const edit of edits)
    if (edit.name === name)
      value =
        edit.append && value !== undefined && edit.value !== null
          ? `${value}, ${edit.value}`
          : (edit.value ?? undefined)
  return value
}

describe('edits', () => {
  const edit = fc.record({
    name: fc.constantFrom('a', 'b'),
    value: fc.option(fc.constantFrom('1', '2', '')),
    append: fc.boolean(),
  })

  it('leave a header with what they make of it one after the other', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
        const frame = frameWith(edits)
        for (const name of ['a', 'b', 'c']) expect(frame.header(name)).toBe(inTurn(name, edits))
      }),
    )
  })

  it('are of each name once', () => {
    const edits = ['a', 'b', 'a', 'c', 'b'].map((name) => ({ name, value: '', append: true }))
    expect(edits.map((_, place) => isNamedBefore(edits, place))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ])
  })

  it('write a pair again only when its value changes', () => {
    const written: string[] = []
    const pairs = new LastPairs((name, value) => written.push(`${name}=${value}`))
    const places = [
      ['a', ''],
      ['a', ''],
      ['b', '1'],
      ['a', ''],
      ['a', '2'],
      ['b', '1'],
      ['a', ''],
    ].map(([name, value]) => pairs.of(name!, value!))
    expect(written).toEqual(['a=', 'b=1', 'a=2', 'a='])
    expect(places).toEqual([1, 1, 2, 1, 3, 2, 4])
  })
})

describe('names', () => {
  it('are made once, and made again when there were too many others', () => {
    let made = 0
    const names = new Names((name) => `${name}${made++}`)
    expect([names.get('a'), names.get('b'), names.get('a')]).toEqual(['a0', 'b1', 'a0'])
    for (let i = 0; i < 5000; i++) names.get(`x${i}`)
    expect(names.get('a')).not.toBe('a0')
  })
})
