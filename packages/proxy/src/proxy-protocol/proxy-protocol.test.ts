import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Source } from '../connection.ts'
import { proxyHeader, readProxyHeader } from '../proxy-protocol.ts'
import { crc32c } from './crc32c.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'

/** A binary header: what follows the signature, in hexadecimal digits. */
function v2(hex: string): Buffer {
  return Buffer.from((SIGNATURE + hex).replaceAll(' ', ''), 'hex')
}

const FOUR: Source = {
  address: '192.0.2.1',
  port: 56324,
  localAddress: '198.51.100.7',
  localPort: 443,
}
const SIX: Source = {
  address: '2001:db8::1',
  port: 1,
  localAddress: '2001:db8:0:1::ff',
  localPort: 65535,
}
const FOUR_BYTES = 'c0000201 c6336407 dc04 01bb'
const SIX_BYTES = '20010db8000000000000000000000001 20010db80000000100000000000000ff 0001 ffff'

describe('a header', () => {
  it.each([
    ['in text, IPv4', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n'), FOUR],
    ['in text, IPv6', Buffer.from('PROXY TCP6 2001:db8::1 2001:db8:0:1::ff 1 65535\r\n'), SIX],
    ['in text, of nobody', Buffer.from('PROXY UNKNOWN\r\n'), null],
    [
      'in text, of somebody unknown',
      Buffer.from(`PROXY UNKNOWN ${'f'.repeat(39)} ${'f'.repeat(39)} 65535 65535\r\n`),
      null,
    ],
    ['in bytes, IPv4', v2(`21 11 000c ${FOUR_BYTES}`), FOUR],
    ['in bytes, IPv6', v2(`21 21 0024 ${SIX_BYTES}`), SIX],
    ['in bytes, with TLVs', v2(`21 11 0016 ${FOUR_BYTES} 04 0000 02 0004 73686f70`), FOUR],
    ['in bytes, with its checksum', v2(`21 11 0013 ${FOUR_BYTES} 03 0004 d45a11b9`), FOUR],
    ['in bytes, of the proxy itself', v2('20 00 0000'), null],
    ['in bytes, of the proxy itself, with what means nothing', v2('20 11 0003 ffffff'), null],
    ['in bytes, of unknown family', v2('21 00 0004 ffffffff'), null],
    ['in bytes, of datagrams', v2(`21 12 000c ${FOUR_BYTES}`), null],
    ['in bytes, of a unix socket', v2(`21 31 00d8 ${'2f'.repeat(216)}`), null],
  ])('%s, is read from whole and from partial bytes', (_, bytes, source) => {
    expect(readProxyHeader(bytes)).toEqual({ bytes: bytes.length, source })
    const more = Buffer.concat([bytes, Buffer.from('PROXY GET /')])
    expect(readProxyHeader(more)).toEqual({ bytes: bytes.length, source })
    for (let end = 0; end < bytes.length; end++)
      expect(readProxyHeader(bytes.subarray(0, end))).toBe('more')
  })

  it.each([
    ['the first request', Buffer.from('GET / HTTP/1.1\r\n')],
    ['a method that begins like it', Buffer.from('PROPFIND')],
    ['empty lines before a request', Buffer.from('\r\n\r\nGET')],
    ['TLS', Buffer.from('160301', 'hex')],
  ])('is not %s', (_, bytes) => {
    expect(readProxyHeader(bytes)).toBe('none')
  })

  it.each([
    ['no family', Buffer.from('PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n'), 'family'],
    ['no words', Buffer.from('PROXY \r\n'), 'family'],
    ['an address of the other family', Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n'), 'addresses'],
    ['too few words', Buffer.from('PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n'), 'ports'],
    ['too many words', Buffer.from('PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n'), 'more words'],
    ['a port above all', Buffer.from('PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n'), 'ports'],
    ['a port with a sign', Buffer.from('PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n'), 'ports'],
    ['a line without end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`), '107 bytes'],
    ['another version', v2('11 11 000c'), '0x11'],
    ['another command', v2('22 11 000c'), '0x22'],
    ['another address family', v2('21 41 0000'), '0x41'],
    ['another transport', v2(`21 13 000c ${FOUR_BYTES}`), '0x13'],
    ['no room for its addresses', v2('21 11 0003 c00002'), 'too short'],
    ['a length above all', v2('21 11 ffff'), '65551 bytes'],
    ['half a TLV', v2(`21 11 000e ${FOUR_BYTES} 0400`), 'cut short'],
    ['a TLV longer than itself', v2(`21 11 0010 ${FOUR_BYTES} 04 0002 00`), 'cut short'],
    ['a wrong checksum', v2(`21 11 0013 ${FOUR_BYTES} 03 0004 d45a11b0`), 'checksum'],
    ['a checksum of another size', v2(`21 11 0011 ${FOUR_BYTES} 03 0002 19f3`), 'checksum'],
  ])('with %s is refused', (_, bytes, sentence) => {
    expect(readProxyHeader(bytes)).toEqual({ fault: expect.stringContaining(sentence) })
  })
})

describe('a header that is written', () => {
  it.each([
    ['v1', FOUR, Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n')],
    ['v1', SIX, Buffer.from('PROXY TCP6 2001:db8::1 2001:db8:0:1::ff 1 65535\r\n')],
    ['v1', null, Buffer.from('PROXY UNKNOWN\r\n')],
    ['v2', FOUR, v2(`21 11 000c ${FOUR_BYTES}`)],
    ['v2', SIX, v2(`21 21 0024 ${SIX_BYTES}`)],
    ['v2', null, v2('20 00 0000')],
  ] as const)('in %s tells of %o', (version, source, bytes) => {
    expect(proxyHeader(version, source)).toEqual(bytes)
  })

  it.each(['v1', 'v2'] as const)(
    'in %s speaks of nobody where an end has no address',
    (version) => {
      const unix = { address: '', port: 0, localAddress: '', localPort: 0 }
      expect(proxyHeader(version, unix)).toEqual(proxyHeader(version, null))
    },
  )

  it.each(['v1', 'v2'] as const)('in %s has both ends in one family', (version) => {
    const mapped = { ...FOUR, address: '::ffff:192.0.2.1' }
    expect(readProxyHeader(proxyHeader(version, mapped))).toMatchObject({ source: FOUR })
    const mixed = { ...FOUR, localAddress: 'fe80::1%eth0' }
    expect(readProxyHeader(proxyHeader(version, mixed))).toMatchObject({
      source: { address: '::ffff:192.0.2.1', localAddress: 'fe80::1' },
    })
  })

  it('is read as it was written, whatever the addresses', () => {
    const port = fc.nat(65535)
    const ends = fc.oneof(
      fc.record({ address: fc.ipV4(), localAddress: fc.ipV4(), port, localPort: port }),
      fc.record({ address: fc.ipV6(), localAddress: fc.ipV6(), port, localPort: port }),
    )
    fc.assert(
      fc.property(ends, fc.constantFrom('v1', 'v2'), fc.uint8Array(), (source, version, rest) => {
        const header = proxyHeader(version, source)
        const read = readProxyHeader(Buffer.concat([header, rest]))
        if (typeof read === 'string' || 'fault' in read || read.source === null)
          throw new Error(JSON.stringify(read))
        expect(read.bytes).toBe(header.length)
        expect(proxyHeader('v2', read.source)).toEqual(proxyHeader('v2', source))
        expect([read.source.port, read.source.localPort]).toEqual([source.port, source.localPort])
      }),
    )
  })
})

it('bytes of any kind are read without harm, and never more of them than there are', () => {
  const beginning = fc.constantFrom('PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY ')
  const text = fc.tuple(beginning, fc.string({ maxLength: 120 })).map((it) => it.join(''))
  const binary = fc.uint8Array({ maxLength: 300 }).map((it) => v2(Buffer.from(it).toString('hex')))
  fc.assert(
    fc.property(fc.oneof(text.map(Buffer.from), binary, fc.uint8Array()), (bytes) => {
      const read = readProxyHeader(Buffer.from(bytes))
      if (typeof read !== 'string' && !('fault' in read))
        expect(read.bytes).toBeLessThanOrEqual(bytes.length)
    }),
  )
})

it('CRC-32C gives the sums of RFC 3720', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e)
})
