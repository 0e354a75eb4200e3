import { describe, expect, it } from 'vitest'
import { withoutDot, withoutPort } from './authority.ts'

describe('an authority', () => {
  it.each([
    ['shop.example', 'shop.example'],
    ['shop.example.', 'shop.example'],
    ['shop.example.:8080', 'shop.example:8080'],
    ['shop.example..', 'shop.example.'],
    ['localhost', 'localhost'],
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['[::ffff:10.0.0.1]:80', '[::ffff:10.0.0.1]:80'],
    ['.', ''],
    ['', ''],
  ])('%j without a dot at its end is %j', (authority, expected) => {
    expect(withoutDot(authority)).toBe(expected)
  })

  it.each([
    ['shop.example:8080', 8080, 'shop.example'],
    ['shop.example:8081', 8080, 'shop.example:8081'],
    ['shop.example:8081', 'any', 'shop.example'],
    ['shop.example', 'any', 'shop.example'],
    ['[::1]:8080', 8080, '[::1]'],
    ['[::1]', 'any', '[::1]'],
    ['::1', 'any', '::1'],
    ['shop.example:', 'any', 'shop.example:'],
    ['shop.example:http', 'any', 'shop.example:http'],
    ['shop.example:999999', 'any', 'shop.example:999999'],
    ['', 'any', ''],
  ] as const)('%j without the port %j is %j', (authority, port, expected) => {
    expect(withoutPort(authority, port)).toBe(expected)
  })
})
