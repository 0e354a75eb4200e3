import type { ServiceInterface } from '@tulle/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Frame, FrameKind } from '../../frame.ts'
import {
  type CommonAnswer,
  Untranslatable,
  type Value,
  type WholeMessage,
  whole,
} from '../../transcoder.ts'
import { answerOf, frameOf, requestOf } from './harness.ts'
import { tars, tarsCodec } from './tars.ts'
import {
  apple,
  callOf,
  list,
  map,
  members,
  method,
  plain,
  service,
  stock,
  struct,
  tongueOf,
} from './tongue-harness.ts'
import { tarsTranscoder } from './transcode.ts'

const tongue = tongueOf(stock)

/** As the other side gets it. */
function sent({ frame }: WholeMessage): Frame {
  return frameOf(Buffer.from(frame.buf.subarray(frame.start, frame.end)))
}

/** The arguments of a call that was written and read again. */
function again(name: string, args: readonly Value[]): readonly Value[] {
  return tongue.readCall(whole(sent(tongue.writeCall(callOf(name, args))))).args
}

function resultAgain(name: string, value: Value, version = 1): Frame {
  const asked = requestOf({ version, method: name, id: 7 })
  const answer = { kind: 'value' as const, value, headers: new Map<string, string>() }
  return sent(tongue.writeAnswer(answer, callOf(name, []), asked))
}

function problem(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(Untranslatable)
    return (error as Error).message
  }
  return expect.unreachable('nothing was thrown')
}

