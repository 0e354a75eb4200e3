import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import type { ServiceInterface } from '@tulle/model'
import { hex, readVectors, Stage } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { ask, type Speaker, startHost } from '../../transcode/codec-harness.ts'
import { apple, bare, callOf, member, method, plain, stock } from '../../transcode/java-harness.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type WholeMessage,
  whole,
} from '../../transcoder.ts'
import { answersAttachments } from './body.ts'
import { dubbo, dubboCodec } from './dubbo.ts'
import { frameBytes, frameOf, map, request, requestBytes, response, value } from './harness.ts'
import { dubboTranscoder } from './transcode.ts'

const stage = new Stage()
afterEach(() => stage.clear())

const grouped = { ...stock, name: 'shop.Depot', group: 'east', version: '' }
const open = { ...stock, name: 'shop.Open', version: '', names: { dubbo: 'shop.Offen' } }

function tongueOf(...services: readonly ServiceInterface[]): Tongue {
  const configured = dubboTranscoder(dubbo).configure(services, 'c.services')
  if (!configured.ok) throw new Error(JSON.stringify(configured.problems))
  return configured.value
}

const tongue = tongueOf(stock, grouped, open)
const speaker: Speaker = { codec: dubboCodec, tongue, later: (undo) => stage.later(undo) }

const vectors = readVectors(new URL('./vectors/', import.meta.url))
const again = ({ frame: { buf, start, end } }: WholeMessage): WholeMessage =>
  whole(frameOf(Buffer.from(buf.subarray(start, end))))

/** A call as a host in another place reads it. */
const carried = (call: CommonCall): CommonCall => tongue.readCall(again(tongue.writeCall(call)))

