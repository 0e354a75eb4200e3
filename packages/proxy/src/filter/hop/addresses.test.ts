import { describe, expect, it } from 'vitest'
import { addressFromRight, isInternal, unmapped } from './addresses.ts'

describe('an address', () => {
  it.each([
    ['10.0.0.1', true],
    ['10.255.255.255', true],
    ['11.0.0.1', false],
    ['172.15.0.1', false],
    ['172.16.0.1', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
    ['192.168.4.4', true],
    ['192.169.0.1', false],
    ['127.0.0.1', true],
    ['127.0.0.2', false],
    ['::1', true],
    ['fc00::1', true],
    ['fdff::1', true],
    ['fe00::1', false],
    ['2001:db8::1', false],
    ['', false],
    ['localhost', false],
  ])('%j is internal: %j', (address, answer) => {
    expect(isInternal(address)).toBe(answer)
  })

  it.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '::ffff:a00:1'],
    ['::1', '::1'],
    ['10.0.0.1', '10.0.0.1'],
  ])('%j is written as %j', (address, written) => {
    expect(unmapped(address)).toBe(written)
  })
})

describe('a list of addresses', () => {
  it.each([
    ['203.0.113.128, 203.0.113.10,203.0.113.1', 0, '203.0.113.1'],
    ['203.0.113.128, 203.0.113.10,203.0.113.1', 1, '203.0.113.10'],
    ['203.0.113.128, 203.0.113.10,203.0.113.1', 2, '203.0.113.128'],
    ['203.0.113.128, 203.0.113.10,203.0.113.1', 3, null],
    ['203.0.113.1', 0, '203.0.113.1'],
    ['203.0.113.1', 1, null],
    ['203.0.113.1', 9, null],
    [',203.0.113.1', 1, null],
    ['203.0.113.1,', 0, null],
    [',', 0, null],
    ['', 0, null],
    ['unknown, 203.0.113.1', 1, null],
    ['2001:db8::1', 0, '2001:db8::1'],
    ['[2001:db8::1]', 0, '2001:db8::1'],
    ['[2001:db8::1]:443', 0, '2001:db8::1'],
    ['203.0.113.1:443', 0, '203.0.113.1'],
    ['203.0.113.1:x', 0, null],
    ['[203.0.113.1', 0, null],
    ['::ffff:10.0.0.1', 0, '::ffff:10.0.0.1'],
    ['10.0.0.1 10.0.0.2', 0, null],
  ])('of %j the one before %d others is %j', (list, skip, address) => {
    expect(addressFromRight(list, skip)).toBe(address)
  })
})
