import { existsSync } from 'node:fs'
import { readVectors } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtins } from './builtins.ts'
import { Match } from './protocol.ts'

/**
 * What a client may say first; what hosts say never tells a connection's protocol. Commands of Redis that are lines of
 * words could be anything: they are spoken only where nothing else is.
 */
const HTTP = [
  ['http/1.1', 'GET', Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
  ['http/1.1', 'OPTIONS', Buffer.from('OPTIONS * HTTP/1.1\r\n')],
  ['h2', 'preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1')],
] as const

const rpc = builtins.protocols.parts.filter(({ speech }) => speech === 'rpc')
const spoken = rpc.flatMap(({ name }) => {
  const folder = new URL(`protocol/${name}/vectors/`, import.meta.url)
  if (!existsSync(folder)) return []
  return [...readVectors(folder)]
    .filter(
      ([vector]) =>
        !/answer|reply|response|exception|error|failure|no-|reconnect|empty-values|command-inline|command-empty/.test(
          vector,
        ),
    )
    .map(([vector, bytes]) => [name, vector, bytes] as const)
})

/** As a port asks that speaks everything: the first that says yes, else whether somebody wants more. */
function detect(head: Buffer): string {
  let more = false
  for (const protocol of builtins.protocols.parts) {
    if (protocol.speech === 'bytes') continue
    const match = protocol.match(head)
    if (match === Match.Yes) return protocol.name
    if (match === Match.NeedMore) more = true
  }
  return more ? 'more' : 'none'
}

describe('on one port', () => {
  it('every protocol has something to say', () => {
    expect(new Set(spoken.map(([name]) => name))).toEqual(new Set(rpc.map(({ name }) => name)))
  })

  it.each([...HTTP, ...spoken])('%s is known by its first bytes (%s)', (name, _, bytes) => {
    expect(detect(bytes)).toBe(name)
    // However the bytes come, nobody else is believed to speak before.
    for (let end = 1; end < bytes.length; end++)
      expect([name, 'more']).toContain(detect(bytes.subarray(0, end)))
  })

  it('every protocol says the same of more bytes, once it has said yes or no', () => {
    const beginning = fc.constantFrom(...spoken.map(([, , bytes]) => bytes))
    fc.assert(
      fc.property(beginning, fc.nat(24), fc.uint8Array({ maxLength: 24 }), (bytes, cut, tail) => {
        const head = Buffer.concat([bytes.subarray(0, cut), tail])
        for (const protocol of builtins.protocols.parts) {
          let said: Match = Match.NeedMore
          for (let end = 0; end <= head.length; end++) {
            const now = protocol.match(head.subarray(0, end))
            if (said !== Match.NeedMore) expect([protocol.name, now]).toEqual([protocol.name, said])
            said = now
          }
        }
      }),
    )
  })
})
