import { describe, expect, it } from 'vitest'
import { Block } from './block.ts'

const LIMIT = 1000
const SLACK = 16 * 1024

describe('a header block in several frames', () => {
  it('is put together, and closed when it is taken', () => {
    const block = new Block()
    const bytes = Buffer.from('.abc.de..f')
    block.begin(7, true, false, bytes, 1, 4)
    expect(block).toMatchObject({ open: true, id: 7, last: true, onItself: false })
    expect(block.add(bytes, 5, 7, LIMIT)).toBe(true)
    expect(block.add(bytes, 8, 8, LIMIT)).toBe(true)
    expect(block.add(bytes, 9, 10, LIMIT)).toBe(true)
    bytes.fill(0)
    expect(block.take().toString()).toBe('abcdef')
    expect(block.open).toBe(false)
    expect(block.take()).toHaveLength(0)
  })

  it('ends where it is longer than a head within the limit can be', () => {
    const block = new Block()
    const bytes = Buffer.alloc(LIMIT + SLACK + 1)
    block.begin(1, false, false, bytes, 0, 1)
    expect(block.add(bytes, 0, LIMIT + SLACK - 1, LIMIT)).toBe(true)
    expect(block.add(bytes, 0, 1, LIMIT)).toBe(false)
  })

  it('ends after too many frames, empty ones too', () => {
    const block = new Block()
    block.begin(1, false, false, Buffer.alloc(1), 0, 1)
    let frames = 0
    while (block.add(Buffer.alloc(0), 0, 0, 0)) frames++
    expect(frames).toBe(64)
  })
})