describe('a call', () => {
  it.each<[string, readonly unknown[]]>([
    ['plus', [1, -2]],
    ['hello', ['苹果 🍎']],
    ['put', [apple, 2n ** 62n]],
    ['put', [null, null]],
    ['all', [['a', 'b']]],
    ['any', [{ list: [1, 'a', null], real: 0.5 }]],
    ['tell', ['news']],
  ])('of %s comes as it was said', (name, args) => {
    const headers = new Map([['zone', 'east']])
    const call = callOf(name, args as CommonCall['args'], { headers, timeoutMs: 1500 })
    const read = carried(call)
    expect(plain(read.args)).toEqual(plain(call.args))
    expect(read).toMatchObject({ service: stock, method: call.method, timeoutMs: 1500 })
    expect([...read.headers]).toEqual([['zone', 'east']])
    expect(read.oneway).toBe(name === 'tell')
  })

  it('is routed by what it says', () => {
    const { frame } = tongue.writeCall(callOf('put', [apple, 1], { timeoutMs: 20.5 }))
    expect(dubboCodec.service(frame)).toBe('shop.Stock:1.0')
    expect(dubboCodec.method(frame)).toBe('put')
    expect(dubboCodec.timeoutMs(frame)).toBe(21)
    expect(frame.kind).toBe(FrameKind.Request)
    expect(frame.buf.includes('Lshop/Item;Ljava/lang/Long;')).toBe(true)
    const oneway = tongue.writeCall(callOf('tell', ['x'], { headers: new Map([['path', 'y']]) }))
    expect(oneway.frame.kind).toBe(FrameKind.Oneway)
    expect(dubboCodec.header(oneway.frame, 'path')).toBe('shop.Stock')
    expect(dubboCodec.timeoutMs(oneway.frame)).toBe(0)
  })

  it('names group and version, or has none', () => {
    const { frame } = tongue.writeCall(callOf('hello', ['x'], { service: grouped }))
    expect(dubboCodec.service(frame)).toBe('east/shop.Depot')
    expect(tongue.readCall(whole(frame)).service).toBe(grouped)
  })

  it('of a service that says no version may name any', () => {
    for (const version of ['', '7.1'])
      for (const attachments of [{}, { group: 'west' }]) {
        const call = {
          service: 'shop.Offen',
          version,
          method: 'plus',
          descriptor: 'II',
          args: [1, 2],
        }
        expect(tongue.readCall(whole(request({ ...call, attachments }))).service).toBe(open)
      }
    const call = { service: 'shop.Stock', version: '7.1', method: 'plus' }
    expect(() => tongue.readCall(whole(request(call)))).toThrow(
      'service: no service "shop.Stock:7.1" is declared; there is shop.Stock:1.0, east/shop.Depot, shop.Offen',
    )
  })

  it('has the names that its service and its method have in Dubbo', () => {
    const plus = { ...method('plus', [member('a', 'i32')]), names: { dubbo: 'addiere' } }
    const named = { ...stock, names: { dubbo: 'shop.Lager' }, methods: [plus] }
    const tongue = tongueOf(named)
    const { frame } = tongue.writeCall(callOf('plus', [1], { service: named }))
    expect(dubboCodec.service(frame)).toBe('shop.Lager:1.0')
    expect(dubboCodec.method(frame)).toBe('addiere')
    const call = tongue.readCall(whole(frame))
    expect(call).toMatchObject({ service: named, method: plus, args: [1] })
  })

  it('is of the method that takes what it says, where several have its name', () => {
    const query = member('query', 'any', 'shop.Query')
    const methods = [
      method('put', [member('a', 'i32')]),
      method('put', [member('a', 'string')]),
      method('put', [query]),
    ]
    const tongue = tongueOf({ ...stock, methods })
    for (const [i, one] of [7, 'a', { sku: 'cox' }].entries()) {
      const call = { ...callOf('plus', [one]), service: { ...stock, methods }, method: methods[i]! }
      expect(plain(tongue.readCall(whole(tongue.writeCall(call).frame)).args)).toEqual([one])
    }
    const call = request({ service: 'shop.Stock', method: 'put', descriptor: 'J', args: [1] })
    expect(() => tongue.readCall(whole(call))).toThrow(
      'method: no method "put(J)" of shop.Stock is declared; there is put(I), put(Ljava/lang/String;)',
    )
  })

  it('is generic where only the class of an argument is known', () => {
    const query = { sku: 'cox', range: { from: 1 } }
    const { frame } = tongue.writeCall(callOf('find', [query, 5]))
    expect(dubboCodec.method(frame)).toBe('find')
    expect(dubboCodec.header(frame, 'generic')).toBe('true')
    for (const text of ['$invoke', 'shop.Query', 'int']) expect(frame.buf.includes(text)).toBe(true)
    expect(plain(tongue.readCall(whole(frame)).args)).toEqual([query, 5])
  })

  it('that is generic is understood, with objects as maps', () => {
    const told = [{ $class: 'java.util.HashMap', $: { class: 'shop.Item', ...bare('cox') } }, 7]
    const frame = generic('put', ['shop.Item', 'java.lang.Long'], told)
    expect(plain(tongue.readCall(whole(frame)).args)).toEqual([bare('cox'), 7])
    expect(() => tongue.readCall(whole(generic('put', [], [], 'nativejava')))).toThrow(
      'arguments: are generic in the way of "nativejava"; only maps are known',
    )
  })
})

describe('a call that cannot be said', () => {
  const cases: [string, Frame, string][] = [
    ['in another serialisation', request({ flag: 0xc6 }), 'body: is written by serialisation 6'],
    ['in fastjson2', request({ flag: 0xd7 }), 'body: is written by fastjson2 (23)'],
    [
      'of a service nobody declares',
      request(),
      'service: no service "shop.Basket:1.0" is declared',
    ],
    [
      'of a method it has not',
      call('sell', ''),
      'method: no method "sell" of shop.Stock is declared; there is plus',
    ],
    ['with too few arguments', call('plus', 'I', 1), 'arguments: are 1; "plus" takes 2'],
    ['with a wrong one', call('plus', 'ID', 1, 1.5), 'arguments.b: must be a whole number (i32)'],
    ['with broken arguments', call('plus', 'I', hex('40')), 'body: is no call that can be read'],
    [
      'with a wrong field',
      call(
        'put',
        'Lshop/Item;J',
        {
          $class: 'shop.Item',
          $: { count: 1, parts: [{ $class: 'shop.Item', $: { count: 'x' } }] },
        },
        1,
      ),
      'arguments.item.parts[0].count: must be a whole number (i32), not "x"',
    ],
  ]
  it.each(cases)('%s', (_name, frame, sentence) => {
    expect(() => tongue.readCall(whole(frame))).toThrow(sentence)
  })

  it('for what is missing', () => {
    expect(() => tongue.writeCall(callOf('plus', [1]))).toThrow('arguments.b: is missing')
  })

  it('at all, where classes are not known', () => {
    const Item = { ...stock.structs.get('Item')!, java: '' }
    const nameless = { ...stock, structs: new Map(stock.structs).set('Item', Item) }
    expect(dubboTranscoder(dubbo).configure([nameless], 'c.services')).toMatchObject({
      ok: false,
      problems: [{ at: 'c.services[0].structs.Item.java' }],
    })
  })
})

