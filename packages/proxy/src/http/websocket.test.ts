import { expect, it } from 'vitest'
import { websocketAccept, websocketKey } from './websocket.ts'

it('accepts the key of RFC 6455 section 1.3 as it is there', () => {
  expect(websocketAccept('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

it('makes keys of 16 bytes, another each time', () => {
  const keys = [websocketKey(), websocketKey()]
  expect(keys.map((key) => Buffer.from(key, 'base64').length)).toEqual([16, 16])
  expect(keys[0]).not.toBe(keys[1])
})
