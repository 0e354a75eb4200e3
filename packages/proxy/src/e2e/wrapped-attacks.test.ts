import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import {
  type BoltAsked,
  boltBytes,
  cluster,
  everything,
  httpChain,
  ITEM,
  listener,
  rpcListener,
  rpcOptions,
  STOCK,
  Stage,
  stockProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { callBytes as callBytesOfThrift } from '../protocol/thrift/harness.ts'
import { itemHost } from './stock-service.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const TYPE = 'application/vnd.tulle.bolt'
const wrapped = rpcOptions({ http2_wrapped: true })
const filter = (kind: string, settings: object) => ({
  name: kind,
  typed_config: { '@type': `type.googleapis.com/tulle.filters.v1.${kind}`, ...settings },
})

function callBytes(service: string, method: string, kind: 'request' | 'oneway' = 'request') {
  const headers: [string, string][] = [
    ['service', service],
    ['sofa_head_method_name', method],
  ]
  return boltBytes({ kind, id: 1, headers, content: Buffer.from('hello') })
}

/** The proxy before a Bolt host, for callers that wrap. */
async function farSide(answer?: (asked: BoltAsked) => void, routes = [everything('host')]) {
  const host = await stage.boltHost(answer)
  const far = await stage.proxy(
    [listener('web', [httpChain(routes)])],
    [cluster('host', [host.port], rpcOptions({ protocol: 'bolt' }))],
  )
  return { host, far }
}

/** The proxy of a Bolt client. */
async function nearSide(port: number, route = {}, manager = {}) {
  const near = await stage.proxy(
    [rpcListener('far', { timeout: '3s', ...route }, manager)],
    [cluster('far', [port], wrapped)],
  )
  return { near, client: await stage.boltClient(near.port('rpc')) }
}

interface Asked {
  readonly headers: http2.IncomingHttpHeaders
  readonly body: Buffer
}

/** A far side in HTTP/2 that knows nothing of calls. */
async function webSide(answer: (response: http2.Http2ServerResponse) => void) {
  const asked: Asked[] = []
  const server = http2.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({ headers: request.headers, body: Buffer.concat(chunks) })
      answer(response)
    })
  })
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stage.later(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { asked, port: (server.address() as AddressInfo).port }
}

const end = (response: http2.Http2ServerResponse): void => void response.end()

