import type { ServiceInterface } from '@tulle/model'
import {
  boltBytes,
  connectSofaConsumer,
  hex,
  readVectors,
  Stage,
  startSofaProvider,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import { ask, type Speaker, startHost } from '../../transcode/codec-harness.ts'
import { HessianWriter } from '../../transcode/hessian.ts'
import { apple, bare, callOf, member, method, plain, stock } from '../../transcode/java-harness.ts'
import { typed } from '../../transcode/java-write.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type WholeMessage,
  whole,
} from '../../transcoder.ts'
import { bolt, boltCodec } from './bolt.ts'
import { boltTranscoder } from './transcode.ts'

const stage = new Stage()
afterEach(() => stage.clear())
const vectors = readVectors(new URL('./vectors/', import.meta.url))

const captured = {
  ...stock,
  name: 'com.nodejs.test.TestService',
  methods: [method('plus', [member('a', 'i32'), member('b', 'i64')], 'i32')],
}
const grouped = { ...stock, name: 'shop.Depot', group: 'east', version: '' }
const open = { ...stock, version: '', names: { bolt: 'shop.Offen' } }

function tongueOf(...services: readonly ServiceInterface[]): Tongue {
  const configured = boltTranscoder(bolt).configure(services, 'c.services')
  if (!configured.ok) throw new Error(JSON.stringify(configured.problems))
  return configured.value
}

const tongue = tongueOf(stock, captured, grouped, open)
const speaker: Speaker = { codec: boltCodec, tongue, later: (undo) => stage.later(undo) }

const REQUEST = 'com.alipay.sofa.rpc.core.request.SofaRequest'
const RESPONSE = 'com.alipay.sofa.rpc.core.response.SofaResponse'

function read(bytes: Buffer): Frame {
  expect(boltCodec.measure(bytes, 0, bytes.length)).toBe(bytes.length)
  return boltCodec.read(bytes, 0, bytes.length)!
}

const again = ({ frame: { buf, start, end } }: WholeMessage): WholeMessage =>
  whole(read(Buffer.from(buf.subarray(start, end))))

/** A request whose content says what it likes. */
function said(fields: object, args: readonly unknown[] = [], rest: object = {}): WholeMessage {
  const object = {
    methodName: 'plus',
    methodArgSigs: args.map(() => 'int'),
    targetServiceUniqueName: 'shop.Stock:1.0',
    targetAppName: null,
    requestProps: null,
    ...fields,
  }
  const writer = new HessianWriter('draft').write(typed(REQUEST, object))
  for (const one of args) writer.write(one)
  const content = writer.bytes()
  return whole(read(boltBytes({ kind: 'request', id: 5, className: REQUEST, content, ...rest })))
}

