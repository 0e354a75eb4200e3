import { type BoltAsked, boltBytes, cluster, rpcListener, Stage, until } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

/** A proxy before one host that leaves every request to the test. */
async function held(route = {}, extra = {}) {
  const waiting: BoltAsked[] = []
  const host = await stage.boltHost((asked) => waiting.push(asked))
  const proxy = await stage.proxy([rpcListener('a', route, extra)], [cluster('a', [host.port])])
  return { waiting, host, proxy, port: proxy.port('rpc') }
}

describe('ids of Bolt', () => {
  it('may be the same at two clients at once: each gets its own answer over one connection', async () => {
    const { waiting, host, port } = await held()
    const [one, two] = [await stage.boltClient(port), await stage.boltClient(port)]
    const calls = [one.call({ id: 7, content: 'one' }), two.call({ id: 7, content: 'two' })]
    await until(() => waiting.length === 2)
    expect(waiting[0]!.seen.id).not.toBe(waiting[1]!.seen.id)
    for (const asked of waiting.toReversed()) asked.answer()
    expect((await Promise.all(calls)).map(({ id, text }) => [id, text])).toEqual([
      [7, 'one'],
      [7, 'two'],
    ])
    expect(host.raw.peers).toHaveLength(1)
  })

  it('are answered in any order, many at once', async () => {
    const { waiting, port } = await held()
    const client = await stage.boltClient(port)
    const calls = Array.from({ length: 500 }, (_, i) => client.call({ content: `${i}` }))
    await until(() => waiting.length === 500)
    for (const asked of waiting.toReversed()) asked.answer()
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(
      Array.from({ length: 500 }, (_, i) => `${i}`),
    )
  })

  it('of clients come back as they were, the highest too', async () => {
    const { waiting, port } = await held()
    const client = await stage.boltClient(port, 'crc')
    const ids = [0, 0x7fffffff, 0x80000000, 0xffffffff]
    const calls = ids.map((id) => client.call({ id }))
    await until(() => waiting.length === ids.length)
    for (const asked of waiting) asked.answer()
    expect((await Promise.all(calls)).map(({ id }) => id)).toEqual(ids)
  })
})

describe('one-way requests', () => {
  it('reach the host and leave nothing pending', async () => {
    const { waiting, host, proxy, port } = await held()
    const client = await stage.boltClient(port)
    for (let i = 0; i < 50; i++) client.tell({ content: `${i}` })
    await until(() => waiting.length === 50)
    expect(waiting.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
    expect(proxy.listener('rpc')).toMatchObject({ rq_oneway: 50, rq_active: 0 })
    expect(proxy.cluster('a')).toMatchObject({ rq_active: 0, rq_pending: 0 })
    const [session] = proxy.runtime.listeners[0]!.intakes[0]!.sessions
    expect(session!.inFlight).toBe(0)
    expect(host.raw.peers).toHaveLength(1)
  })

  it('are sent although their client has gone', async () => {
    const { waiting, port } = await held()
    const client = await stage.boltClient(port)
    client.tell({ content: 'last words' })
    client.peer.end()
    await until(() => waiting.length === 1)
    expect(await client.peer.closed).toBe('end')
  })

  it('vanish where there is no route, and where there is no host', async () => {
    const proxy = await stage.proxy([rpcListener('none')], [cluster('none', [])])
    const client = await stage.boltClient(proxy.port('rpc'))
    client.tell()
    expect((await client.call()).status).toBe(16)
    expect(client.strays).toEqual([])
    expect(proxy.listener('rpc').rq_active).toBe(0)
  })

  it('that a host answers nevertheless disturb nobody', async () => {
    const { waiting, proxy, port } = await held()
    const client = await stage.boltClient(port)
    client.tell()
    await until(() => waiting.length === 1)
    waiting[0]!.answer()
    await until(() => proxy.cluster('a').rq_unknown_answer === 1)
    expect(client.strays).toEqual([])
  })
})

describe('a host that breaks the rule of ids', () => {
  it('by answering after the time-out is not heard, and counted', async () => {
    const { waiting, proxy, port } = await held({ timeout: '0.03s' })
    const client = await stage.boltClient(port)
    const answer = await client.call({ id: 5 })
    expect(answer.status).toBe(7)
    expect(answer.header('tulle_error')).toMatch(
      /^hop: upstream: 127.0.0.1:\d+: no whole answer within 30 ms/,
    )
    waiting[0]!.answer('late')
    await until(() => proxy.cluster('a').rq_unknown_answer === 1)
    const next = client.call({ id: 6 })
    await until(() => waiting.length === 2)
    waiting[1]!.answer('well')
    expect((await next).text).toBe('well')
    expect(client.strays).toEqual([])
  })

  it('by answering twice is heard once', async () => {
    const { waiting, proxy, port } = await held()
    const client = await stage.boltClient(port)
    const call = client.call()
    await until(() => waiting.length === 1)
    waiting[0]!.answer('first')
    waiting[0]!.answer('second')
    expect((await call).text).toBe('first')
    await until(() => proxy.cluster('a').rq_unknown_answer === 1)
    expect(client.strays).toEqual([])
  })

  it('by answering what nobody asked goes on unharmed', async () => {
    const { waiting, proxy, port } = await held()
    const client = await stage.boltClient(port)
    const call = client.call()
    await until(() => waiting.length === 1)
    for (const id of [0, 12345, 0x7fffffff, 0xffffffff]) waiting[0]!.answer('stray', 0, id)
    waiting[0]!.answer('mine')
    expect((await call).text).toBe('mine')
    expect(proxy.cluster('a').rq_unknown_answer).toBe(4)
    expect(client.strays).toEqual([])
  })

  it('by calling its client is not answered, and its heartbeat is', async () => {
    const { waiting, host, proxy, port } = await held()
    const client = await stage.boltClient(port)
    const call = client.call()
    await until(() => waiting.length === 1)
    const [peer] = host.raw.peers
    peer!.forget()
    peer!.write(client.bytes({ id: 3 }))
    peer!.write(boltBytes({ kind: 'heartbeat', id: 44 }))
    await peer!.until(() => peer!.receivedBytes >= 20)
    expect(peer!.received).toEqual(boltBytes({ kind: 'heartbeat-ack', id: 44 }))
    waiting[0]!.answer()
    await call
    expect(proxy.cluster('a').rq_unknown_answer).toBe(1)
  })
})

describe('versions of Bolt', () => {
  it('never share a connection to a host, and each connection begins with the right one', async () => {
    const host = await stage.boltHost()
    const proxy = await stage.proxy([rpcListener('a')], [cluster('a', [host.port])])
    const port = proxy.port('rpc')
    const voices = [
      ['v1', 0x100],
      ['v2', 0x201],
      ['crc', 0x202],
    ] as const
    for (let round = 0; round < 3; round++)
      for (const [voice, key] of voices) {
        const client = await stage.boltClient(port, voice)
        const answers = await Promise.all([client.call(), client.call({ content: 'again' })])
        expect(answers.map((answer) => [answer.voice, answer.text])).toEqual([
          [key, 'hello'],
          [key, 'again'],
        ])
      }
    expect(host.raw.peers).toHaveLength(3)
    const spoken = host.raw.peers.map((peer) =>
      host.asked.filter((asked) => asked.peer === peer).map(({ seen }) => seen.voice),
    )
    for (const [i, [, key]] of voices.entries())
      expect(new Set(spoken[i]), `connection ${i}`).toEqual(new Set([key]))
  })
})