describe('an answer', () => {
  const put = callOf('put', [apple, 1])
  const headers = new Map([['trace', 'abc']])
  const asked = tongue.writeCall(put).frame

  it.each<[string, CommonAnswer & { kind: 'value' | 'exception' }]>([
    ['a value', { kind: 'value', value: apple, headers: new Map() }],
    ['a value and headers', { kind: 'value', value: bare('cox'), headers }],
    ['null', { kind: 'value', value: null, headers: new Map() }],
    ['null and headers', { kind: 'value', value: null, headers }],
    [
      'an exception',
      {
        kind: 'exception',
        type: 'shop.SoldOutException',
        message: 'none',
        detail: { left: 2, item: null },
        headers,
      },
    ],
  ])('of %s comes as it was said', (_name, answer) => {
    const said = again(tongue.writeAnswer(answer, put, asked))
    expect(said.frame.kind).toBe(FrameKind.Response)
    expect(plain(tongue.readAnswer(said, put))).toEqual(plain(answer))
  })

  it('has the id and the serialisation of its request', () => {
    const id = 'fedcba9876543210'
    const frame = frameOf(requestBytes({ id, flag: 0xca }))
    const answer = { kind: 'value', value: 1, headers: new Map() } as const
    const { buf } = tongue.writeAnswer(answer, callOf('plus', [1, 2]), frame).frame
    expect(buf.toString('hex')).toBe(`dabb0a14${id}000000029191`)
  })

  it('has no headers for clients that could not read them', () => {
    const old = frameOf(
      Buffer.from(requestBytes().toString('latin1').replace('2.0.2', '5.3.0'), 'latin1'),
    )
    const said = tongue.writeAnswer({ kind: 'value', value: null, headers }, put, old)
    expect(said.frame.buf.subarray(16)).toEqual(hex('92'))
  })

  it('to a generic call has objects as maps, and its exception says which it stands for', () => {
    const ask = generic('put', ['shop.Item', 'long'], [null, 1])
    const value = tongue.writeAnswer(
      { kind: 'value', value: bare('cox'), headers: new Map() },
      put,
      ask,
    )
    expect(value.frame.buf[17]).toBe(0x48)
    expect(plain(tongue.readAnswer(again(value), put))).toMatchObject({ value: bare('cox') })
    const thrown = {
      kind: 'exception',
      type: 'shop.SoldOutException',
      message: 'none',
      detail: null,
    } as const
    const said = tongue.writeAnswer({ ...thrown, headers: new Map() }, put, ask)
    expect(said.frame.buf.includes('GenericException')).toBe(true)
    expect(tongue.readAnswer(again(said), put)).toMatchObject(thrown)
  })

  it('that is no result is a failure, in the words of HTTP', () => {
    const cases: [Buffer, number, string][] = [
      [frameBytes(2, 31, value('too slow')), 504, 'too slow'],
      [frameBytes(2, 60, value('nobody')), 404, 'nobody'],
      [frameBytes(2, 100, value('busy')), 503, 'busy'],
      [frameBytes(2, 80, value('boom')), 500, 'boom'],
      [frameBytes(2, 80, hex('')), 500, 'the host answered status 80'],
      [frameBytes(0x17, 80, hex('00')), 500, 'the host answered status 80'],
    ]
    for (const [bytes, status, text] of cases)
      expect(tongue.readAnswer(whole(frameOf(bytes)), put)).toEqual({
        kind: 'failure',
        status,
        message: text,
      })
  })

  it.each([
    ['of a wrong type', response(hex('91'), 'text'), 'result: must be a Item, not "text"'],
    [
      'in another serialisation',
      frameOf(frameBytes(0x17, 20, hex('91'))),
      'body: is written by fastjson2',
    ],
    ['of no kind', response(hex('96')), 'result: is of no kind that Dubbo has'],
    ['that is broken', response(hex('91 43')), 'result: is no Hessian'],
  ])('%s says so', (_name, frame, sentence) => {
    expect(() => tongue.readAnswer(whole(frame), put)).toThrow(sentence)
  })
})