describe('a call', () => {
  it.each<[string, readonly unknown[]]>([
    ['plus', [1, -2]],
    ['hello', ['苹果 🍎']],
    ['put', [apple, 2n ** 62n]],
    ['put', [null, null]],
    ['all', [['a', 'b']]],
    ['any', [{ list: [1, 'a', null], real: 0.5 }]],
    ['find', [{ sku: 'cox', range: { from: 1 } }, 5]],
    ['tell', ['news']],
  ])('of %s comes as it was said', (name, args) => {
    const headers = new Map([
      ['zone', 'east'],
      ['rpc_trace_context.sofaTraceId', '0a0fe8ec'],
    ])
    const call = callOf(name, args as CommonCall['args'], { headers, timeoutMs: 1500 })
    const back = tongue.readCall(again(tongue.writeCall(call)))
    expect(plain(back.args)).toEqual(plain(call.args))
    expect(back).toMatchObject({ service: stock, method: call.method, timeoutMs: 1500 })
    expect(new Map(back.headers)).toEqual(headers)
    expect(back.oneway).toBe(name === 'tell')
  })

  it('is routed by what it says, in version 1', () => {
    const { frame } = tongue.writeCall(callOf('put', [apple, 1], { timeoutMs: 20.5 }))
    expect(boltCodec.service(frame)).toBe('shop.Stock:1.0')
    expect(boltCodec.method(frame)).toBe('put')
    expect(boltCodec.timeoutMs(frame)).toBe(21)
    expect(boltCodec.poolKey(frame)).toBe(0x100)
    expect(frame.kind).toBe(FrameKind.Request)
    const headers = new Map([['service', 'other']])
    const oneway = tongue.writeCall(callOf('tell', ['x'], { headers })).frame
    expect(oneway.kind).toBe(FrameKind.Oneway)
    expect(boltCodec.service(oneway)).toBe('shop.Stock:1.0')
    expect(boltCodec.timeoutMs(oneway)).toBe(0)
  })

  it('names what tells services of one interface apart, and the first version where there is none', () => {
    const { frame } = tongue.writeCall(callOf('hello', ['x'], { service: grouped }))
    expect(boltCodec.service(frame)).toBe('shop.Depot:1.0:east')
    expect(tongue.readCall(whole(frame)).service).toBe(grouped)
  })

  it('of a service that says no version may name any', () => {
    const call = said({ targetServiceUniqueName: 'shop.Offen:7.1:west' }, [1, 2])
    expect(tongue.readCall(call).service).toBe(open)
  })

  it('has the names that its service and its method have in Bolt', () => {
    const plus = { ...method('plus', [member('a', 'i32')]), names: { bolt: 'addiere' } }
    const named = { ...stock, names: { bolt: 'shop.Lager' }, methods: [plus] }
    const tongue = tongueOf(named)
    const sent = again(tongue.writeCall(callOf('plus', [1], { service: named })))
    expect(boltCodec.service(sent.frame)).toBe('shop.Lager:1.0')
    expect(boltCodec.method(sent.frame)).toBe('addiere')
    expect(tongue.readCall(sent)).toMatchObject({ service: named, method: plus, args: [1] })
  })

  it('is of the method that takes what it says, where several have its name', () => {
    const texts = member('all', { kind: 'list', of: { kind: 'string' } }, 'java.lang.String[]')
    const methods = [method('put', [member('a', 'i32')]), method('put', [texts])]
    const tongue = tongueOf({ ...stock, methods })
    for (const [i, args] of [[7], [['a']]].entries()) {
      const call = { ...callOf('plus', args), service: { ...stock, methods }, method: methods[i]! }
      expect(tongue.readCall(again(tongue.writeCall(call))).args).toEqual(args)
    }
    const call = said({ methodName: 'put', methodArgSigs: ['long'] }, [1])
    expect(() => tongue.readCall(call)).toThrow(
      'method: no method "put(long)" of shop.Stock is declared; there is put(int), put([Ljava.lang.String;)',
    )
  })

  it('goes by its headers where these say otherwise, as hosts do', () => {
    const call = said({ targetServiceUniqueName: 'shop.Other:1.0', methodName: 'x' }, [1, 2], {
      headers: [
        ['service', 'shop.Stock:1.0'],
        ['sofa_head_method_name', 'plus'],
      ],
    })
    expect(tongue.readCall(call)).toMatchObject({ service: stock, args: [1, 2], timeoutMs: 0 })
  })

  it('captured from sofa-rpc-node is understood', () => {
    for (const [name, args] of [
      ['request-v1', [1, 2]],
      ['request-v2', [1, 2]],
      ['request-v2-crc', [1, 2]],
      ['oneway-v1', [1, 2]],
    ] as const) {
      const call = tongue.readCall(whole(read(Buffer.from(vectors.get(name)!))))
      expect(call, name).toMatchObject({ service: captured, args, oneway: name === 'oneway-v1' })
    }
  })

  it('in the final grammar is understood, and answered in it', () => {
    const fields = {
      methodName: 'plus',
      methodArgSigs: ['int', 'int'],
      targetServiceUniqueName: 'shop.Stock:1.0',
    }
    const content = new HessianWriter('final')
      .write(typed(REQUEST, fields))
      .write(1)
      .write(2)
      .bytes()
    const ask = whole(read(boltBytes({ kind: 'request', id: 5, className: REQUEST, content })))
    const call = tongue.readCall(ask)
    expect(call.args).toEqual([1, 2])
    const answer = { kind: 'value', value: 3, headers: new Map() } as const
    const told = tongue.writeAnswer(answer, call, ask.frame)
    expect(told.frame.buf.includes(Buffer.concat([hex('43 30 2e'), Buffer.from(RESPONSE)]))).toBe(
      true,
    )
    expect(tongue.readAnswer(again(told), call)).toEqual(answer)
  })
})

