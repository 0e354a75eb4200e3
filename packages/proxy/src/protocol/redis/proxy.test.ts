import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Catalog } from '@tulle/core'
import {
  bootstrap,
  cluster,
  deadPort,
  listener,
  RawPeer,
  rpcOptions,
  Stage,
  startProxy,
  type TestProxy,
  until,
} from '@tulle/testkit'
import { Redis, type RedisOptions } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import type { Protocol } from '../../protocol.ts'
import type { Parts } from '../../runtime/parts.ts'
import { MiniRedis, text } from './mini-redis.ts'
import { redis } from './redis.ts'

/** The parts of a proxy that speaks Redis. */
const parts: Parts = {
  ...builtins,
  protocols: new Catalog<Protocol>('protocol', [
    redis,
    ...builtins.protocols.parts.filter(({ name }) => name !== redis.name),
  ]),
}

type Part = Readonly<Record<string, unknown>>

/** A listener `redis` with these virtual hosts, each a domain and its route; `more` goes to the manager. */
function redisListener(hosts: readonly (readonly [string, Part])[], more: Part = {}): Part {
  const virtual_hosts = hosts.map(([domain, route]) => ({
    name: domain,
    domains: [domain],
    routes: [route],
  }))
  const typed_config = {
    '@type': 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager',
    stat_prefix: 'redis',
    protocol: 'redis',
    route_config: { virtual_hosts },
    ...more,
  }
  return listener('redis', [{ filters: [{ name: 'manager', typed_config }] }])
}

/** A proxy in front of hosts: every command goes to the cluster `a` of them. */
async function proxyTo(
  stage: Stage,
  ports: readonly number[],
  { route = {}, manager = {}, more = {} }: { route?: Part; manager?: Part; more?: Part } = {},
): Promise<TestProxy> {
  const everything = { route: { cluster: 'a', ...route } }
  const config = bootstrap(
    [redisListener([['*', everything]], manager)],
    [cluster('a', ports, more)],
  )
  const proxy = await startProxy(config, { parts })
  stage.later(() => proxy.stop())
  return proxy
}

const stage = new Stage()
afterEach(() => stage.clear())

function connect(port: number, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const client = new Redis(port, '127.0.0.1', Object.assign({ retryStrategy: () => null }, options))
  client.on('error', () => {})
  stage.later(() => client.disconnect())
  return client
}

async function raw(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port)
  stage.later(() => peer.destroy())
  return peer
}

async function pair(
  options: Parameters<typeof proxyTo>[2] = {},
): Promise<{ host: MiniRedis; port: number; proxy: Awaited<ReturnType<typeof proxyTo>> }> {
  const host = await MiniRedis.start(stage)
  const proxy = await proxyTo(stage, [host.port], options)
  return { host, port: proxy.port('redis'), proxy }
}

describe('clients of ioredis', () => {
  it('share one connection, and none hears the answer of another', async () => {
    const { host, port } = await pair()
    const clients = Array.from({ length: 10 }, () => connect(port))
    await Promise.all(
      clients.map(async (client, i) => {
        const pipeline = client.pipeline()
        for (let n = 0; n < 50; n++) pipeline.set(`k:${i}:${n}`, `${i} ${n}`).get(`k:${i}:${n}`)
        const answers = await pipeline.exec()
        for (let n = 0; n < 50; n++) expect(answers![2 * n + 1]).toEqual([null, `${i} ${n}`])
      }),
    )
    expect(host.open.length).toBe(1)
  })

  it('send and get values of a mebibyte', async () => {
    const { port } = await pair()
    const client = connect(port)
    const value = Buffer.alloc(1024 * 1024, 'binary \r\n$5\r\n')
    expect(await client.set('big:1', value)).toBe('OK')
    expect((await client.getBuffer('big:1'))!.equals(value)).toBe(true)
  })

  it('make transactions on a connection of their own, which closes with them', async () => {
    const { host, port } = await pair()
    const [one, other] = [connect(port), connect(port)]
    await other.set('t:1', '5')
    expect(host.open.length).toBe(1)
    const answers = await one.multi().incr('t:1').get('t:1').exec()
    expect(answers).toEqual([
      [null, 6],
      [null, '6'],
    ])
    expect(host.open.length).toBe(2)
    expect(host.open[0]!.commands.some(([name]) => name === 'MULTI')).toBe(false)
    expect(await one.get('t:1')).toBe('6')
    one.disconnect()
    await until(() => host.open.length === 1)
    expect(await other.get('t:1')).toBe('6')
  })

  it('hear what others publish', async () => {
    const { host, port } = await pair()
    const [listening, speaking] = [connect(port), connect(port)]
    const heard = new Promise((resolve) => {
      listening.on('message', (channel, message) => resolve([channel, message]))
    })
    expect(await listening.subscribe('news:1', 'news:2')).toBe(2)
    expect(await speaking.publish('news:2', 'hello')).toBe(1)
    expect(await heard).toEqual(['news:2', 'hello'])
    expect(host.open.length).toBe(2)
  })

  it('wait for an element without holding up the others', async () => {
    const { port } = await pair()
    const [waiting, other] = [connect(port), connect(port)]
    const popped = waiting.blpop('q:1', 0)
    await other.set('a', '1')
    expect(await other.lpush('q:1', 'job')).toBe(1)
    expect(await popped).toEqual(['q:1', 'job'])
  })

  it('have a database and a name of their own', async () => {
    const { host, port } = await pair()
    const [third, first] = [connect(port, { db: 3, connectionName: 'me' }), connect(port)]
    await third.set('x', 'three')
    await first.set('x', 'null')
    expect([await third.get('x'), await first.get('x')]).toEqual(['three', 'null'])
    expect(await third.client('GETNAME')).toBe('me')
    expect(host.peers.map(({ db, name }) => [db, name])).toContainEqual(['3', 'me'])
  })

  it('may have a password, which is checked by the host', async () => {
    const { host, port } = await pair()
    expect(await connect(port, { password: 'secret' }).ping()).toBe('PONG')
    expect(await connect(port).ping()).toBe('PONG')
    expect(host.open.map(({ commands }) => commands[0]!.join(' '))).toEqual([
      expect.stringContaining('secret'),
      'HELLO 3',
    ])
  })
})

