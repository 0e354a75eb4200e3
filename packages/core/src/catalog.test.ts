import { describe, expect, it } from 'vitest'
import { Catalog } from './catalog.ts'

const [bolt, http] = [{ name: 'bolt' }, { name: 'http' }]

describe('a catalog', () => {
  it('finds parts by name, and lists them in the order they came', () => {
    const protocols = new Catalog('protocol', [bolt]).add(http)
    expect(protocols.get('http')).toBe(http)
    expect(protocols.find('bolt')).toBe(bolt)
    expect(protocols.names).toEqual(['bolt', 'http'])
    expect(protocols.parts).toEqual([bolt, http])
  })

  it('says what there is when asked for something else', () => {
    const protocols = new Catalog('protocol', [bolt, http])
    expect(protocols.get('smtp')).toBeNull()
    expect(() => protocols.find('smtp')).toThrow(
      expect.objectContaining({
        code: 'PART_UNKNOWN',
        message: 'no protocol "smtp"; known: bolt, http',
      }),
    )
  })

  it('refuses a second part of the same name', () => {
    const protocols = new Catalog('protocol', [bolt])
    expect(() => protocols.add({ name: 'bolt' })).toThrow(
      expect.objectContaining({ code: 'PART_TWICE' }),
    )
    expect(protocols.find('bolt')).toBe(bolt)
  })
})
