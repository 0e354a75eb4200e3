import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import tls, { TLSSocket } from 'node:tls'
import { TestAuthority, type TestCertificate, until } from '@tulle/testkit'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sharedBuffer } from '../../reading.ts'
import { Bench, downstream, type Met, only, pair, upstream } from './fixture.ts'

let shop: TestCertificate
beforeAll(async () => {
  const ca = await TestAuthority.create()
  shop = await ca.issue({ dns: ['shop.example'] })
})

const bench = new Bench()
afterEach(() => bench.clear())

/** Both ends, of our making. */
async function both(parameters = downstream({}).parameters): Promise<{ here: Met; there: Met }> {
  const met = Promise.withResolvers<Met>()
  const config = downstream({ certificates: [pair(shop)], parameters })
  const { port } = await bench.serve(config, met.resolve)
  const there = await bench.dial(bench.client(upstream({})), port)
  return { here: await met.promise, there }
}

/** One end of our making, the other of Node's. */
async function foreign(): Promise<{ here: Met; client: TLSSocket }> {
  const met = Promise.withResolvers<Met>()
  const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
  const client = await bench.foreign(port, { allowHalfOpen: true } as tls.ConnectionOptions)
  return { here: await met.promise, client }
}

/** Sends all of it, at the pace of who reads. */
function pour({ connection, ear }: Met, body: Buffer, pieceBytes: number): void {
  let at = 0
  const go = (): void => {
    while (at < body.length) {
      const end = Math.min(at + pieceBytes, body.length)
      const more = connection.write(body, at, end)
      at = end
      if (!more) return
    }
    connection.end()
  }
  ear.onDrain = go
  go()
}

function hashOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** Reads to the end, standing still now and then. */
function hashSlowly({ connection, ear }: Met): Promise<string> {
  const hash = createHash('sha1')
  let reads = 0
  ear.onChunk = (chunk) => {
    hash.update(chunk)
    if (++reads % 50 !== 0) return
    connection.pause()
    setTimeout(() => connection.resume(), 2)
  }
  return new Promise((resolve) => {
    ear.onEnd = () => resolve(hash.digest('hex'))
  })
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('bytes over %s', (version) => {
  it.each([100, 5000, 16_384, 70_000, 300_000])(
    'arrive unharmed both ways, written %i at a time',
    async (pieceBytes) => {
      const { here, there } = await both(only(version))
      const [up, down] = [randomBytes(2 << 20), randomBytes(2 << 20)]
      const hashes = [hashSlowly(here), hashSlowly(there)]
      pour(there, up, pieceBytes)
      pour(here, down, pieceBytes)
      expect(await Promise.all(hashes)).toEqual([hashOf(up), hashOf(down)])
    },
  )
})

describe('a connection over TLS', () => {
  it('asks its writer to pause while nobody reads, and to go on afterwards', async () => {
    const { here, client } = await foreign()
    client.pause()
    const piece = Buffer.alloc(64 * 1024)
    let written = 0
    const write = async (): Promise<boolean> => {
      written += piece.length
      const more = here.connection.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return more || here.ear.drains > 0
    }
    while (await write()) here.ear.drains = 0
    expect(here.connection.blocked).toBe(true)
    expect(here.connection.pendingBytes).toBeGreaterThan(0)
    const { drains } = here.ear
    let read = 0
    client.on('data', (chunk: Buffer) => (read += chunk.length))
    client.resume()
    await until(() => read === written)
    await until(() => here.ear.drains > drains)
    expect([here.connection.blocked, here.connection.pendingBytes]).toEqual([false, 0])
  })

  it('writes from memory that may be used again at once', async () => {
    const { here, client } = await foreign()
    let text = ''
    client.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    const expected: string[] = []
    for (let i = 0; i < 200; i++) {
      // Two windows are merged in memory that all connections share; now and then a write is still under way.
      const parts = [`${i}:`.padEnd(80, 'a'), `${i};`.padEnd(80, 'b')]
      for (const part of parts) here.connection.write(Buffer.from(part))
      here.connection.flush()
      expected.push(...parts)
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => text.length === expected.join('').length)
    expect(text).toBe(expected.join(''))
  })

  it('hears that the peer has ended, and may still answer', async () => {
    const { here, client } = await foreign()
    client.end('question')
    await until(() => here.ear.ended)
    expect(here.ear.text).toBe('question')
    here.connection.write(Buffer.from('answer'))
    here.connection.end()
    expect(`${await once(client, 'data')}`).toBe('answer')
    await here.ear.closed
    expect(here.ear.error).toBeNull()
  })

  it('ends first, and may still read', async () => {
    const { here, there } = await both()
    here.connection.end()
    await until(() => there.ear.ended)
    there.connection.write(Buffer.from('still here'))
    there.connection.end()
    await here.ear.closed
    expect([here.ear.text, here.ear.error]).toEqual(['still here', null])
  })

  it('closes when it is told to, with all it was given before', async () => {
    const { here, client } = await foreign()
    let bytes = 0
    client.on('data', (chunk: Buffer) => (bytes += chunk.length))
    here.connection.write(Buffer.alloc(500_000))
    here.connection.close()
    await once(client, 'end')
    client.end()
    await here.ear.closed
    expect(bytes).toBe(500_000)
  })

  it('resets so that the peer cannot take it for an end', async () => {
    const { here, client } = await foreign()
    const error = Promise.withResolvers<NodeJS.ErrnoException>()
    client.on('error', error.resolve)
    here.connection.write(Buffer.from('half of'))
    here.connection.reset()
    await here.ear.closed
    expect((await error.promise).code).toBe('ECONNRESET')
  })

  it('fails when its peer resets, and closes', async () => {
    const { here, there } = await both()
    here.connection.write(Buffer.from('hello'))
    await until(() => there.ear.text === 'hello')
    there.connection.reset()
    await here.ear.closed
    expect(here.ear.error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('knows both addresses, and counts bytes as they are inside', async () => {
    const { here, there } = await both()
    there.connection.write(Buffer.alloc(1000))
    await until(() => here.ear.bytes === 1000)
    expect(here.connection.remotePort).toBe(there.connection.localPort)
    expect(here.connection.remoteAddress).toBe('127.0.0.1')
    expect([there.connection.bytesOut, here.connection.bytesIn - 1000 < 2000]).toEqual([1000, true])
  })

  it('goes on over a unix socket too', async () => {
    const path = `\0tulle-tls-${process.pid}`
    const server = net.createServer((socket) => {
      const secure = new TLSSocket(socket, { isServer: true, cert: shop.chain, key: shop.key })
      secure.on('data', (chunk) => secure.write(chunk))
      secure.on('error', () => {})
    })
    bench.later(() => server.close())
    server.listen(path)
    await once(server, 'listening')
    const dialled = await bench.dial(bench.client(upstream({})), { path })
    expect(dialled.failure).toBeNull()
    dialled.connection.write(Buffer.from('echo'))
    await until(() => dialled.ear.text === 'echo')
    dialled.connection.reset()
    await dialled.ear.closed
  })
})

/** Each of these holds something that Node does not document; a new version of it may break one. */
describe('what Node is relied upon for', () => {
  it('reads into the buffer that all connections share', async () => {
    const { here, there } = await both()
    const bytes = randomBytes(200)
    there.connection.write(bytes)
    await until(() => here.ear.bytes === 200)
    expect(sharedBuffer.subarray(0, 200).equals(bytes)).toBe(true)
  })

  it('has encrypted what it is given when a write returns, unless one is under way', async () => {
    const { here, client } = await foreign()
    const chunks: Buffer[] = []
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    const memory = Buffer.alloc(40_000, 'a')
    const { socket } = here.connection
    socket.write(memory)
    memory.fill('b')
    expect(socket.writableLength).toBe(40_000)
    await until(() => socket.writableLength === 0)
    socket.write(memory)
    socket.write(memory)
    memory.fill('c')
    await until(() => Buffer.concat(chunks).length === 120_000)
    const text = Buffer.concat(chunks).toString('latin1')
    expect([text[0], text[40_000], text[80_000]]).toEqual(['a', 'b', 'c'])
    expect(new Set(text.slice(0, 40_000)).size).toBe(1)
  })

  it('makes one record of what is written at once, up to 16 KB', async () => {
    const lengths: number[] = []
    const met = Promise.withResolvers<Met>()
    const { port } = await bench.serve(downstream({ certificates: [pair(shop)] }), met.resolve)
    const raw = net.connect({ port, host: '127.0.0.1' })
    const client = tls.connect({ socket: raw, rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
    bench.later(() => client.destroy())
    client.resume()
    const { connection } = await met.promise
    // Of TLS 1.2 the inside is counted by the reader's records: each is a chunk.
    client.on('data', (chunk: Buffer) => lengths.push(chunk.length))
    for (let i = 0; i < 10; i++) connection.write(Buffer.alloc(100))
    connection.flush()
    await until(() => lengths.length > 0)
    connection.write(Buffer.alloc(40_000))
    connection.flush()
    await until(() => lengths.reduce((sum, one) => sum + one, 0) === 41_000)
    expect(lengths).toEqual([1000, 16_384, 16_384, 7232])
  })
})