describe('a client', () => {
  it('that speaks RESP3 shares with those that do, and hears pushes', async () => {
    const { host, port } = await pair()
    const [old, one, two] = [await raw(port), await raw(port), await raw(port)]
    old.write('HGETALL h\r\n')
    await old.untilText('*2\r\n$1\r\na\r\n$1\r\nb\r\n')
    for (const peer of [one, two]) {
      peer.write('PING\r\nHELLO 3\r\nHGETALL h\r\n')
      await peer.untilText('+PONG\r\n%1\r\n$5\r\nproto\r\n:3\r\n%1\r\n$1\r\na\r\n$1\r\nb\r\n')
    }
    expect(host.open.map(({ version }) => version)).toEqual([2, 3])
    two.forget()
    two.write('CLIENT SETNAME listener\r\nSUBSCRIBE c\r\nPING\r\n')
    await two.untilText('+OK\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n+PONG\r\n')
    expect(host.open[2]!.commands.map((words) => words.join(' '))).toEqual([
      'HELLO 3',
      'CLIENT SETNAME listener',
      'SUBSCRIBE c',
      'PING',
    ])
  })

  it('stays with RESP2 when its host knows nothing else', async () => {
    const { host, port } = await pair()
    host.behave = ([name]) => (name === 'HELLO' ? "-ERR unknown command 'HELLO'\r\n" : undefined)
    const peer = await raw(port)
    peer.write('HELLO 3\r\nHGETALL h\r\nSUBSCRIBE c\r\n')
    const answers = [
      "-ERR unknown command 'HELLO'\r\n",
      '*2\r\n$1\r\na\r\n$1\r\nb\r\n',
      '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n',
    ]
    expect(await peer.untilText(':1\r\n')).toBe(answers.join(''))
  })

  it('is answered in order when its own words and commands for its connection stand between', async () => {
    const { host, port } = await pair()
    const peer = await raw(port)
    peer.write(
      'SET a 1\r\nCLIENT SETINFO lib-name x\r\nSELECT 0\r\nGET a\r\nCLIENT GETNAME\r\nMULTI\r\nINCR a\r\nEXEC\r\nGET a\r\n',
    )
    const wanted =
      '+OK\r\n+OK\r\n+OK\r\n$1\r\n1\r\n$-1\r\n+OK\r\n+QUEUED\r\n*1\r\n:2\r\n$1\r\n2\r\n'
    expect(await peer.untilText('$1\r\n2\r\n')).toBe(wanted)
    expect(host.peers.map(({ commands }) => commands.length)).toEqual([2, 4])
  })

  it.each([
    ['QUIT\r\nGET a\r\n', '+OK\r\n'],
    ['*1\r\n:1\r\n', "-ERR Protocol error: expected '$', got ':'\r\n"],
    ['CLIENT SETNAME x\r\nRESET\r\nCLIENT GETNAME\r\nQUIT\r\n', '+OK\r\n+RESET\r\n$-1\r\n+OK\r\n'],
    ['POST / HTTP/1.1\r\nGET a\r\n', ''],
    ['Host: a\r\nGET a\r\n', ''],
  ])('that says %j hears %j, and the end', async (said, heard) => {
    const { host, port } = await pair()
    const peer = await raw(port)
    peer.write(said)
    expect(await peer.untilEnd()).toBe(heard)
    expect(host.names).not.toContain('GET')
  })

  it('that ends its direction still gets its answers', async () => {
    const { port } = await pair()
    const peer = await raw(port)
    peer.write('SET a 1\r\nGET a\r\nMULTI\r\nGET a\r\nEXEC\r\n').end()
    expect(await peer.untilEnd()).toBe('+OK\r\n$1\r\n1\r\n+OK\r\n+QUEUED\r\n*1\r\n$1\r\n1\r\n')
  })

  it('gets the answers of several hosts in the order of its commands', async () => {
    const [slow, fast] = [await MiniRedis.start(stage), await MiniRedis.start(stage)]
    slow.behave = () => null
    fast.data.set('0/b:1', 'fast')
    const route = (name: string): object => ({ route: { cluster: name } })
    const listener = redisListener([
      ['a', { ...route('slow') }],
      ['*', { ...route('fast') }],
    ])
    const clusters = [cluster('slow', [slow.port]), cluster('fast', [fast.port])]
    const proxy = await startProxy(bootstrap([listener], clusters), { parts })
    stage.later(() => proxy.stop())
    const peer = await raw(proxy.port('redis'))
    peer.write('GET b:1\r\nGET a:1\r\nGET b:1\r\nGET b:2\r\n')
    await until(() => fast.peers[0]?.commands.length === 3 && slow.peers.length === 1)
    await peer.untilText('$4\r\nfast\r\n')
    expect(peer.text).toBe('$4\r\nfast\r\n')
    slow.peers[0]!.socket.write('$4\r\nslow\r\n')
    await peer.untilText('$4\r\nfast\r\n$4\r\nslow\r\n$4\r\nfast\r\n$-1\r\n')
  })

  it('that reads nothing is read no more', async () => {
    const { host, port, proxy } = await pair()
    host.data.set('0/big', 'x'.repeat(256 * 1024))
    const peer = await raw(port)
    peer.socket.pause()
    const [session] = [...proxy.runtime.listeners[0]!.intakes[0]!.sessions]
    const get = '*2\r\n$3\r\nGET\r\n$3\r\nbig\r\n'
    for (let i = 0; i < 200; i++) peer.write(get)
    await until(() => session!.connection.socket.isPaused())
    peer.socket.resume()
    await peer.until(() => peer.receivedBytes === 200 * text('x'.repeat(256 * 1024)).length)
    await until(() => !session!.connection.socket.isPaused())
  })

  it('is paused by a host that takes nothing', async () => {
    const { host, port, proxy } = await pair()
    const peer = await raw(port)
    peer.write('PING\r\n')
    await peer.untilText('+PONG\r\n')
    host.peers[0]!.socket.pause()
    const [session] = [...proxy.runtime.listeners[0]!.intakes[0]!.sessions]
    const value = 'v'.repeat(1024 * 1024)
    const set = `*3\r\n$3\r\nSET\r\n$1\r\na\r\n${text(value)}`
    for (let i = 0; i < 16; i++) peer.write(set)
    await until(() => session!.connection.socket.isPaused())
    peer.forget()
    host.peers[0]!.socket.resume()
    await peer.untilText('+OK\r\n'.repeat(16))
  })

  it('may have more commands under way than are read at once', async () => {
    const { port } = await pair()
    const peer = await raw(port)
    peer.write('PING\r\n'.repeat(5000)).end()
    expect(await peer.untilEnd()).toBe('+PONG\r\n'.repeat(5000))
  })
})

