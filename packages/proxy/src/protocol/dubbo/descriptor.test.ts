import { describe, expect, it } from 'vitest'
import { hessianText } from '../../transcode/java-text.ts'
import { countArguments } from './descriptor.ts'

const count = (descriptor: string): number => {
  const bytes = hessianText(descriptor)
  return countArguments(bytes, 0, bytes.length)
}

describe('a descriptor of parameters', () => {
  it.each([
    ['', 0],
    ['I', 1],
    ['ZBCDFIJS', 8],
    ['V', 1],
    ['[I', 1],
    ['Ljava/lang/String;', 1],
    ['[I[[Ljava/lang/String;J', 3],
    ['Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/Object;', 3],
    ['Lshop/Basket$Item_2;I', 2],
    [`L${'shop/'.repeat(300)}Basket;`, 1],
  ])('%j names %i', (descriptor, number) => {
    expect(count(descriptor)).toBe(number)
  })

  it.each([
    'X',
    'i',
    'I ',
    'II?',
    '[',
    'I[',
    'L',
    'L;',
    'Ljava',
    'Ljava/lang/;',
    'L/java;',
    'L1;I',
    'Lshop/2;',
    'Ljava.lang.String;',
    'Lj[I;',
    'Lshöp;',
  ])('%j is none', (descriptor) => {
    expect(count(descriptor)).toBe(-1)
  })

  it('is none when its bytes are longer than they need be, or come in chunks', () => {
    for (const bytes of [
      Buffer.from([0x01, 0xc1, 0x89]),
      Buffer.from([0x52, 0, 1, 0x49, 0x01, 0x49]),
    ])
      expect(countArguments(bytes, 0, bytes.length)).toBe(-1)
  })
})
