import {
  type BoltAsked,
  boltBytes,
  cluster,
  deadPort,
  openBlackHole,
  rpcListener,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const TIMEOUT = 7
const CLOSED = 16

const stage = new Stage()
afterEach(() => stage.clear())

async function play(answer: (asked: BoltAsked) => void, route = {}) {
  const host = await stage.boltHost(answer)
  const proxy = await stage.proxy([rpcListener('a', route)], [cluster('a', [host.port])])
  return { host, proxy, port: proxy.port('rpc') }
}

describe('a Bolt host that never answers', () => {
  it.each([
    ['the time of the route', 0, '0.03s', 30],
    ["the caller's own time, which goes before the route's", 40, '60s', 40],
    ["the caller's own time, also where that is longer", 50, '0.01s', 50],
  ])('is given up after %s', async (_, timeoutMs, timeout, ms) => {
    const { proxy, port } = await play(() => {}, { timeout })
    const client = await stage.boltClient(port)
    const answer = await client.call({ timeoutMs })
    expect(answer.status).toBe(TIMEOUT)
    expect(answer.header('tulle_error')).toMatch(
      new RegExp(`^hop: upstream: 127.0.0.1:\\d+: no whole answer within ${ms} ms`),
    )
    expect(proxy.cluster('a')).toMatchObject({ rq_timeout: 1, rq_active: 0 })
  })

  it('is waited for without end by a caller who says so', async () => {
    const waiting: BoltAsked[] = []
    const { proxy, port } = await play((asked) => waiting.push(asked), { timeout: '0.01s' })
    const client = await stage.boltClient(port)
    const patient = client.call({ timeoutMs: -1, content: 'patient' })
    expect((await client.call({ content: 'hasty' })).status).toBe(TIMEOUT)
    expect(proxy.cluster('a').rq_active).toBe(1)
    waiting.find(({ text }) => text === 'patient')!.answer()
    expect((await patient).text).toBe('patient')
  })
})

describe('a Bolt host that goes away', () => {
  it.each([
    ['by a reset', (asked: BoltAsked) => asked.peer.reset(), /broke the connection: .*ECONNRESET/],
    ['by closing', (asked: BoltAsked) => asked.peer.end(), /closed the connection/],
    [
      'in the middle of an answer',
      (asked: BoltAsked) =>
        asked.peer.write(boltBytes({ kind: 'response', id: asked.seen.id }).subarray(0, 15)).end(),
      /closed the connection/,
    ],
  ])('%s fails every call under way with a sentence, and is called again', async (_, go, why) => {
    let gone = false
    const { proxy, host, port } = await play((asked) => {
      if (gone) return asked.answer()
      if (asked.text !== '19') return
      gone = true
      go(asked)
    })
    const client = await stage.boltClient(port)
    const calls = Array.from({ length: 20 }, (_, i) => client.call({ content: `${i}` }))
    for (const answer of await Promise.all(calls)) {
      expect(answer.status).toBe(CLOSED)
      expect(answer.header('tulle_error')).toMatch(/^hop: upstream: 127.0.0.1:\d+ /)
      expect(answer.header('tulle_error')).toMatch(why)
    }
    expect((await client.call({ content: 'again' })).text).toBe('again')
    expect(host.raw.peers).toHaveLength(2)
    expect(proxy.cluster('a')).toMatchObject({ rq_reset: 20, rq_active: 0, cx_active: 1 })
  })

  it('between calls is called on a new connection', async () => {
    const { proxy, host, port } = await play((asked) => asked.answer())
    const client = await stage.boltClient(port)
    await client.call()
    host.raw.peers[0]!.end()
    await until(() => proxy.cluster('a').cx_active === 0)
    expect((await client.call()).status).toBe(0)
  })
})

describe('a Bolt host that says nonsense', () => {
  it.each([
    ['bytes of no protocol', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['an impossible length', () => Buffer.from('0100000201000000010100000000ffff00000000', 'hex')],
    [
      'a wrong checksum',
      ({ seen }: BoltAsked) => {
        const bytes = boltBytes({ voice: 'crc', kind: 'response', id: seen.id })
        bytes[bytes.length - 1]! ^= 1
        return bytes
      },
    ],
  ])('(%s) is cut off, and its calls fail with a sentence', async (_, nonsense) => {
    const { proxy, port } = await play((asked) => asked.peer.write(nonsense(asked)))
    const client = await stage.boltClient(port)
    const answer = await client.call()
    expect(answer.status).toBe(CLOSED)
    expect(answer.header('tulle_error')).toMatch(/^hop: upstream: 127.0.0.1:\d+ sent bolt: /)
    await until(() => proxy.cluster('a').cx_active === 0)
    expect(proxy.cluster('a').cx_protocol_error).toBe(1)
  })
})

describe('Bolt hosts that cannot be reached', () => {
  it('are passed over: another is asked', async () => {
    const host = await stage.boltHost()
    const proxy = await stage.proxy(
      [rpcListener('a')],
      [cluster('a', [await deadPort(), host.port, await deadPort()])],
    )
    const client = await stage.boltClient(proxy.port('rpc'))
    for (let i = 0; i < 6; i++) expect((await client.call()).status).toBe(0)
    client.tell({ content: 'one way' })
    await until(() => host.asked.some(({ text }) => text === 'one way'))
  })

  it('are named when there is no other', async () => {
    const proxy = await stage.proxy([rpcListener('a')], [cluster('a', [await deadPort()])])
    const client = await stage.boltClient(proxy.port('rpc'))
    const answers = await Promise.all([client.call(), client.call(), client.call()])
    for (const answer of answers) {
      expect(answer.status).toBe(CLOSED)
      expect(answer.header('tulle_error')).toMatch(
        /^hop: upstream: cannot connect to 127.0.0.1:\d+: connection refused$/,
      )
    }
    expect(proxy.cluster('a')).toMatchObject({ cx_connect_fail: 1, rq_pending: 0, rq_active: 0 })
  })

  it('are passed over when they do not accept in time', async () => {
    const hole = await openBlackHole()
    stage.later(() => hole.close())
    const host = await stage.boltHost()
    const hosts = cluster('a', [hole.port, host.port], { connect_timeout: '0.05s' })
    const proxy = await stage.proxy([rpcListener('a')], [hosts])
    const client = await stage.boltClient(proxy.port('rpc'))
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.call()))
    expect(answers.map(({ status }) => status)).toEqual(new Array(10).fill(0))
    expect(proxy.cluster('a').cx_connect_timeout).toBe(1)
  })
})

