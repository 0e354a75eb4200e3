import { cluster, everyCall, listener, rpcOptions, Stage, until, webListener } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

const ALL = {
  name: 'com.shop.All',
  structs: {
    Item: {
      java: 'com.shop.Item',
      fields: [
        { name: 'sku', type: 'string' },
        { name: 'count', type: 'i32' },
        { name: 'cents', type: 'i64' },
        { name: 'price', type: 'double' },
        { name: 'fresh', type: 'bool' },
        { name: 'image', type: 'bytes' },
        { name: 'tags', type: 'list<string>' },
        { name: 'marks', type: 'map<string, i32>' },
        { name: 'next', type: 'Part' },
      ],
    },
    Part: { java: 'com.shop.Part', fields: [{ name: 'name', type: 'string' }] },
  },
  methods: [
    { name: 'same', parameters: [{ name: 'item', type: 'Item' }], returns: 'Item' },
    {
      name: 'join',
      parameters: [
        { name: 'a', type: 'string' },
        { name: 'b', type: 'i32' },
        { name: 'c', type: 'list<i64>' },
      ],
      returns: 'string',
    },
    { name: 'fail', parameters: [{ name: 'why', type: 'string' }], returns: 'string' },
    { name: 'down', parameters: [], returns: 'string' },
    { name: 'nothing', parameters: [], returns: 'void' },
    { name: 'fire', parameters: [{ name: 'what', type: 'string' }], returns: 'void', oneway: true },
    { name: 'wait', parameters: [], returns: 'string' },
  ],
}

const ITEM = {
  sku: 'äpfel',
  count: -7,
  cents: Number.MAX_SAFE_INTEGER,
  price: 1.25,
  fresh: true,
  image: 'AQID/w==',
  tags: ['red', ''],
  marks: { a: 1 },
  next: { name: 'stalk' },
}

const rpcChain = (protocol: string, to: string) =>
  listener('rpc', [
    {
      filters: [
        {
          name: 'manager',
          typed_config: {
            '@type': 'type.googleapis.com/tulle.proxy.v1.RpcConnectionManager',
            stat_prefix: 'rpc',
            protocol,
            route_config: {
              virtual_hosts: [{ name: 'all', domains: ['*'], routes: [everyCall(to)] }],
            },
          },
        },
      ],
    },
  ])

/** JSON over HTTP, made a call of the protocol by one proxy and JSON over HTTP again by the next. */
async function through(protocol: string) {
  const host = await stage.httpHost(({ path, body }, response) => {
    const method = path.split('/')[2]
    const args = body.length === 0 ? {} : JSON.parse(body.toString())
    response.setHeader('content-type', 'application/json')
    if (method === 'same') response.end(JSON.stringify(args.item))
    else if (method === 'join') response.end(JSON.stringify(`${args.a}:${args.b}:${args.c}`))
    else if (method === 'fail')
      response.writeHead(500).end(JSON.stringify({ type: 'com.shop.SoldOut', message: args.why }))
    else if (method === 'down')
      response.writeHead(503, { 'content-type': 'text/plain' }).end('closed')
    else if (method === 'wait') return
    else response.end('null')
  })
  const services = [ALL]
  const far = await stage.proxy(
    [protocol === 'grpc' ? webListener('host') : rpcChain(protocol, 'host')],
    [cluster('host', [host.port], rpcOptions({ protocol: 'http', services }))],
  )
  const near = await stage.proxy(
    [webListener('far', { timeout: '0.4s' })],
    [
      cluster(
        'far',
        [far.port(protocol === 'grpc' ? 'web' : 'rpc')],
        rpcOptions({ protocol, services }),
      ),
    ],
  )
  const call = async (method: string, args: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${near.port('web')}/com.shop.All/${method}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(args),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      said: text.startsWith('{') || answer.ok ? JSON.parse(text) : text,
    }
  }
  return { host, call, far, near }
}

describe.each(['bolt', 'dubbo', 'motan', 'grpc', 'thrift', 'tars'])(
  'HTTP → %s → HTTP',
  (protocol) => {
    it('carries values of every kind there and back', async () => {
      const { call, host } = await through(protocol)
      expect(await call('same', { item: ITEM })).toEqual({ status: 200, said: ITEM })
      expect(JSON.parse(host.asked[0]!.body.toString())).toEqual({ item: ITEM })
      expect(await call('join', { a: 'x', b: 2, c: [1, 2 ** 40] })).toEqual({
        status: 200,
        said: `x:2:1,${2 ** 40}`,
      })
    })

    it('carries nothing as nothing', async () => {
      const { call } = await through(protocol)
      expect(await call('nothing', {})).toEqual({ status: 200, said: null })
    })

    it('carries an exception with its message', async () => {
      const { call } = await through(protocol)
      const { status, said } = await call('fail', { why: 'all gone: §' })
      expect(status).toBe(500)
      expect(JSON.stringify(said)).toContain('all gone: §')
    })

    it('tells a failure of the host as one', async () => {
      const { call } = await through(protocol)
      const { status, said } = await call('down', {})
      expect(status).toBeGreaterThanOrEqual(500)
      expect(JSON.stringify(said)).toContain('closed')
    })

    it('sends one-way calls, and answers their callers at once', async () => {
      const { call, host, far, near } = await through(protocol)
      expect(await call('fire', { what: 'now' })).toEqual({ status: 200, said: null })
      await until(() => host.asked.length === 1)
      expect(JSON.parse(host.asked[0]!.body.toString())).toEqual({ what: 'now' })
      await until(() => far.cluster('host').rq_active === 0 && near.cluster('far').rq_active === 0)
    })

    it('ends when the time is over', async () => {
      const { call } = await through(protocol)
      const { status } = await call('wait', {})
      expect(status).toBe(504)
    })
  },
)
