import { describe, expect, it } from 'vitest'
import { SeenTexts } from './seen-texts.ts'

describe('SeenTexts', () => {
  it('tells a text from its second time on', () => {
    const seen = new SeenTexts()
    expect([1, 2, 3].map(() => seen.again('text', 7))).toEqual([false, true, true])
    expect(seen.again('', 7)).toBe(true)
  })

  it('tells no text that is new', () => {
    const seen = new SeenTexts()
    for (let i = 0; i < 1000; i++) expect(seen.again(`text-${i}`, 7)).toBe(false)
  })

  it('finds every one of many that share their slots and come in turn', () => {
    const seen = new SeenTexts()
    const texts = Array.from({ length: 8 }, (_, i) => `${i}-same length and end`)
    const found = new Set<string>()
    for (let i = 0; i < 100; i++) {
      for (const text of texts) if (!found.has(text) && seen.again(text, 7)) found.add(text)
    }
    expect(found.size).toBe(texts.length)
  })
})