describe('a command', () => {
  it('above the limit is answered in its place, and ends the connection', async () => {
    const { host, port, proxy } = await pair({ manager: { max_frame_bytes: 1000 } })
    const peer = await raw(port)
    peer.write('GET a\r\n*2\r\n$3\r\nGET\r\n$2000\r\n')
    const told = '-ERR hop: downstream: a command of 2022 bytes is above max_frame_bytes (1000)\r\n'
    expect(await peer.untilEnd()).toBe(`$-1\r\n${told}`)
    expect(host.names).toEqual(['GET'])
    expect(proxy.listener('redis').rq_too_large).toBe(1)
  })

  it('without a route is answered with the sentence, and those behind it go on', async () => {
    const host = await MiniRedis.start(stage)
    const listener = redisListener([['a', { route: { cluster: 'a' } }]])
    const config = bootstrap([listener], [cluster('a', [host.port])])
    const proxy = await startProxy(config, { parts })
    stage.later(() => proxy.stop())
    const peer = await raw(proxy.port('redis'))
    peer.write('GET a:1\r\nGET b:1\r\nGET a:2\r\n')
    const answers = await peer.until(({ text }) => text.split('\r\n').length === 4)
    expect(answers.text).toMatch(/^\$-1\r\n-NOROUTE hop: proxy: .*"b".*\r\n\$-1\r\n$/)
    peer.forget()
    peer.write('MULTI\r\nGET a:1\r\n')
    expect(await peer.untilEnd()).toMatch(/^-NOROUTE hop: proxy: [^\r]*\r\n$/)
  })

  it('for a host that is not there is answered for each, and the connection goes on', async () => {
    const proxy = await proxyTo(stage, [await deadPort()])
    const peer = await raw(proxy.port('redis'))
    peer.write('GET a\r\nSET a 1\r\nGET b\r\n')
    const answers = await peer.until(({ text }) => text.split('\r\n').length === 4)
    expect(answers.text).toMatch(/^(-UNAVAILABLE hop: upstream: cannot connect [^\r]*\r\n){3}$/)
  })

  it('whose host breaks off is answered for each that waits', async () => {
    const { host, port, proxy } = await pair()
    host.behave = ([name], { socket }) => {
      if (name === 'INCR') socket.destroy()
      return name === 'GET' ? '$1\r\n1\r\n' : null
    }
    const peer = await raw(port)
    peer.write('GET a\r\nSET a 1\r\nINCR a\r\n')
    const answers = await peer.until(({ text }) => text.split('\r\n').length === 5)
    expect(answers.text).toMatch(/^\$1\r\n1\r\n(-UNAVAILABLE hop: upstream: 127[^\r]*\r\n){2}$/)
    expect(proxy.cluster('a').rq_reset).toBe(2)
  })

  it('that takes too long is answered, and its late answer is for nobody', async () => {
    const { host, port } = await pair({ route: { timeout: '0.1s' } })
    host.behave = () => null
    const peer = await raw(port)
    peer.write('GET late\r\n')
    await peer.untilText('-TIMEOUT hop: upstream: ')
    peer.forget()
    peer.write('GET b\r\n')
    await until(() => host.names.length === 2)
    host.peers[0]!.socket.write('$4\r\nlate\r\n$1\r\nb\r\n')
    await peer.until(({ text }) => text === '$1\r\nb\r\n' || text.startsWith('-TIMEOUT'))
    expect(host.open.length).toBe(1)
  })

  it('gets nothing of an answer that was not asked for: the connection ends', async () => {
    const { host, port, proxy } = await pair()
    const peer = await raw(port)
    peer.write('PING\r\n')
    await peer.untilText('+PONG\r\n')
    host.peers[0]!.socket.write('$6\r\nsecret\r\n')
    await until(() => proxy.cluster('a').cx_protocol_error === 1)
    peer.forget()
    peer.write('PING\r\n')
    expect(await peer.untilText('\r\n')).toBe('+PONG\r\n')
    expect(host.peers.length).toBe(2)
  })

  it('hears of a host that answers in no known words', async () => {
    const { host, port } = await pair()
    host.behave = () => 'HTTP/1.1 400 Bad Request\r\n'
    const peer = await raw(port)
    peer.write('PING\r\n')
    expect(await peer.untilText('\r\n')).toMatch(/^-BADGATEWAY hop: upstream: .*unknown type/)
  })

  it('counts by what its answer says', async () => {
    const { port, proxy } = await pair()
    const peer = await raw(port)
    peer.write('PING\r\nCONFIG GET x\r\n')
    await peer.untilText("-ERR unknown command 'CONFIG'")
    expect(proxy.listener('redis').rq_2xx).toBe(1)
    expect(proxy.listener('redis').rq_4xx).toBe(1)
    expect(proxy.cluster('a').rq_4xx).toBe(1)
  })
})