describe('a Bolt client', () => {
  it('that breaks the protocol is closed and counted, and its calls do not come back', async () => {
    const waiting: BoltAsked[] = []
    const { proxy, port } = await play((asked) => waiting.push(asked))
    const [bad, good] = [await stage.boltClient(port), await stage.boltClient(port)]
    bad.call()
    const call = good.call({ content: 'undisturbed' })
    await until(() => waiting.length === 2)
    bad.peer.write('GET / HTTP/1.1\r\n\r\n')
    await bad.peer.untilEnd()
    expect(proxy.listener('rpc')).toMatchObject({ cx_protocol_error: 1, rq_reset: 1 })
    for (const asked of waiting) asked.answer()
    expect((await call).text).toBe('undisturbed')
    expect(proxy.cluster('a').rq_unknown_answer).toBe(1)
    expect(bad.peer.receivedBytes).toBe(0)
  })

  it('that goes away lets go of its calls', async () => {
    const waiting: BoltAsked[] = []
    const { proxy, port } = await play((asked) => waiting.push(asked))
    const client = await stage.boltClient(port)
    client.call()
    await until(() => waiting.length === 1)
    client.peer.reset()
    await until(() => proxy.cluster('a').rq_active === 0)
    waiting[0]!.answer()
    await until(() => proxy.cluster('a').rq_unknown_answer === 1)
  })

  it('that ends its direction still gets the answers it waits for', async () => {
    const waiting: BoltAsked[] = []
    const { port } = await play((asked) => waiting.push(asked))
    const client = await stage.boltClient(port)
    const call = client.call()
    client.peer.end()
    await until(() => waiting.length === 1)
    waiting[0]!.answer('late, but here')
    expect((await call).text).toBe('late, but here')
    expect(await client.peer.closed).toBe('end')
  })
})
