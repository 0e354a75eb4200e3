import { HandClock, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import {
  answer,
  data,
  greeting,
  headers,
  ping,
  request,
  reset,
  windowUpdate,
} from './harness-frames.ts'
import type { Peer } from './harness-peer.ts'
import { clear, trio } from './harness-trio.ts'
import { ErrorCode, FrameType } from './wire.ts'

afterEach(clear)

const mute = (): void => {}
const echo = (peer: Peer, id: number): void => {
  peer.write(answer(id))
}
const POST = { method: 'POST', end: false } as const
const idsOf = (count: number, first = 1): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + 2 * i)

/** Clients and hosts that give us much to do, on clocks that stand still or go as they would. */
describe('who works hard is not taken for an attacker', () => {
  it('a client that measures its path: a PING and two windows for each piece of data', async () => {
    const { client, host } = await trio(mute, { clock: new HandClock() })
    client.write(request(1))
    await until(() => host.asked.length === 1)
    client.onFrame = ({ type, payload }) => {
      if (type !== FrameType.Data) return
      client.write(ping(), windowUpdate(0, payload.length), windowUpdate(1, payload.length))
    }
    host.peers[0]!.write(answer(1, 200, [], false))
    await host.peers[0]!.pour(1, Buffer.alloc(1000))
    await client.whole(1)
    client.write(request(3))
    await until(() => host.asked.length === 2)
    host.peers[0]!.write(answer(3, 200, [], false))
    for (let i = 0; i < 5000; i++) {
      host.peers[0]!.write(data(3, `${i}`))
      if (i % 50 === 49) await client.until((peer) => peer.of(3, FrameType.Data).length === i + 1)
    }
    expect(client.goAways).toEqual([])
  })

  it('a peer that gives back a window byte by byte, all at once', async () => {
    const { client, host } = await trio(mute, { clock: new HandClock() })
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    for (let i = 0; i < 10_000; i++) client.write(data(1, 'x'))
    const [peer] = host.peers
    await peer!.until((one) => one.body(1).length === 10_000)
    peer!.write(...Array.from({ length: 20_000 }, (_, i) => windowUpdate(i & 1, 1)))
    await peer!.settled()
    expect(peer!.goAways).toEqual([])
  })

  it('a client that takes back every second request, a hundred a second', async () => {
    const clock = new HandClock()
    const { client, host } = await trio(echo, { clock })
    for (let round = 0; round < 100; round++) {
      const ids = idsOf(20, 1 + 40 * round)
      for (const [i, id] of ids.entries())
        client.write(request(id), ...(i % 2 === 0 ? [reset(id, ErrorCode.Cancel)] : []))
      await client.until((peer) => ids.every((id, i) => i % 2 === 0 || peer.over(id)))
      client.frames.length = 1
      clock.turn(200)
    }
    expect(client.goAways).toEqual([])
    expect(host.peers).toHaveLength(1)
  })

  it('a client whose deadlines pass, all of them, again and again', async () => {
    const clock = new HandClock()
    const { client, host, proxy } = await trio(mute, { clock })
    for (let round = 0; round < 30; round++) {
      const ids = idsOf(100, 1 + 200 * round)
      client.write(...ids.map((id) => request(id)))
      await until(() => host.asked.length === 100 * (round + 1))
      clock.turn(150)
      proxy.turn.end()
      client.write(...ids.map((id) => reset(id, ErrorCode.Cancel)))
      await client.settled()
      client.frames.length = 1
    }
    expect(client.ended).toBe(false)
  })

  it('a client that closes with a hundred requests under way', async () => {
    const { client, host } = await trio(mute, { clock: new HandClock() })
    const ids = idsOf(100)
    client.write(...ids.map((id) => request(id)))
    await until(() => host.asked.length === 100)
    client.write(...ids.map((id) => reset(id, ErrorCode.Cancel)))
    await client.settled()
    expect(client.goAways).toEqual([])
  })

  it('a client that asks for more than is allowed before it can know', async () => {
    const { client, host } = await trio(mute, { clock: new HandClock(), client: null })
    const ids = idsOf(800)
    client.polite = false
    client.write(greeting(), ...ids.map((id) => request(id)))
    await client.until((peer) => peer.resetOf(ids.at(-1)!) === ErrorCode.RefusedStream)
    await until(() => host.asked.length === 100)
    expect(client.goAways).toEqual([])
  })

  it('a client whose uploads are answered before they are whole', async () => {
    const { client } = await trio((peer, id) => peer.write(answer(id, 401)), {
      clock: new HandClock(),
    })
    for (let round = 0; round < 20; round++) {
      const ids = idsOf(50, 1 + 100 * round)
      client.write(...ids.map((id) => request(id, '/', [], POST)))
      await client.until((peer) => ids.every((id) => peer.resetOf(id) === ErrorCode.NoError))
      for (const id of ids) client.write(data(id, 'late'), headers(id, [['x', '1']], true))
      await client.settled()
      client.frames.length = 1
    }
    expect(client.ended).toBe(false)
  })

  it('a host that measures its path, and takes back what it was sent by the frame', async () => {
    const { client, host } = await trio(mute, { clock: new HandClock() })
    client.write(request(1, '/', [], POST))
    await until(() => host.asked.length === 1)
    const [peer] = host.peers
    peer!.onFrame = ({ type, payload }) => {
      if (type !== FrameType.Data) return
      peer!.write(ping(), windowUpdate(0, payload.length), windowUpdate(1, payload.length))
    }
    for (let i = 0; i < 3000; i++) {
      client.write(data(1, 'message'))
      if (i % 50 === 49) await peer!.until((one) => one.of(1, FrameType.Data).length > i)
    }
    await peer!.settled()
    expect(peer!.goAways).toEqual([])
  })
})
