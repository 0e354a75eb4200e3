import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts'

/** What Node's own client says first. */
async function captured(options: tls.ConnectionOptions): Promise<Buffer> {
  const heard = Promise.withResolvers<Buffer>()
  const server = net.createServer((socket) => {
    socket.once('data', (chunk: Buffer) => {
      heard.resolve(chunk)
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = tls.connect({ port: (server.address() as AddressInfo).port, ...options })
  client.on('error', () => {})
  const hello = await heard.promise
  client.destroy()
  server.close()
  return hello
}

const FULL = { servername: 'Shop.Example', ALPNProtocols: ['h2', 'http/1.1'] }
const EXPECTED = { serverName: 'shop.example', alpn: ['h2', 'http/1.1'] }

/** The same message in records of so many bytes. */
function cut(hello: Buffer, bytes: number): Buffer {
  const message = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += bytes) {
    const fragment = message.subarray(at, at + bytes)
    records.push(Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 255]), fragment)
  }
  return Buffer.concat(records)
}

describe('the hello of a TLS client', () => {
  let hello: Buffer
  beforeAll(async () => {
    hello = await captured(FULL)
  })

  it.each<[string, tls.ConnectionOptions, unknown]>([
    ['name and protocols', FULL, EXPECTED],
    ['neither', {}, { serverName: '', alpn: [] }],
    ['one protocol', { ALPNProtocols: ['bolt'] }, { serverName: '', alpn: ['bolt'] }],
    ['TLS 1.2', { ...FULL, maxVersion: 'TLSv1.2' }, EXPECTED],
    ['TLS 1.3 alone', { ...FULL, minVersion: 'TLSv1.3' }, EXPECTED],
    ['several curves at once', { ...FULL, ecdhCurve: 'X25519MLKEM768:X25519' }, EXPECTED],
  ])('is read: %s', async (_, options, expected) => {
    expect(readClientHello(await captured(options))).toEqual(expected)
  })

  it('is waited for byte by byte', () => {
    for (let bytes = 0; bytes < hello.length; bytes++)
      expect(readClientHello(hello.subarray(0, bytes)), `${bytes}`).toBe('more')
    expect(readClientHello(hello)).toEqual(EXPECTED)
  })

  it.each([1, 2, 3, 4, 5, 50, 200])('may lie in records of %i bytes', (bytes) => {
    const records = cut(hello, bytes)
    expect(readClientHello(records)).toEqual(EXPECTED)
    expect(readClientHello(records.subarray(0, -1))).toBe('more')
  })

  it('may have more bytes behind it', () => {
    expect(readClientHello(Buffer.concat([hello, Buffer.from('early')]))).toEqual(EXPECTED)
  })

  it.each<[string, Buffer]>([
    ['a request of HTTP/1', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['the preface of HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    ['a frame of Bolt', Buffer.from([1, 1, 0, 1, 1])],
    ['SSL 2', Buffer.from([0x80, 0x2e, 1, 3, 1])],
    ['a record of another kind', Buffer.from([23, 3, 3, 0, 1, 0])],
    ['another message of a handshake', Buffer.from([22, 3, 1, 0, 4, 2, 0, 0, 0])],
    ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
    ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1, 1])],
    ['a hello that is too long', Buffer.from([22, 3, 1, 0, 4, 1, 0, 0x40, 1])],
  ])('is not %s', (_, bytes) => {
    expect(readClientHello(bytes)).toBe('not-tls')
  })

  it('has an end, however it is cut', () => {
    const endless = Buffer.concat(
      Array.from({ length: MAX_HELLO_BYTES }, (_, i) =>
        Buffer.from([22, 3, 1, 0, 1, i === 0 ? 1 : i === 2 ? 0x3f : 0]),
      ),
    )
    expect(readClientHello(endless)).toBe('not-tls')
  })

  it('is refused when a name in it ends early', () => {
    const at = hello.indexOf('Shop.Example')
    const crooked = Buffer.from(hello)
    crooked[at + 4] = 0
    expect(readClientHello(crooked)).toBe('not-tls')
  })

  it('never throws, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.nat(hello.length),
        fc.integer({ min: 1, max: 300 }),
        (changes, bytes, record) => {
          const changed = Buffer.from(hello)
          for (const [at, byte] of changes) changed[at] = byte
          const read = readClientHello(cut(changed, record).subarray(0, bytes + 40))
          if (typeof read === 'string') expect(['more', 'not-tls']).toContain(read)
          else expect(read.serverName).toBe(read.serverName.toLowerCase())
        },
      ),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readClientHello(Buffer.concat([Buffer.from([22, 3, 1, 0, 190, 1, 0, 0, 180]), bytes]))
      }),
      { numRuns: 1000 },
    )
  })
})