describe('a request that carries a call', () => {
  async function post(path: string, body: Buffer, headers: Record<string, string> = {}) {
    const { far, host } = await farSide(undefined, [everything('host')])
    const answer = await fetch(`http://127.0.0.1:${far.port('web')}${path}`, {
      method: 'POST',
      headers: { 'content-type': TYPE, ...headers },
      body,
    })
    return { host, far, status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
  }

  it('must say what it carries: rules on the way went by that', async () => {
    const { host, status, body } = await post('/a.Open/m', callBytes('a.Secret', 'm'))
    expect([status, body.toString()]).toEqual([
      400,
      'hop: downstream: body: calls /a.Secret/m, and the request around it says /a.Open/m\n',
    ])
    expect(host.asked).toEqual([])
  })

  it.each([
    ['as it is written', '/a.B%3A1.0/m'],
    ['with fewer characters encoded', '/a.B:1.0/m'],
    ['with more of them', '/%61.B%3A1%2E0/m'],
  ])('may say it %s', async (_, path) => {
    expect((await post(path, callBytes('a.B:1.0', 'm'))).status).toBe(200)
  })

  it.each([
    ['another segment', '/a.B/m/'],
    ['a query', '/a.B/m?x'],
    ['what is no encoding', '/a.B/%zz'],
    ['dots', '/a.B/x/../m'],
  ])('may not say %s besides', async (_, path) => {
    const { host, status } = await post(path, callBytes('a.B', 'm'))
    expect(status === 400 || path.includes('..')).toBe(true)
    expect(host.asked.length).toBe(status === 200 ? 1 : 0)
  })

  it.each([
    ['an answer', boltBytes({ kind: 'response', id: 1 })],
    ['a heartbeat', boltBytes({ kind: 'heartbeat', id: 1 })],
    ['two calls', Buffer.concat([callBytes('a', 'm'), callBytes('a', 'm')])],
    ['half a call', callBytes('a', 'm').subarray(0, 30)],
    ['nothing', Buffer.alloc(0)],
  ])('is refused when it carries %s', async (_, bytes) => {
    const { host, far, status, body } = await post('/a/m', bytes)
    expect([status, body.toString()]).toEqual([400, 'hop: downstream: body: is no call of bolt\n'])
    expect(host.asked).toEqual([])
    expect(far.cluster('host')).toMatchObject({ rq_active: 0, cx_total: 0 })
  })

  it.each(['http/1.1', 'nobody', 'bolt; charset=utf-8', ''])(
    'is refused when it is of "%s"',
    async (name) => {
      const type = { 'content-type': `application/vnd.tulle.${name}` }
      const { status, body } = await post('/a/m', callBytes('a', 'm'), type)
      expect(status).toBe(400)
      expect(body.toString()).toContain('which nobody here knows')
    },
  )

  it('is answered at once when nobody answers its call', async () => {
    const { host, status, body } = await post('/a/m', callBytes('a', 'm', 'oneway'))
    expect([status, body.length]).toEqual([200, 0])
    await until(() => host.asked.length === 1)
  })
})

describe('headers of a call', () => {
  it('make no fields of HTTP that they must not be, and arrive with it all the same', async () => {
    const web = await webSide(end)
    const { host, far } = await farSide()
    const headers: [string, string][] = [
      ['content-length', '3'],
      ['Transfer-Encoding', 'chunked'],
      [':path', '/admin'],
      ['Host', 'evil'],
      ['Expect', '100-continue'],
      ['line', 'a\r\nx-evil: 1'],
      ['x-na me', '1'],
      ['x-evil\r\nx', '1'],
      ['x-text', 'äöü 张三'],
      ['x-good', 'yes'],
    ]
    for (const port of [web.port, far.port('web')]) {
      const { client } = await nearSide(port)
      await client.call({ service: 'a.B', headers })
    }
    const [seen] = web.asked
    const { 'x-good': good, 'x-evil': evil, expect: expects, line } = seen!.headers
    expect([good, evil, expects, line]).toEqual(['yes', undefined, undefined, undefined])
    expect([seen!.headers[':authority'], seen!.headers[':path']]).toEqual(['a.B', '/a.B/put'])
    expect(Number(seen!.headers['content-length'])).toBe(seen!.body.length)
    for (const [name, value] of headers) expect(host.asked[0]!.seen.header(name)).toBe(value)
  })

  it('that were changed on the way are changed inside and outside', async () => {
    const web = await webSide(end)
    const { host, far } = await farSide()
    const changes = filter('Headers', { request: { set: { zone: 'east' }, remove: ['secret'] } })
    for (const port of [web.port, far.port('web')]) {
      const { client } = await nearSide(port, {}, { rpc_filters: [changes] })
      await client.call({
        headers: [
          ['secret', 'x'],
          ['zone', 'west'],
        ],
      })
    }
    const { zone, secret } = web.asked[0]!.headers
    expect([zone, secret]).toEqual(['east', undefined])
    const [asked] = host.asked
    expect([asked!.seen.header('zone'), asked!.seen.header('secret')]).toEqual(['east', undefined])
  })
})

describe('a caller in Bolt', () => {
  it('has the time that is left told to the host', async () => {
    const { host, far } = await farSide()
    const delay = filter('Fault', {
      delay: { fixed_delay: '0.2s', percentage: { numerator: 100 } },
    })
    const { client } = await nearSide(far.port('web'), {}, { rpc_filters: [delay] })
    await client.call({ timeoutMs: 2000 })
    const { frame } = host.asked[0]!.seen
    const told = frame.protocol.timeoutMs(frame)
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThanOrEqual(1810)
  })

  it.each([
    ['a redirect', 302, 'text/plain', 'elsewhere', /elsewhere/],
    ['bytes', 200, 'application/octet-stream', '\u0000\u0001', /the far side answered 200/],
    ['a call', 200, TYPE, callBytes('a', 'm'), /the far side answered 200/],
    ['no frame', 200, TYPE, 'oops', /the far side answered 200/],
    ['another protocol', 200, 'application/vnd.tulle.dubbo', 'x', /the far side answered 200/],
    ['a page', 503, 'text/html', '<p>sorry</p>', /<p>sorry<\/p>/],
  ])('is told of a far side that answers by %s', async (_, status, type, body, sentence) => {
    const web = await webSide((response) => {
      response.writeHead(status, { 'content-type': type, location: '/' })
      response.end(body)
    })
    const { near, client } = await nearSide(web.port)
    const answer = await client.call()
    expect(answer.status).not.toBe(0)
    expect(answer.header('tulle_error')).toMatch(sentence)
    expect(near.cluster('far').rq_active).toBe(0)
  })

  it('is served by another try where the first met a host that failed', async () => {
    let tries = 0
    const { far, host } = await farSide((asked) => {
      if (++tries === 1) asked.peer.destroy()
      else asked.answer()
    })
    const retry_policy = { retry_on: '5xx', retry_back_off: { base_interval: '0.001s' } }
    const { near, client } = await nearSide(far.port('web'), { retry_policy })
    expect((await client.call({ id: 77, content: 'again' })).text).toBe('again')
    expect(host.asked.map(({ text }) => text)).toEqual(['again', 'again'])
    expect(near.cluster('far')).toMatchObject({ rq_active: 0, rq_retry_success: 1 })
    expect(near.runtime.clusters[0]!.retries).toBe(0)
  })

  it('that leaves takes its calls back from all proxies', async () => {
    const { far } = await farSide(() => {})
    const { near, client } = await nearSide(far.port('web'))
    client.call()
    await until(() => far.cluster('host').rq_active === 1)
    client.peer.reset()
    await until(() => far.cluster('host').rq_active === 0)
    expect(near.cluster('far').rq_active).toBe(0)
  })

  it('whose one-way calls nobody takes does not pile them up', async () => {
    const web = await webSide((response) => {
      response.writeHead(503)
      response.end()
    })
    const retry_policy = { retry_on: '5xx', retry_back_off: { base_interval: '0.001s' } }
    const { near, client } = await nearSide(web.port, { retry_policy })
    for (let i = 0; i < 2; i++) client.tell()
    await until(() => web.asked.length === 4)
    await until(() => near.listener('rpc').rq_active === 0)
    expect(near.cluster('far').rq_active).toBe(0)
    expect(client.strays).toEqual([])
  })

  it('gets one-way calls through to hosts that never answer them, for as long as a call may take', async () => {
    const web = await webSide(() => {})
    const { near, client } = await nearSide(web.port, { timeout: '0.2s' })
    client.tell()
    await until(() => web.asked.length === 1)
    await until(() => near.listener('rpc').rq_active === 0)
    expect(near.cluster('far')).toMatchObject({ rq_active: 0, rq_timeout: 1 })
  })

  it('is carried on in another request where a proxy between reads it, too', async () => {
    const { far, host } = await farSide()
    const between = await stage.proxy(
      [listener('web', [httpChain([everything('far')])])],
      [cluster('far', [far.port('web')], wrapped)],
    )
    const { client } = await nearSide(between.port('web'))
    expect((await client.call({ content: 'far away' })).text).toBe('far away')
    expect(host.asked).toHaveLength(1)
  })

  it('is told that its call is too large for the far side', async () => {
    const { far } = await farSide()
    const { client } = await nearSide(far.port('web'), {}, { max_frame_bytes: 16 << 20 })
    const answer = await client.call({ content: Buffer.alloc(9 << 20) })
    expect(answer.header('tulle_error')).toMatch(/a body of more than 8388608 bytes/)
  })
})

it('a call that has no place for headers is carried without those that were added', async () => {
  const web = await webSide(end)
  const changes = filter('Headers', { request: { set: { zone: 'east' } } })
  const manager = { protocol: 'thrift', rpc_filters: [changes] }
  const near = await stage.proxy(
    [rpcListener('far', {}, manager)],
    [cluster('far', [web.port], wrapped)],
  )
  const client = await stage.rawClient(near.port('rpc'))
  client.write(callBytesOfThrift())
  await until(() => web.asked.length === 1)
  expect(web.asked[0]!.body).toEqual(callBytesOfThrift())
})

it('a call that is converted on the far side has the time that its caller gave it', async () => {
  const host = await itemHost(ITEM)
  stage.later(() => host.close())
  const options = rpcOptions({ protocol: 'grpc', services: [STOCK] })
  const far = await stage.proxy(
    [webListener('stock', { timeout: '60s' }), rpcListener('stock')],
    [cluster('stock', [host.port], options)],
  )
  const { near: between } = await nearSide(far.port('web'), { timeout: '60s' })
  const near = await stockProxy(stage, 'bolt', between.port('rpc'), { route: { timeout: '5s' } })
  expect((await near.put('{"sku":"a"}')).status).toBe(200)
  expect(Number(host.asked[0]!.getDeadline()) - Date.now()).toBeLessThan(6000)
})

it('a call without service and method is carried, too', async () => {
  const { far, host } = await farSide()
  const { client } = await nearSide(far.port('web'))
  client.peer.write(boltBytes({ kind: 'request', id: 5, content: Buffer.from('nameless') }))
  expect((await client.answerTo(5)).text).toBe('nameless')
  expect(host.asked).toHaveLength(1)
})
