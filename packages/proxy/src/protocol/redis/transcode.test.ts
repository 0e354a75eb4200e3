import type { Method, ServiceInterface, ValueType } from '@tulle/model'
import { describe, expect, it } from 'vitest'
import { type CommonAnswer, type Tongue, Untranslatable, type Value } from '../../transcoder.ts'
import { encodeCommand } from './inline.ts'
import { parseCommand } from './message.ts'
import { redis } from './redis.ts'
import { answer } from './reply.ts'

const of = (kind: string): ValueType => ({ kind }) as ValueType

function method(name: string, parameters: Record<string, ValueType>, returns: ValueType): Method {
  return {
    name,
    names: {},
    parameters: Object.entries(parameters).map(([one, type], i) => ({
      name: one,
      type,
      id: i + 1,
      java: '',
    })),
    returns,
    throws: [],
    oneway: false,
    http: null,
  }
}

const stock: ServiceInterface = {
  name: 'com.shop.Stock',
  version: '',
  group: '',
  names: {},
  structs: new Map([
    [
      'Item',
      { name: 'Item', java: '', fields: [{ name: 'sku', type: of('string'), id: 1, java: '' }] },
    ],
  ]),
  methods: [
    method('count', { sku: of('i64'), colour: of('string') }, of('i64')),
    method('name', {}, of('string')),
    method('picture', { small: of('bool') }, of('bytes')),
    method('find', { tags: { kind: 'list', of: of('string') } }, { kind: 'struct', name: 'Item' }),
    method('weigh', { item: { kind: 'struct', name: 'Item' }, at: of('date') }, of('double')),
  ],
}
const basket: ServiceInterface = { ...stock, name: 'Basket', names: { redis: 'b' } }

async function tongue(...services: ServiceInterface[]): Promise<Tongue> {
  const result = (await redis.transcoder!()).configure(services, 'services')
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result.value
}

function command(...words: string[]): {
  frame: NonNullable<ReturnType<typeof parseCommand>>
  body: null
  trailers: null
} {
  const bytes = encodeCommand(words.map((word) => Buffer.from(word)))
  return { frame: parseCommand(redis, bytes)!, body: null, trailers: null }
}

function said(text: string): { frame: ReturnType<typeof answer>; body: null; trailers: null } {
  return { frame: answer(redis, Buffer.from(text, 'latin1')), body: null, trailers: null }
}

const headers = new Map<string, string>()

describe('a call', () => {
  it.each<[string[], string, Value[]]>([
    [['com.shop.Stock/count?sku=7&colour=deep%20red'], 'count', [7, 'deep red']],
    [['com.shop.Stock/count?sku=9223372036854775807'], 'count', [9223372036854775807n, null]],
    [['com.shop.Stock/count {"sku": 7}'], 'count', [7, null]],
    [['com.shop.Stock/count{"sku":"7"}'], 'count', [7, null]],
    [['com.shop.Stock/count[7,"red"]'], 'count', [7, 'red']],
    [['com.shop.Stock/count', '{"colour":"red?"}'], 'count', [null, 'red?']],
    [['com.shop.Stock/name'], 'name', []],
    [['b/name'], 'name', []],
    [['com.shop.Stock/picture?small=true'], 'picture', [true]],
    [['com.shop.Stock/find?tags=a&tags=b'], 'find', [['a', 'b']]],
    [['com.shop.Stock/find?tags=%5B%22a%22%5D'], 'find', [['a']]],
    [
      ['com.shop.Stock/weigh?item=%7B%22sku%22%3A%22x%22%7D&at=2026-01-02T00%3A00%3A00Z'],
      'weigh',
      [{ sku: 'x' }, new Date(Date.UTC(2026, 0, 2))],
    ],
  ])('GET %j is %s with %s', async (words, name, args) => {
    const call = (await tongue(stock, basket)).readCall(command('GET', ...words))
    expect(call.method.name).toBe(name)
    expect(call.args).toEqual(args)
    expect([call.oneway, call.timeoutMs, call.headers.size]).toEqual([false, 0, 0])
  })

  it.each<[string[], string, number]>([
    [
      ['SET', 'com.shop.Stock/count', '1'],
      "command: unknown command 'SET' with 2 arguments; GET service/method is a call",
      400,
    ],
    [['GET'], "command: unknown command 'GET' with 0 arguments; GET service/method is a call", 400],
    [['GET', 'counter'], 'key: "counter" is not service/method', 400],
    [
      ['GET', 'com.shop.Lost/count'],
      'key: no service "com.shop.Lost"; there is com.shop.Stock',
      404,
    ],
    [
      ['GET', 'com.shop.Stock/lost'],
      'key: no method "lost"; there is count, name, picture, find, weigh',
      404,
    ],
    [
      ['GET', 'com.shop.Stock/count?size=1'],
      'arguments.size: no such parameter; there is sku, colour',
      400,
    ],
    [['GET', 'com.shop.Stock/count[1,2,3]'], 'arguments: there are 3; the method has 2', 400],
    [
      ['GET', 'com.shop.Stock/count', '7'],
      'arguments: must be an object of the parameters, or a list of them',
      400,
    ],
    [['GET', 'com.shop.Stock/count[1]', '[1]'], 'arguments: are written twice', 400],
    [
      ['GET', 'com.shop.Stock/count?sku=1', '[1]'],
      'arguments: stand behind the question mark or as JSON, not both',
      400,
    ],
  ])('%j is refused: %s', async (words, message, status) => {
    const it = await tongue(stock)
    const refusal = failure(() => it.readCall(command(...words)))
    expect([refusal.message, refusal.status]).toEqual([message, status])
  })

  it('names the argument that does not fit', async () => {
    const it = await tongue(stock)
    const wrong = failure(() => it.readCall(command('GET', 'com.shop.Stock/count?sku=many')))
    expect(wrong.field).toBe('arguments.sku')
    const broken = failure(() => it.readCall(command('GET', 'com.shop.Stock/count', '{"sku":')))
    expect(broken.field).toBe('arguments')
  })

  it('is written so that it can be read', async () => {
    const it = await tongue(basket)
    for (const [name, args] of [
      ['count', [9223372036854775807n, 'red']],
      ['name', []],
      ['weigh', [{ sku: 'x' }, new Date(0)]],
    ] as const) {
      const one = basket.methods.find((each) => each.name === name)!
      const call = { service: basket, method: one, args, headers, timeoutMs: 0, oneway: false }
      expect(it.readCall(it.writeCall(call)).args).toEqual(args)
    }
  })

  it('is for one service by each name', async () => {
    const twin = { ...stock, version: '2' }
    const result = (await redis.transcoder!()).configure([stock, twin], 'clusters[0].services')
    expect(result).toEqual({
      ok: false,
      problems: [
        {
          at: 'clusters[0].services[1].name',
          what: '"com.shop.Stock" is the name in redis of another service, too',
        },
      ],
    })
  })
})

