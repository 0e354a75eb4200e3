import { createHash, randomBytes } from 'node:crypto'
import http from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Turn } from '@tulle/core'
import { cluster, listener, Stage, seededRandom, tcpChain, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { Connection, type ConnectionOwner } from './connection.ts'
import {
  adopt,
  BULK_BYTES,
  READ_BYTES,
  type Reader,
  readFor,
  sharedBuffer,
  takeBuffer,
  waterMark,
} from './reading.ts'

const stage = new Stage()
const servers: (net.Server | http.Server)[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await stage.clear()
})

const MB = 1024 * 1024

async function listen(server: net.Server | http.Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function hashOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex')
}

/** Pieces of 16 to 256 KB, and small ones between them. */
function* piecesOf(body: Buffer, random: () => number): Generator<Buffer> {
  for (let at = 0; at < body.length; ) {
    const length =
      random() < 0.1 ? 1 + Math.floor(random() * 900) : Math.floor((16 + random() * 240) * 1024)
    yield body.subarray(at, at + length)
    at += length
  }
}

function pour(to: NodeJS.WritableStream, body: Buffer, random: () => number): void {
  Readable.from(piecesOf(body, random)).pipe(to)
}

/** Writes the end of it when something else is done: an answer that is out ends what is left of its request. */
function pourUntil(
  to: NodeJS.WritableStream,
  body: Buffer,
  random: () => number,
  done: Promise<unknown>,
): void {
  const last = body.length - 100
  async function* pieces(): AsyncGenerator<Buffer> {
    yield* piecesOf(body.subarray(0, last), random)
    await done
    yield body.subarray(last)
  }
  Readable.from(pieces()).pipe(to)
}

/** Reads to the end, standing still now and then: sometimes long enough for every buffer on the way to fill. */
function hashSlowly(from: Readable, random: () => number): Promise<string> {
  const hash = createHash('sha1')
  return new Promise((resolve, reject) => {
    from.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      const dice = random()
      if (dice > 0.15) return
      from.pause()
      setTimeout(() => from.resume(), dice < 0.01 ? 80 : random() * 12)
    })
    from.on('end', () => resolve(hash.digest('hex')))
    from.on('error', reject)
  })
}

describe('large bodies through reused buffers', () => {
  it.each([1, 2])('arrive unharmed both ways over TCP, several at once (%i)', async (seed) => {
    const down = randomBytes(6 * MB)
    const up = randomBytes(6 * MB)
    const random = seededRandom(seed)
    const received: Promise<string>[] = []
    const port = await listen(
      net.createServer({ allowHalfOpen: true }, (socket) => {
        received.push(hashSlowly(socket, random))
        pour(socket, down, random)
      }),
    )
    const proxy = await stage.proxy([listener('raw', [tcpChain('a')])], [cluster('a', [port])])
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => {
        const client = net.connect({ port: proxy.port('raw'), allowHalfOpen: true })
        pour(client, up, random)
        return hashSlowly(client, random)
      }),
    )
    expect(answers).toEqual(new Array(5).fill(hashOf(down)))
    expect(await Promise.all(received)).toEqual(new Array(5).fill(hashOf(up)))
  })

  it.each([
    ['by length', 'by length'],
    ['by length', 'chunked'],
    ['chunked', 'by length'],
    ['chunked', 'chunked'],
  ])('arrive unharmed over HTTP, requests %s and answers %s', async (asks, answers) => {
    const down = randomBytes(8 * MB)
    const up = randomBytes(8 * MB)
    const random = seededRandom(asks.length * 100 + answers.length)
    const length = (how: string, body: Buffer): http.OutgoingHttpHeaders =>
      how === 'chunked' ? {} : { 'content-length': body.length }
    const received: Promise<string>[] = []
    const port = await listen(
      http.createServer((request, response) => {
        const hash = hashSlowly(request, random)
        received.push(hash)
        response.writeHead(200, length(answers, down))
        pourUntil(response, down, random, hash)
      }),
    )
    const proxy = await stage.proxy([webListener('a')], [cluster('a', [port])])
    const agent = new http.Agent({ keepAlive: true, maxSockets: 3 })
    const ask = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const headers = length(asks, up)
        const request = http.request(
          { port: proxy.port('web'), method: 'POST', agent, headers },
          (response) => resolve(hashSlowly(response, random)),
        )
        request.on('error', reject)
        pour(request, up, random)
      })
    // More requests than connections: buffers of one body are used again by the next.
    const hashes = await Promise.all(Array.from({ length: 6 }, ask))
    agent.destroy()
    expect(hashes).toEqual(new Array(6).fill(hashOf(down)))
    expect(await Promise.all(received)).toEqual(new Array(6).fill(hashOf(up)))
  })

  it('leave no connection waiting when a reader goes away in the middle', async () => {
    const down = randomBytes(4 * MB)
    const random = seededRandom(7)
    const port = await listen(
      net.createServer((socket) => {
        socket.on('error', () => {})
        socket.resume()
        pour(socket, down, random)
      }),
    )
    const proxy = await stage.proxy([listener('raw', [tcpChain('a')])], [cluster('a', [port])])
    const hashes = Array.from({ length: 8 }, (_, i) => {
      const client = net.connect({ port: proxy.port('raw') })
      if (i % 2 === 0) return hashSlowly(client, random)
      client.once('data', () => client.resetAndDestroy())
      return null
    })
    const whole = await Promise.all(hashes.filter((one) => one !== null))
    expect(whole).toEqual(new Array(4).fill(hashOf(down)))
  })
})

