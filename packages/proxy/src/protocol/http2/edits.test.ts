import { describe, expect, it } from 'vitest'
import { cleaned, editOf, isLength, isOurs, lengthMask, replaces } from './edits.ts'

const set = (name: string, value: string | null) => ({ name, value, append: false })
const add = (name: string, value: string) => ({ name, value, append: true })

describe('changes to headers', () => {
  it('never touch what belongs to one hop, or is no name of HTTP/2', () => {
    const ours = ['connection', 'host', 'te', 'transfer-encoding', 'upgrade', 'X', 'a b', '', ':x']
    for (const name of ours) expect(isOurs(name), name).toBe(true)
    for (const name of ['x', 'server', 'content-length']) expect(isOurs(name), name).toBe(false)
  })

  it('of a pseudo header: the last says what it is', () => {
    const edits = [set(':path', '/a'), set('x', '1'), set(':path', '/b')]
    expect(editOf(edits, ':path')).toBe('/b')
    expect(editOf(edits, ':method')).toBeUndefined()
    expect(editOf([...edits, set(':path', null)], ':path')).toBeUndefined()
    expect(editOf(null, ':path')).toBeUndefined()
  })

  it('take away what they replace or remove, and leave what they add to', () => {
    const edits = [set('x', '1'), set('gone', null), add('more', '2'), set('host', 'h')]
    expect(replaces(edits, 'x')).toBe(true)
    expect(replaces(edits, 'gone')).toBe(true)
    expect(replaces(edits, 'more')).toBe(false)
    expect(replaces(edits, 'host')).toBe(false)
    expect(lengthMask(edits)).toBe((1 << 1) | (1 << 4))
    expect(lengthMask([add('more', '2')])).toBe(0)
  })

  it('leave nothing in a value that could end a line', () => {
    expect(cleaned('a b\t\xe9')).toBe('a b\t\xe9')
    expect(cleaned(' a\r\nb\0 ')).toBe('ab')
    expect(cleaned('\u20ac\u{1f600}x')).toBe('??x')
    expect(cleaned('')).toBe('')
  })

  it('know a length', () => {
    expect(['0', '15'].every(isLength)).toBe(true)
    expect(['', '-1', '1a', '1'.repeat(16)].some(isLength)).toBe(false)
  })
})