describe('a call', () => {
  it('is a packet for the servant by the name it has in Tars', () => {
    const headers = new Map([['zone', 'east']])
    const { frame } = tongue.writeCall(callOf('hello', ['bob'], { headers, timeoutMs: 1500.5 }))
    expect([frame.kind, frame.buf[5]]).toEqual([FrameKind.Request, 1])
    expect(tarsCodec.service(frame)).toBe('Shop.Stock.StockObj')
    expect(tarsCodec.method(frame)).toBe('hello')
    expect(tarsCodec.timeoutMs(frame)).toBe(1501)
    expect(tarsCodec.header(frame, 'zone')).toBe('east')
    expect(frame.buf.toString('hex')).toContain('7d000005' + '1603626f62')
  })

  it('is read as what it was', () => {
    const headers = new Map([['zone', 'east']])
    const said = callOf('plus', [2, 1], { headers, timeoutMs: 1500 })
    expect(tongue.readCall(whole(sent(tongue.writeCall(said))))).toEqual(said)
  })

  it('that nobody answers is one-way', () => {
    const { frame } = tongue.writeCall(callOf('tell', ['news']))
    expect(sent(whole(frame)).kind).toBe(FrameKind.Oneway)
    expect(tongue.readCall(whole(frame)).oneway).toBe(true)
    expect(tongue.writeCall(callOf('hello', ['x'], { oneway: true })).frame.kind).toBe(
      FrameKind.Oneway,
    )
  })

  it('has its arguments in the order of their numbers', () => {
    const { frame } = tongue.writeCall(callOf('plus', [2, 1]))
    expect(frame.buf.toString('hex')).toContain('7d000004' + '10012002')
  })

  it('takes values of every type', () => {
    expect(plain(again('turn', [apple, 3])[0])).toEqual(plain(apple))
  })

  it('leaves out the fields of a struct that are null', () => {
    const item = { sku: 'a', sold: false, next: null }
    expect(plain(again('turn', [item, 1])[0])).toEqual(plain({ sku: 'a', sold: false }))
  })

  it('has null for what its caller left out', () => {
    const frame = requestOf({ method: 'turn', bytes: Buffer.from([0x1a, 0x0b]) })
    const { args } = tongue.readCall(whole(frame))
    expect([plain(args[0]), args[1]]).toEqual([new Map(), null])
  })

  it.each<[string, readonly Value[], string]>([
    ['hello', [null], 'arguments.name: is missing, and Tars cannot say null'],
    ['hello', [], 'arguments.name: is missing, and Tars cannot say null'],
    ['all', [['a', null]], 'arguments.names[1]: is missing, and Tars cannot say null'],
    ['marks', [{ '1': ['a'], '2': [null] }], 'arguments.of.2[0]: is missing'],
    [
      'turn',
      [{ next: { parts: [{ name: 'a' }, null] } }, 1],
      'arguments.item.next.parts[1]: is missing',
    ],
  ])('of %s that cannot be said tells which part: %j', (name, args, sentence) => {
    expect(problem(() => tongue.writeCall(callOf(name, args)))).toContain(sentence)
  })

  it('has the names that its service and its method have in Tars', () => {
    const plus = { ...method('plus', members(['a', 'i32'])), names: { tars: 'addiere' } }
    const named = service([plus])
    const { frame } = tongueOf(named).writeCall({
      ...callOf('plus', [1]),
      service: named,
      method: plus,
    })
    expect(tarsCodec.service(frame)).toBe('Shop.Stock.StockObj')
    expect(tarsCodec.method(frame)).toBe('addiere')
    const call = tongueOf(named).readCall(whole(frame))
    expect(call).toMatchObject({ service: named, method: plus, args: [1] })
  })

  it('of any values comes back', () => {
    const text = fc.string({ unit: 'grapheme' })
    const part = fc.record({ name: text, grams: fc.double({ noNaN: true }).map((n) => n + 0) })
    const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const whole64 = big.map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n))
    const item = fc.record(
      {
        sku: text,
        sold: fc.boolean(),
        i8: fc.integer({ min: -128, max: 127 }),
        i16: fc.integer({ min: -32_768, max: 32_767 }),
        i32: fc.integer(),
        i64: whole64,
        float: fc.float({ noNaN: true }).map((n) => n + 0),
        double: fc.double({ noNaN: true }).map((n) => n + 0),
        photo: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        tags: fc.array(text),
        marks: fc.dictionary(text, fc.integer()),
        byNumber: fc.dictionary(big.map(String), part),
        parts: fc.array(part),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(item, whole64, (value, times) => {
        const [back, number] = again('turn', [value as Value, times])
        expect([plain(back), number]).toEqual([plain(value), times])
      }),
    )
  })

  it.each([
    [
      { servant: 'Shop.Stock.Nobody', method: 'hello' },
      'service: no service "Shop.Stock.Nobody" is declared; there is Shop.Stock.StockObj',
    ],
    [
      { method: 'steal' },
      'method: no method "steal" of com.shop.Stock is declared; there is hello, plus,',
    ],
  ])('of nothing declared is a 404: %j', (packet, sentence) => {
    const frame = requestOf(packet)
    expect(problem(() => tongue.readCall(whole(frame)))).toContain(sentence)
    expect(() => tongue.readCall(whole(frame))).toThrow(expect.objectContaining({ status: 404 }))
  })

  it.each([
    ['a number for a text', 'hello', '10 07', 'arguments.name: is no string: '],
    ['a text for a number', 'plus', '16 01 61', 'arguments.a: is no i32: '],
    ['a number too wide', 'turn', '1a 23 00 00 00 00 00 00 00 01 0b', 'item.i8: is no i8: '],
    ['a map for a list', 'all', '18 0c', 'arguments.names: is no list: '],
    ['a number in a list of texts', 'all', '19 00 02 06 01 61 00 07', 'names[1]: is no string: '],
    ['a hole in a list', 'all', '19 00 02 06 01 61 16 01 62', 'arguments.names[1]: is missing'],
    ['text for a key', 'marks', '18 00 01 06 01 61 19 0c', 'arguments.of: is no i32: '],
    ['text in a part', 'turn', '1a c9 00 01 0a 16 01 61 0b 0b', 'parts[0].grams: is no double: '],
    ['a text longer than all', 'hello', '17 ff ff ff ff 61', 'arguments: is not written in Tars'],
    ['a list longer than all', 'all', '19 02 7f ff ff ff 06 01', 'arguments: is not written in'],
    ['a struct without end', 'turn', '1a 0c', 'arguments: is not written in Tars'],
    ['structs without number', 'turn', '1a '.repeat(5000), 'arguments: is not written in Tars'],
  ])('with %s instead is told which part', (_name, called, body, sentence) => {
    const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex')
    const frame = requestOf({ method: called, bytes })
    expect(problem(() => tongue.readCall(whole(frame)))).toContain(sentence)
  })

  it('without bytes has no arguments', () => {
    expect(tongue.readCall(whole(requestOf({ method: 'hello' }))).args).toEqual([null])
  })
})