describe('a connection of a client alone', () => {
  it('ends with its host, and tells how the first command went', async () => {
    const { host, port, proxy } = await pair()
    const peer = await raw(port)
    peer.write('AUTH guessed\r\nPING\r\n')
    await peer.untilText('-WRONGPASS no\r\n+PONG\r\n')
    host.peers[0]!.socket.end('+bye\r\n')
    expect(await peer.untilEnd()).toContain('+bye')
    peer.end()
    await until(() => proxy.listener('redis').rq_active === 0)
    expect(proxy.listener('redis').rq_4xx).toBe(1)
  })

  it('ends with a sentence when its host cannot be reached', async () => {
    const proxy = await proxyTo(stage, [await deadPort()])
    const peer = await raw(proxy.port('redis'))
    peer.write('MULTI\r\nSET a 1\r\nEXEC\r\n')
    expect(await peer.untilEnd()).toMatch(/^-UNAVAILABLE hop: upstream: cannot connect[^\r]*\r\n$/)
  })

  it('ends with a sentence when its host goes before it has said anything', async () => {
    const { host, port } = await pair()
    host.behave = (_, { socket }) => {
      socket.destroy()
      return null
    }
    const peer = await raw(port)
    peer.write('HELLO 3 AUTH a b\r\n')
    expect(await peer.untilEnd()).toMatch(/^-UNAVAILABLE hop: upstream: 127[^\r]*\r\n$/)
  })

  it('pauses its host while its client reads nothing, and its client while its host does not', async () => {
    const { host, port, proxy } = await pair()
    const block = 'x'.repeat(256 * 1024)
    host.behave = ([name]) => (name === 'GET' ? text(block) : undefined)
    const peer = await raw(port)
    peer.socket.pause()
    peer.write('SELECT 1\r\n')
    await until(() => host.peers.length === 1)
    for (let i = 0; i < 100; i++) peer.write('GET a\r\n')
    await until(() => host.peers[0]!.socket.writableLength > 1024 * 1024)
    expect(proxy.listener('redis').cx_tx_bytes_total).toBeLessThan(100 * block.length)
    peer.socket.resume()
    await peer.until(() => peer.receivedBytes === 5 + 100 * text(block).length)
    host.behave = () => ''
    host.peers[0]!.socket.pause()
    const [session] = [...proxy.runtime.listeners[0]!.intakes[0]!.sessions]
    for (let i = 0; i < 40; i++) peer.write(`*2\r\n$3\r\nSET\r\n${text(block)}`)
    await until(() => session!.connection.socket.isPaused())
    host.peers[0]!.socket.resume()
    await until(() => host.peers[0]!.commands.length >= 141)
  })
})