/** Notes what it is given. */
class Notes implements Reader {
  text = ''
  readonly buffers = new Set<Buffer>()
  wanted: Buffer | null = null

  onRead(bytes: number, buf: Buffer): Buffer | null {
    this.text += buf.toString('latin1', 0, bytes)
    this.buffers.add(buf)
    const { wanted } = this
    this.wanted = null
    return wanted
  }
}

interface Adopted {
  readonly socket: Socket
  readonly notes: Notes
  readonly peer: Socket
}

async function adopted(bufferBytes?: number): Promise<Adopted> {
  const accepted = Promise.withResolvers<Socket>()
  const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
  const port = await listen(net.createServer(options, accepted.resolve))
  const peer = net.connect({ port, allowHalfOpen: true, noDelay: true })
  const socket = adopt(await accepted.promise, bufferBytes)
  const notes = new Notes()
  readFor(socket, notes)
  return { socket, notes, peer }
}

function happens(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(event, resolve))
}

async function reads(notes: Notes, text: string): Promise<void> {
  while (notes.text !== text) await new Promise((resolve) => setImmediate(resolve))
}

describe('a socket adopted from its server', () => {
  it('reads for its reader, and writes', async () => {
    const { socket, notes, peer } = await adopted()
    peer.write('question')
    await reads(notes, 'question')
    socket.write('answer')
    expect(`${await happens(peer, 'data')}`).toBe('answer')
    expect([socket.remotePort, socket.remoteAddress]).toEqual([peer.localPort, '127.0.0.1'])
    peer.destroy()
    socket.destroy()
  })

  it('reads into the buffer its reader asked for, until it asks for another', async () => {
    const { socket, notes, peer } = await adopted()
    const own = takeBuffer()
    notes.wanted = own
    peer.write('1')
    await reads(notes, '1')
    expect(notes.buffers.has(own)).toBe(false)
    peer.write('2')
    await reads(notes, '12')
    peer.write('3')
    await reads(notes, '123')
    expect([...notes.buffers].at(-1)).toBe(own)
    expect(notes.buffers.size).toBe(2)
    peer.destroy()
    socket.destroy()
  })

  it('reads nothing while it is paused, and all of it afterwards', async () => {
    const { socket, notes, peer } = await adopted()
    socket.pause()
    await new Promise<void>((resolve) => peer.write('later', () => resolve()))
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(notes.text).toBe('')
    socket.resume()
    await reads(notes, 'later')
    peer.destroy()
    socket.destroy()
  })

  it('hears that the peer has ended, and may still answer', async () => {
    const { socket, notes, peer } = await adopted()
    const ended = happens(socket, 'end')
    const closed = happens(socket, 'close')
    peer.end('question')
    await ended
    expect(notes.text).toBe('question')
    socket.end('answer')
    expect(`${await happens(peer, 'data')}`).toBe('answer')
    await closed
  })

  it('ends first, and may still read', async () => {
    const { socket, notes, peer } = await adopted()
    const closed = happens(socket, 'close')
    const ended = happens(peer, 'end')
    socket.end()
    peer.resume()
    await ended
    peer.end('still here')
    await closed
    expect(notes.text).toBe('still here')
  })

  it('fails when its peer resets, and closes', async () => {
    const { socket, peer } = await adopted()
    const failed = happens(socket, 'error')
    const closed = happens(socket, 'close')
    peer.resetAndDestroy()
    expect(await failed).toMatchObject({ code: 'ECONNRESET' })
    await closed
  })
})