describe('a call of TUP', () => {
  const tup = (hex: string, version = 3) =>
    whole(
      requestOf({ version, method: 'plus', bytes: Buffer.from(hex.replaceAll(' ', ''), 'hex') }),
    )

  it('has its arguments by their names', () => {
    const body = '08 00 02 06 01 62 1d 00 00 02 00 02 06 01 61 1d 00 00 02 00 01'
    expect(tongue.readCall(tup(body)).args).toEqual([2, 1])
    expect(tongue.readCall(tup('08 0c')).args).toEqual([null, null])
  })

  it.each([
    ['no map', '0c', 'arguments: have no attributes that can be read'],
    ['nothing', '', 'arguments: have no attributes that can be read'],
    ['fewer than it says', '08 00 02 06 01 61 1d 00 0c', 'arguments: have no attributes'],
    ['a text for bytes', '08 00 01 06 01 61 16 01 61', 'arguments: have no attributes'],
    ['a length that lies', '08 00 01 06 01 61 1d 00 01 7f ff 00', 'arguments: have no attributes'],
    ['a text inside', '08 00 01 06 01 61 1d 00 00 03 06 01 61', 'arguments.a: is no i32: '],
    ['rubbish inside', '08 00 01 06 01 61 1d 00 00 01 0e', 'arguments.a: is not written in Tars'],
  ])('with %s is told so', (_name, body, sentence) => {
    expect(problem(() => tongue.readCall(tup(body)))).toContain(sentence)
  })

  it('of the version before is not read', () => {
    expect(problem(() => tongue.readCall(tup('08 0c', 2)))).toBe(
      'body: is TUP of version 2; only 3 is known here',
    )
  })

  it('is answered in its form, with the result under no name', () => {
    const answer = resultAgain('plus', 3, 3)
    expect(tarsCodec.asAnswer!(answer)).not.toBeNull()
    expect(answer.buf.toString('hex')).toContain('7d00000b' + '0800010600' + '1d0000020003')
    expect(resultAgain('fail', null, 3).buf.toString('hex')).toContain('7d000002080c')
  })
})

describe('a call with JSON', () => {
  const json = (text: string) =>
    whole(requestOf({ version: 5, method: 'plus', bytes: Buffer.from(text) }))

  it('has its arguments by their names', () => {
    expect(tongue.readCall(json('{"a":1,"b":2}')).args).toEqual([2, 1])
  })

  it.each([
    ['{', 'arguments: is no JSON'],
    ['[1]', 'arguments: are no object'],
    ['{"a":"x"}', 'arguments.a: must be a whole number (i32), not "x"'],
  ])('that is %s is told so', (text, sentence) => {
    expect(problem(() => tongue.readCall(json(text)))).toContain(sentence)
  })

  it('is answered with JSON', () => {
    expect(resultAgain('plus', 3, 5).buf.toString('latin1')).toContain('{"tars_ret":3}')
    expect(resultAgain('fail', null, 5).buf.toString('latin1')).toContain('{}')
  })
})