it.each([
  ['2.0.2', true],
  ['2.0.99', true],
  ['2.0.1', false],
  ['2.5.4', false],
  ['5.3.0', false],
  ['2.8.4', false],
  ['soon', false],
  ['', false],
])('answers to a client of version %s may have attachments: %s', (version, may) => {
  expect(answersAttachments(version)).toBe(may)
})

describe('Apache Dubbo in Java', () => {
  const captured = (name: string): WholeMessage => whole(frameOf(Buffer.from(vectors.get(name)!)))

  it('calls with a value of every type', () => {
    const call = tongue.readCall(captured('java-put'))
    expect(call).toMatchObject({ service: stock, method: { name: 'put' } })
    expect(plain(call.args)).toEqual([
      {
        sku: 'cox',
        count: 0,
        total: -(2n ** 63n),
        price: 0,
        color: 'RED',
        cost: '9.5',
        tags: ['x'],
        parts: [{ ...bare(''), sku: null, count: 0, total: 0, price: 0, sold: false }],
        byPlace: { 3: 4 },
        since: new Date(9),
        photo: '0102',
        sold: false,
        next: null,
      },
      9,
    ])
  })

  it('calls a method generically, by maps', () => {
    const call = tongue.readCall(captured('java-put-generic'))
    expect(plain(call.args)).toEqual([{ sku: 'gen', count: 5 }, 1])
  })

  it('answers with objects that point to each other', () => {
    const answer = tongue.readAnswer(captured('java-all'), callOf('all', [['a', 'b']]))
    expect(plain(answer)).toMatchObject({
      kind: 'value',
      value: [
        { sku: 'a', color: 'GREEN', cost: '1.10', total: 2n ** 63n - 1n, next: null },
        { sku: 'b', byPlace: { 1: 2 }, next: { sku: 'a', color: 'GREEN', next: null } },
      ],
    })
  })

  it('throws exceptions with fields of their own', () => {
    const answer = tongue.readAnswer(captured('java-sold-out'), callOf('fail', ['why']))
    expect(plain(answer)).toMatchObject({
      kind: 'exception',
      type: 'shop.SoldOutException',
      message: 'no apples',
      detail: { left: 7, item: null },
    })
  })
})

// ── peers that are not ours ──────────────────────────────────────────────────────────────────────────────────────────

const foreign = createRequire(import.meta.url)
const logger = { debug() {}, info() {}, warn() {}, error() {} }
const protocol = foreign('dubbo-remoting') as object
const { DirectlyDubbo, java } = foreign('dubbo2.js') as {
  DirectlyDubbo: { from(options: object): Direct }
  java: {
    String(text: string): object
    int(number: number): object
    combine(name: string, fields: object): object
    Long(n: number): object
  }
}
const { RpcServer } = (
  foreign('sofa-rpc-node') as { server: { RpcServer: new (options: object) => Provider } }
).server

interface Provider {
  readonly _servers: readonly Server[]
  addService(info: object, methods: object): void
  start(): Promise<void>
  close(): Promise<void>
}
interface Direct {
  proxyService(
    init: object,
  ): Record<string, (...args: unknown[]) => Promise<{ res: unknown; err: Error | null }>>
  readonly _socketWorker: {
    _retry: number
    _heartBeatTimer: NodeJS.Timeout
    readonly _socket: { destroy(): void }
  }
}