describe('GET as a call', () => {
  it('reaches a service that speaks HTTP', async () => {
    const asked: string[] = []
    const server = http.createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        asked.push(`${request.method} ${request.url} ${body}`)
        const fails = body.includes('"sku":0')
        response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' })
        response.end(fails ? '{"type":"com.shop.SoldOut","message":"no more"}' : '{"count":7}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stage.later(() => server.close())
    const services = [
      {
        name: 'com.shop.Stock',
        methods: [{ name: 'count', parameters: [{ name: 'sku', type: 'i32' }], returns: 'any' }],
      },
    ]
    const { port: to } = server.address() as AddressInfo
    const proxy = await proxyTo(stage, [to], { more: rpcOptions({ protocol: 'http', services }) })
    const client = connect(proxy.port('redis'), { enableReadyCheck: false })
    expect(await client.get('com.shop.Stock/count?sku=1')).toBe('{"count":7}')
    expect(await client.get('com.shop.Stock/count {"sku": 2}')).toBe('{"count":7}')
    await expect(client.get('com.shop.Stock/count?sku=0')).rejects.toThrow(
      'ERR com.shop.SoldOut: no more',
    )
    await expect(client.get('com.shop.Stock/lost')).rejects.toThrow('no method "lost"')
    await expect(client.set('com.shop.Stock/count', '1')).rejects.toThrow("unknown command 'SET'")
    expect(asked.slice(0, 2)).toEqual([
      'POST /com.shop.Stock/count {"sku":1}',
      'POST /com.shop.Stock/count {"sku":2}',
    ])
  })
})

describe('a listener that drains', () => {
  it('lets go of idle clients, answers what is there, and waits for those with a connection of their own', async () => {
    const { host, port, proxy } = await pair()
    host.behave = ([, key]) => (key === 'slow' ? null : undefined)
    const [idle, busy, own] = [await raw(port), await raw(port), await raw(port)]
    busy.write('GET slow\r\n')
    own.write('MULTI\r\n')
    await own.untilText('+OK\r\n')
    await until(() => host.names.includes('GET'))
    proxy.runtime.listeners[0]!.intakes[0]!.drain()
    expect(await idle.untilEnd()).toBe('')
    expect(busy.ended).toBe(false)
    const sharing = host.peers.find(({ commands }) => commands[0]![0] === 'GET')!
    sharing.socket.write('+done\r\n')
    expect(await busy.untilEnd()).toBe('+done\r\n')
    own.write('EXEC\r\n')
    await own.untilText('*0\r\n')
    expect(own.ended).toBe(false)
  })
})