describe('an answer', () => {
  it.each<[string, string, Value]>([
    ['count', '$1\r\n7\r\n', 7],
    ['count', ':7\r\n', 7],
    ['count', '(9223372036854775807\r\n', 9223372036854775807n],
    ['count', '$-1\r\n', null],
    ['count', '_\r\n', null],
    ['name', '+OK\r\n', 'OK'],
    ['name', '=6\r\ntxt:hi\r\n', 'hi'],
    ['name', '$0\r\n\r\n', ''],
    ['picture', '$2\r\n\x00\xff\r\n', Buffer.from([0, 255])],
    ['find', '$11\r\n{"sku":"x"}\r\n', { sku: 'x' }],
    ['weigh', ',1.5\r\n', 1.5],
  ])('to %s that says %j is %s', async (name, text, value) => {
    const one = stock.methods.find((each) => each.name === name)!
    const call = { service: stock, method: one, args: [], headers, timeoutMs: 0, oneway: false }
    const it = await tongue(stock)
    expect(it.readAnswer(said(text), call)).toMatchObject({ kind: 'value', value })
  })

  it.each<[string, Partial<CommonAnswer>]>([
    [
      '-ERR com.shop.SoldOut: no more: sorry\r\n',
      { kind: 'exception', type: 'com.shop.SoldOut', message: 'no more: sorry' },
    ],
    ['-ERR unknown: yes\r\n', { kind: 'exception', type: '', message: 'unknown: yes' }],
    ['!5\r\nERR x\r\n', { kind: 'exception', type: '', message: 'x' }],
    ['-LOADING wait\r\n', { kind: 'failure', status: 503, message: 'LOADING wait' }],
  ])('that says %j is %j', async (text, wanted) => {
    const one = stock.methods[0]!
    const call = { service: stock, method: one, args: [], headers, timeoutMs: 0, oneway: false }
    expect((await tongue(stock)).readAnswer(said(text), call)).toMatchObject(wanted)
  })

  it('that is a list is no value', async () => {
    const one = stock.methods[0]!
    const call = { service: stock, method: one, args: [], headers, timeoutMs: 0, oneway: false }
    const it = await tongue(stock)
    expect(failure(() => it.readAnswer(said('*1\r\n:1\r\n'), call)).message).toContain('list')
    expect(failure(() => it.readAnswer(said('%0\r\n'), call)).message).toContain('collection')
  })

  it.each<[Value, string]>([
    ['text as it is', '$13\r\ntext as it is\r\n'],
    [Buffer.from('bytes'), '$5\r\nbytes\r\n'],
    [7, '$1\r\n7\r\n'],
    [9223372036854775807n, '$19\r\n9223372036854775807\r\n'],
    [{ sku: 'x', when: new Date(0) }, '$45\r\n{"sku":"x","when":"1970-01-01T00:00:00.000Z"}\r\n'],
    [null, '$-1\r\n'],
  ])('%s is written as %j', async (value, text) => {
    const it = await tongue(stock)
    const request = command('GET', 'com.shop.Stock/name')
    const call = it.readCall(request)
    const written = it.writeAnswer({ kind: 'value', value, headers }, call, request.frame)
    expect(written.frame.buf.toString()).toBe(text)
  })

  it('that is an exception is an error of one line', async () => {
    const it = await tongue(stock)
    const request = command('GET', 'com.shop.Stock/name')
    const thrown = { kind: 'exception', detail: null, headers } as const
    const write = (type: string, message: string): string =>
      it
        .writeAnswer({ ...thrown, type, message }, it.readCall(request), request.frame)
        .frame.buf.toString()
    expect(write('com.shop.SoldOut', 'no\nmore')).toBe('-ERR com.shop.SoldOut: no more\r\n')
    expect(write('', 'oh')).toBe('-ERR oh\r\n')
  })
})

function failure(attempt: () => unknown): Untranslatable {
  try {
    attempt()
  } catch (error) {
    if (error instanceof Untranslatable) return error
    throw error
  }
  throw new Error('it was not refused')
}
