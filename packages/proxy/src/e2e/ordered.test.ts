import { boltChain, cluster, everyCall, listener, RawPeer, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { Frame } from '../frame.ts'
import { callBytes, frameOf, lengthened, strict } from '../protocol/thrift/harness.ts'
import { thriftCodec } from '../protocol/thrift/thrift.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const REPLY = 2
const ONEWAY = 4

/** A Thrift host that answers a call by its name: with nothing to `never…` at once, much to `much…`. */
class Host {
  readonly asked: string[] = []
  readonly #kept: [RawPeer, Frame][] = []

  serve(peer: RawPeer): void {
    let seen = 0
    peer.socket.on('data', () => {
      for (const frame of frames(peer).slice(seen)) {
        seen++
        const name = methodOf(frame)
        this.asked.push(name)
        if (name.startsWith('never')) this.#kept.push([peer, frame])
        else if (name !== 'fire') peer.write(reply(frame, name.startsWith('much') ? 600_000 : 1))
      }
    })
  }

  /** Answers after all. */
  relent(): void {
    for (const [peer, frame] of this.#kept.splice(0)) peer.write(reply(frame, 1))
  }
}

async function play(route = {}, manager = {}) {
  const host = new Host()
  const { port } = await stage.rawHost((peer) => host.serve(peer))
  const chain = boltChain([everyCall('shop', route)], { protocol: 'thrift', ...manager })
  const proxy = await stage.proxy([listener('rpc', [chain])], [cluster('shop', [port])])
  return { host, proxy, client: await stage.rawClient(proxy.port('rpc')) }
}

function frames(peer: RawPeer): Frame[] {
  const all: Frame[] = []
  for (let at = 0, bytes = peer.received; at < bytes.length; ) {
    const length = thriftCodec.measure(bytes, at, bytes.length)
    if (length <= 0 || at + length > bytes.length) break
    all.push(frameOf(Buffer.from(bytes.subarray(at, at + length))))
    at += length
  }
  return all
}

async function next(peer: RawPeer, count: number): Promise<Frame[]> {
  await peer.until((it) => frames(it).length >= count)
  return frames(peer)
}

function reply(frame: Frame, bytes: number): Buffer {
  const text = lengthened(Buffer.alloc(bytes, 'x'))
  const body = Buffer.concat([Buffer.from('0b0000', 'hex'), text, Buffer.alloc(1)])
  return lengthened(strict({ name: methodOf(frame), seqId: frame.id, type: REPLY, body }))
}

const methodOf = (frame: Frame): string => thriftCodec.method(frame)!

describe('answers that keep the order of their requests', () => {
  it('go on when the time of one is over that the host never answers', async () => {
    const { client } = await play({ timeout: '0.2s' })
    client.write(callBytes({ name: 'never' })).write(callBytes({ name: 'soon' }))
    const answers = await next(client, 2)
    expect(answers.map(methodOf)).toEqual(['never', 'soon'])
    expect(answers.map((answer) => thriftCodec.status(answer))).toEqual([500, 200])
  })

  it('do not wait for one-way requests', async () => {
    const { host, client } = await play()
    client.write(callBytes({ name: 'fire', type: ONEWAY })).write(callBytes({ name: 'ask' }))
    expect((await next(client, 1)).map(methodOf)).toEqual(['ask'])
    await until(() => host.asked.includes('fire'))
  })

  it('come before that to a frame which is too large', async () => {
    const { host, client } = await play({}, { max_frame_bytes: 1024 })
    client.write(callBytes({ name: 'never' }))
    await until(() => host.asked.length === 1)
    client.write(callBytes({ name: 'huge', body: Buffer.alloc(2000) }))
    host.relent()
    await client.untilEnd()
    const answers = frames(client)
    expect(answers.map(methodOf)).toEqual(['never', 'huge'])
    expect(answers.map((answer) => thriftCodec.status(answer))).toEqual([200, 500])
  })

  it('hold a client up that asks on while a lot waits for the first of them', async () => {
    const { host, proxy, client } = await play()
    const names = ['never', 'much 1', 'much 2', 'much 3']
    for (const name of names) client.write(callBytes({ name }))
    await until(() => proxy.cluster('shop').rq_active === 1)
    client.write(callBytes({ name: 'more' }))
    // As long as another client is served some times, this one would have been, too.
    const other = await RawPeer.connect(proxy.port('rpc'))
    for (let i = 1; i <= 5; i++) await next(other.write(callBytes({ name: 'other' })), i)
    other.destroy()
    expect(host.asked).not.toContain('more')
    host.relent()
    expect((await next(client, 5)).map(methodOf)).toEqual([...names, 'more'])
  })
})

describe('one-way calls', () => {
  it('leave the connection that takes one call at a time free for the next', async () => {
    const { host, proxy, client } = await play()
    for (let i = 1; i <= 20; i++) {
      client.write(callBytes({ name: 'fire', type: ONEWAY }))
      await until(() => host.asked.length === i)
    }
    expect(proxy.cluster('shop')).toMatchObject({ cx_total: 1, rq_active: 0 })
  })
})