describe('an answer', () => {
  const read = (frame: Frame, name = 'turn') => tongue.readAnswer(whole(frame), callOf(name, []))

  it('has the value, and headers', () => {
    const asked = requestOf({ method: 'turn', id: -9 })
    const headers = new Map([['via', 'tulle']])
    const said = { kind: 'value' as const, value: apple, headers }
    const frame = sent(tongue.writeAnswer(said, callOf('turn', []), asked))
    expect([frame.id, frame.kind]).toEqual([-9, FrameKind.Response])
    const heard = read(frame) as Extract<CommonAnswer, { kind: 'value' }>
    expect([plain(heard.value), heard.headers]).toEqual([plain(apple), headers])
  })

  it.each<[string, Value]>([
    ['hello', 'hello bob'],
    ['hello', ''],
    ['hello', null],
    ['plus', -1],
    ['marks', { '9007199254740993': 0.5 }],
    ['all', [{ sku: 'a' }, { sku: 'b' }]],
    ['fail', null],
  ])('of %s is read as it was written: %j', (name, value) => {
    const heard = read(resultAgain(name, value), name) as Extract<CommonAnswer, { kind: 'value' }>
    expect([heard.kind, plain(heard.value)]).toEqual(['value', plain(value)])
  })

  it('without a value says nothing, whatever the bytes are', () => {
    const bytes = Buffer.from('0c', 'hex')
    expect(read(answerOf({ bytes }), 'fail')).toMatchObject({ kind: 'value', value: null })
  })

  it('that cannot be said tells which part', () => {
    const said = { kind: 'value' as const, value: [{ tags: ['a', null] }], headers: new Map() }
    expect(
      problem(() => tongue.writeAnswer(said, callOf('all', []), requestOf({ method: 'all' }))),
    ).toContain('result[0].tags[1]: is missing')
  })

  it('that cannot be read tells which part', () => {
    const bytes = Buffer.from('090001' + '0a' + '1007' + '0b', 'hex')
    expect(problem(() => read(answerOf({ bytes }), 'all'))).toContain('result[0].sku: is no string')
    const tup = frameOf(requestOf({ version: 3 }).buf)
    expect(problem(() => read(tarsCodec.asAnswer!(tup)!))).toContain('in the form of TUP')
  })

  it.each([
    [-3, 404, 'no such function'],
    [-7, 504, ''],
    [-9, 503, 'busy'],
  ])('of result %i is a failure', (result, status, description) => {
    expect(read(answerOf({ result, description }))).toEqual({
      kind: 'failure',
      status,
      message: description || `result ${result}`,
    })
  })

  it.each([
    [17, 17],
    [1, 1],
    [-99, null],
  ])('of result %i is an exception', (result, detail) => {
    expect(read(answerOf({ result, description: 'out of apples' }))).toMatchObject({
      kind: 'exception',
      type: '',
      message: 'out of apples',
      detail,
    })
  })

  it.each<[string, Value, string, number, string]>([
    ['', 17, 'out of apples', 17, 'out of apples'],
    ['', null, 'out of apples', -99, 'out of apples'],
    ['', 0, 'x', -99, 'x'],
    ['', -3, 'x', -99, 'x'],
    ['', 1.5, 'x', -99, 'x'],
    ['shop.SoldOut', { left: 0 }, 'out of apples', -99, 'shop.SoldOut: out of apples'],
    ['shop.SoldOut', null, '', -99, 'shop.SoldOut'],
  ])('that is an exception (%s, %j) has a result for it', (type, detail, message, code, said) => {
    const headers = new Map([['via', 'tulle']])
    const answer = { kind: 'exception' as const, type, message, detail, headers }
    for (const version of [1, 3, 5]) {
      const asked = requestOf({ version, method: 'fail', id: 3 })
      const frame = sent(tongue.writeAnswer(answer, callOf('fail', []), asked))
      expect(frame.id).toBe(3)
      expect(tarsCodec.header(frame, 'via')).toBe('tulle')
      if (version === 3) {
        expect(tarsCodec.header(frame, 'STATUS_RESULT_CODE')).toBe(String(code))
        expect(tarsCodec.header(frame, 'STATUS_RESULT_DESC')).toBe(said)
      } else expect(read(frame)).toMatchObject({ kind: 'exception', message: said })
    }
  })
})

describe('services that Tars cannot say', () => {
  const problems = (one: ServiceInterface) => {
    const made = tarsTranscoder(tars).configure([stock, one], 'clusters[0].services')
    return made.ok ? [] : made.problems.map(({ at, what }) => `${at}: ${what}`)
  }

  it.each([
    [
      service([method('m', members(['a', 'any']))]),
      '.methods[0].parameters[0].type: Tars has no type for "any"',
    ],
    [service([method('m', [], 'any')]), '.methods[0].returns: Tars has no type for "any"'],
    [service([method('m', [], 'date')]), '.methods[0].returns: Tars has no type for "date"'],
    [
      service([method('m', members(['x', 'i8'], ['a', list(map('string', 'any'))]))]),
      '.methods[0].parameters[1].type: Tars has no type for "any"',
    ],
    [
      service([method('m', [])], { S: members(['x', list('void')]) }),
      '.structs.S.fields[0].type: Tars has no type for "void"',
    ],
    [
      service([method('m', [], map(struct('S'), 'i8'))], { S: [] }),
      '.methods[0].returns: "struct" cannot be the key of a map',
    ],
    [
      service([method('m', members(['a', 'i8', 2], ['b', 'i8', 2]))]),
      '.methods[0].parameters[1].id: is that of "a" too',
    ],
    [
      service([method('m', members(['a', 'i8', 256]))]),
      '.methods[0].parameters[0].id: is above what Tars has tags for (255)',
    ],
    [
      service([method('m', [])], { S: members(['a', 'i8', 256], ['b', 'i8', 257]) }),
      '.structs.S.fields[1].id: is above what Tars has tags for (255)',
    ],
  ])('are refused with the place', (one, sentence) => {
    expect(problems(one)).toEqual([`clusters[0].services[1]${sentence}`])
  })

  it('are none of those that it can', () => {
    expect(problems(service([method('m', [], map('bool', 'bytes'))]))).toEqual([])
  })
})