/** Passes on all it gets for as long as `data` says. */
class Passer implements ConnectionOwner {
  data = true
  onChunk: (chunk: Buffer) => void = () => {}

  passes(): boolean {
    return this.data
  }
  onData(chunk: Buffer): void {
    this.onChunk(chunk)
  }
  onDrain(): void {}
  onEnd(): void {}
  onClose(): void {}
}

describe('a buffer of its own', () => {
  async function bulky(): Promise<{ connection: Connection; owner: Passer; own: Buffer }> {
    const { socket, peer } = await adopted()
    stage.later(() => {
      socket.destroy()
      peer.destroy()
    })
    const connection = new Connection(socket, new Turn(), {
      cx_rx_bytes_total: 0,
      cx_tx_bytes_total: 0,
    })
    const owner = new Passer()
    connection.owner = owner
    const own = connection.onRead(BULK_BYTES, sharedBuffer)
    expect(own).not.toBeNull()
    return { connection, owner, own: own! }
  }

  it('stays with a connection for as long as large reads come', async () => {
    const { connection, own } = await bulky()
    expect(connection.onRead(READ_BYTES, own)).toBe(own)
    expect(connection.onRead(BULK_BYTES, own)).toBe(own)
  })

  it.each<[string, number, (owner: Passer) => void]>([
    ['the last read of the body', READ_BYTES, (owner) => (owner.data = false)],
    ['a small read: little more may come for long', BULK_BYTES - 1, () => {}],
  ])('is given back after %s', async (_, bytes, during) => {
    const { connection, owner, own } = await bulky()
    owner.onChunk = () => during(owner)
    expect(connection.onRead(bytes, own)).toBe(sharedBuffer)
    expect(takeBuffer()).toBe(own)
  })

  it('stays where it is while the connection is paused', async () => {
    const { connection, owner, own } = await bulky()
    owner.onChunk = () => {
      owner.data = false
      connection.pause()
    }
    expect(connection.onRead(READ_BYTES, own)).toBe(own)
  })

  it.each([BULK_BYTES - 1, BULK_BYTES])(
    'is left to a write of %i bytes that the kernel has not taken',
    async (bytes) => {
      const { connection, owner, own } = await bulky()
      const { socket: to } = await adopted()
      stage.later(() => to.destroy())
      const other = new Connection(to, new Turn(), connection.meter)
      other.owner = new Passer()
      while (to.writableLength === 0) other.socket.write(Buffer.alloc(1024 * 1024))
      owner.onChunk = (chunk) => other.write(chunk)
      const next = connection.onRead(bytes, own)
      expect(next).not.toBeNull()
      expect(next).not.toBe(own)
      expect(takeBuffer()).not.toBe(own)
    },
  )
})

it('asks writers to pause at the configured limit, or sooner', async () => {
  const { socket, peer } = await adopted(4096)
  expect(socket.writableHighWaterMark).toBe(4096)
  socket.destroy()
  peer.destroy()
  expect([waterMark(4096), waterMark(1 << 20)]).toEqual([4096, 1 << 16])
})