describe('a call that cannot be said', () => {
  const content = (codec: number): Buffer => {
    const bytes = Buffer.from(vectors.get('request-v1')!)
    bytes[9] = codec
    return bytes
  }
  const cases: [string, () => WholeMessage, string][] = [
    ['in protobuf', () => whole(read(content(11))), 'body: is written by protobuf; only Hessian'],
    ['in another way', () => whole(read(content(99))), 'body: is written by codec 99'],
    [
      'without content',
      () => whole(read(boltBytes({ kind: 'request', id: 1 }))),
      'body: is no Hessian',
    ],
    [
      'of another class',
      () => whole(read(boltBytes({ kind: 'request', id: 1, content: hex('01 61') }))),
      `body: is no object instead of ${REQUEST}`,
    ],
    [
      'of no service',
      () => said({ targetServiceUniqueName: 'a:1.0' }),
      'service: no service "a:1.0" is declared; there is shop.Stock:1.0, com.nodejs',
    ],
    [
      'of no method',
      () => said({ methodName: 'sell' }),
      'method: no method "sell" of shop.Stock is declared; there is plus',
    ],
    ['with too few arguments', () => said({}, [1]), 'arguments: are 1; "plus" takes 2'],
    [
      'with types that are none',
      () => said({ methodArgSigs: 'int' }),
      'arguments: come without a list of their types',
    ],
    [
      'with a wrong argument',
      () => said({}, [1, 'two']),
      'arguments.b: must be a whole number (i32)',
    ],
    [
      'that ends too early',
      () => said({ methodArgSigs: ['int', 'int'] }, [1]),
      'arguments: is no Hessian',
    ],
  ]
  it.each(cases)('%s', (_name, make, sentence) => {
    expect(() => tongue.readCall(make())).toThrow(sentence)
  })

  it('with more headers than a frame has room for', () => {
    const headers = new Map([['long', 'x'.repeat(33_000)]])
    expect(() => tongue.writeCall(callOf('hello', ['x'], { headers }))).toThrow(/^headers: take 33/)
  })

  it('for what is missing', () => {
    expect(() => tongue.writeCall(callOf('plus', [1]))).toThrow('arguments.b: is missing')
  })
})

describe('an answer', () => {
  const put = callOf('put', [apple, 1])
  const headers = new Map([['trace', 'abc']])

  it.each<[string, CommonAnswer & { kind: 'value' | 'exception' }]>([
    ['a value', { kind: 'value', value: apple, headers: new Map() }],
    ['a value and headers', { kind: 'value', value: bare('cox'), headers }],
    ['null', { kind: 'value', value: null, headers: new Map() }],
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
  ])('of %s comes as it was said, in the version of its request', (_name, answer) => {
    for (const [name, key] of [
      ['request-v1', 0x100],
      ['request-v2', 0x201],
      ['request-v2-crc', 0x202],
    ] as const) {
      const ask = read(Buffer.from(vectors.get(name)!))
      const told = again(tongue.writeAnswer(answer, put, ask))
      expect(told.frame).toMatchObject({ kind: FrameKind.Response, id: ask.id })
      expect(boltCodec.poolKey(told.frame)).toBe(key)
      expect(boltCodec.status(told.frame)).toBe(200)
      expect(plain(tongue.readAnswer(told, put))).toEqual(plain(answer))
    }
  })

  it('captured from sofa-rpc-node is understood', () => {
    const plus = callOf('plus', [1, 2], { service: captured })
    const told = tongue.readAnswer(whole(read(Buffer.from(vectors.get('response-v1')!))), plus)
    expect(told).toEqual({ kind: 'value', value: 3, headers: new Map() })
  })

  it('that is no result is a failure, in the words of HTTP', () => {
    const ask = read(Buffer.from(vectors.get('request-v1')!))
    const exception = { detailMessage: 'Error: boom', stackTrace: [], cause: null }
    const content = (it: unknown) => new HessianWriter('draft').write(it).bytes()
    const cases: [Frame, number, string][] = [
      [
        boltCodec.reply(ask, Outcome.Timeout, 'hop: upstream: too slow', 504),
        504,
        'hop: upstream: too slow',
      ],
      [read(Buffer.from(vectors.get('no-processor-v1')!)), 500, 'the host answered status 6'],
      [
        failed(
          2,
          content(typed('com.alipay.remoting.rpc.exception.RpcServerException', exception)),
        ),
        500,
        'Error: boom',
      ],
      [failed(4, content('busy')), 503, 'busy'],
      [failed(4, hex('40')), 503, 'the host answered status 4'],
      [
        failed(
          0,
          content(
            typed(RESPONSE, { isError: true, errorMsg: 'no such service', appResponse: null }),
          ),
        ),
        500,
        'no such service',
      ],
    ]
    for (const [frame, status, text] of cases)
      expect(tongue.readAnswer(whole(frame), put)).toEqual({
        kind: 'failure',
        status,
        message: text,
      })
  })

  it('of a wrong type says so', () => {
    const response = typed(RESPONSE, { isError: false, errorMsg: null, appResponse: 'text' })
    const frame = failed(0, new HessianWriter('draft').write(response).bytes())
    expect(() => tongue.readAnswer(whole(frame), put)).toThrow('result: must be a Item, not "text"')
  })
})