describe('a provider of dubbo-remoting', () => {
  it('understands calls, and its answers are understood', async () => {
    const heard: unknown[] = []
    const provider = new RpcServer({ logger, protocol, port: { host: '127.0.0.1', port: 0 } })
    provider.addService(
      { interfaceName: 'shop.Stock', version: '1.0' },
      {
        plus: async (a: number, b: number) => a + b,
        hello: async (name: string) => `hello ${name}`,
        put: async (one: Record<string, unknown>, count: unknown) => {
          heard.push(one, count)
          const $ = { sku: one.sku, count: 4, parts: [{ $class: 'shop.Item', $: { sku: 'core' } }] }
          return { $class: 'shop.Item', $ }
        },
        fail: async (why: string) => {
          throw new Error(why)
        },
      },
    )
    await provider.start()
    stage.later(() => provider.close())
    const { port } = provider._servers[0]!.address() as AddressInfo
    const asked = (call: CommonCall) => ask(speaker, port, call)
    expect(await asked(callOf('plus', [40, 2]))).toMatchObject({ kind: 'value', value: 42 })
    expect(await asked(callOf('hello', ['Äpfel']))).toMatchObject({ value: 'hello Äpfel' })
    const answer = await asked(callOf('put', [apple, 7]))
    expect(plain(answer)).toMatchObject({
      kind: 'value',
      value: { sku: 'cox 🍎', count: 4, parts: [{ sku: 'core' }] },
    })
    expect(heard[0]).toMatchObject({
      sku: 'cox 🍎',
      count: 3,
      sold: true,
      parts: [{ sku: 'core' }],
    })
    expect(heard[1]).toBe(7)
    expect(await asked(callOf('fail', ['no apples']))).toMatchObject({
      kind: 'failure',
      status: 500,
      message: expect.stringContaining('no apples'),
    })
  })
})

describe('a client of dubbo2.js', () => {
  it('is understood, and understands answers', async () => {
    const heard: CommonCall[] = []
    const port = await startHost(speaker, (call) => {
      heard.push(call)
      if (call.method.name === 'fail')
        return {
          kind: 'exception',
          type: 'shop.SoldOutException',
          message: 'none left',
          detail: null,
          headers: new Map(),
        }
      const result = call.method.name === 'plus' ? 3 : { ...bare('pear'), total: 5 }
      return { kind: 'value', value: result, headers: new Map([['zone', 'east']]) }
    })
    const client = DirectlyDubbo.from({
      dubboAddress: `127.0.0.1:${port}`,
      dubboVersion: '2.0.2',
      dubboInvokeTimeout: 10,
    })
    stage.later(() => {
      const worker = client._socketWorker
      worker._retry = 0
      clearInterval(worker._heartBeatTimer)
      worker._socket.destroy()
    })
    const service = client.proxyService({
      dubboInterface: 'shop.Stock',
      version: '1.0',
      timeout: 2000,
      methods: {
        plus: (a: number, b: number) => [java.int(a), java.int(b)],
        put: (sku: string) => [
          java.combine('shop.Item', { sku, count: java.int(3) }),
          java.Long(9),
        ],
        fail: (why: string) => [java.String(why)],
      },
    })
    expect(await service.plus!(1, 2)).toMatchObject({ res: 3, err: null })
    expect((await service.put!('cox')).res).toMatchObject({ sku: 'pear', total: 5 })
    const { err } = await service.fail!('why')
    expect(err!.message).toContain('none left')
    expect(heard.map(({ args }) => plain(args))).toEqual([
      [1, 2],
      [{ sku: 'cox', count: 3 }, 9],
      ['why'],
    ])
    expect(heard[0]).toMatchObject({ service: stock, timeoutMs: 2000 })
  })
})

function call(name: string, descriptor: string, ...args: unknown[]): Frame {
  return request({ service: 'shop.Stock', method: name, descriptor, args })
}

function generic(
  name: string,
  types: readonly string[],
  args: readonly unknown[],
  how = 'true',
): Frame {
  return request({
    service: 'shop.Stock',
    method: '$invoke',
    descriptor: 'Ljava/lang/String;[Ljava/lang/String;[Ljava/lang/Object;',
    args: [name, { $class: '[string', $: types }, { $class: '[object', $: args }],
    attachments: map({ generic: how }),
  })
}