describe('SOFARPC in Java', () => {
  const captured = (name: string): WholeMessage => whole(read(Buffer.from(vectors.get(name)!)))

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

describe('a provider of sofa-rpc-node', () => {
  it('understands calls, and its answers are understood', async () => {
    const heard: unknown[] = []
    const provider = await startSofaProvider('shop.Stock', {
      plus: async (a: number, b: number) => a + b,
      hello: async (name: string) => `hello ${name}`,
      put: async (one: Record<string, unknown>, count: unknown) => {
        heard.push(one, count)
        const $ = {
          sku: one.sku,
          count: 4,
          parts: [{ $class: 'shop.Item', $: { sku: 'core', count: 1, parts: null } }],
        }
        return { $class: 'shop.Item', $ }
      },
      fail: async (why: string) => {
        throw new Error(why)
      },
    })
    stage.later(() => provider.close())
    const asked = (call: CommonCall) => ask(speaker, provider.port, call)
    expect(await asked(callOf('plus', [40, 2]))).toMatchObject({ kind: 'value', value: 42 })
    expect(await asked(callOf('hello', ['Äpfel']))).toMatchObject({ value: 'hello Äpfel' })
    const answer = await asked(callOf('put', [apple, 7]))
    expect(plain(answer)).toMatchObject({
      value: { sku: 'cox 🍎', count: 4, parts: [{ sku: 'core', count: 1, parts: null }] },
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

describe('a consumer of sofa-rpc-node', () => {
  it('is understood, and understands answers', async () => {
    const heard: CommonCall[] = []
    const port = await startHost(speaker, (call) => {
      heard.push(call)
      if (call.method.name === 'fail')
        return {
          kind: 'exception',
          type: 'shop.SoldOut',
          message: 'none left',
          detail: null,
          headers: new Map(),
        }
      const result = call.method.name === 'plus' ? 3 : { ...bare('pear'), total: 5 }
      return { kind: 'value', value: result, headers: new Map([['zone', 'east']]) }
    })
    const consumer = await connectSofaConsumer('shop.Stock', port)
    stage.later(() => consumer.close())
    expect(await consumer.invoke('plus', [1, 2])).toBe(3)
    const put = [
      { $class: 'shop.Item', $: { sku: 'cox', count: 3 } },
      { $class: 'long', $: 9 },
    ]
    expect(await consumer.invoke('put', put)).toMatchObject({ sku: 'pear', total: 5 })
    await expect(consumer.invoke('fail', ['why'])).rejects.toThrow('none left')
    expect(heard.map(({ args }) => plain(args))).toEqual([
      [1, 2],
      [{ sku: 'cox', count: 3 }, 9],
      ['why'],
    ])
    expect(heard[0]).toMatchObject({ service: stock, timeoutMs: 3000 })
  })
})

/** An answer of this status. */
function failed(status: number, content: Buffer): Frame {
  return read(boltBytes({ kind: 'response', id: 1, status, className: RESPONSE, content }))
}
