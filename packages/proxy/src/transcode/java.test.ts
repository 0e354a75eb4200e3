import { createRequire } from 'node:module'
import type { ValueType } from '@tulle/model'
import { hex } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Untranslatable, type Value } from '../transcoder.ts'
import { type Dialect, HessianReader, HessianWriter, JavaObject } from './hessian.ts'
import { throwable, thrown } from './java-exception.ts'
import { apple, callOf, item, plain, stock } from './java-harness.ts'
import { fromJava } from './java-read.ts'
import { javaType, jvmType, needClasses } from './java-type.ts'
import { JavaWriting } from './java-write.ts'

const dialects: readonly Dialect[] = ['final', 'draft']
const { structs } = stock

/** What a foreign reader makes of bytes, with the class of each object. */
const foreign = createRequire(import.meta.url)
const libraries: Readonly<
  Record<Dialect, { decode(bytes: Buffer, version: '2.0', types: true): unknown }>
> = {
  final: foreign('hessian.js'),
  draft: foreign('hessian.js-1'),
}

function bytesOf(dialect: Dialect, ...values: unknown[]): Buffer {
  const writer = new HessianWriter(dialect)
  for (const one of values) writer.write(one)
  return writer.bytes()
}

function there(dialect: Dialect, value: Value, type: ValueType, java = ''): unknown {
  const bytes = bytesOf(dialect, new JavaWriting(structs).value(value, type, java))
  return plain(fromJava(new HessianReader(dialect, bytes).read('x'), type, structs, 'x'))
}

const of = (kind: ValueType['kind']): ValueType => ({ kind }) as ValueType
const list = (one: ValueType): ValueType => ({ kind: 'list', of: one })
const map = (key: ValueType, value: ValueType): ValueType => ({ kind: 'map', key, value })

describe.each(dialects)('Hessian, %s', (dialect) => {
  it.each<[Value, ValueType, string]>([
    [null, of('string'), ''],
    [true, of('bool'), ''],
    [-128, of('i8'), ''],
    [32_767, of('i16'), ''],
    [-2_147_483_648, of('i32'), ''],
    [9, of('i32'), 'java.lang.Long'],
    [2 ** 53 - 1, of('i64'), ''],
    [2n ** 63n - 1n, of('i64'), ''],
    [-(2n ** 63n), of('i64'), ''],
    [1, of('float'), ''],
    [-0.001, of('double'), ''],
    [1e300, of('double'), ''],
    ['', of('string'), ''],
    ['苹果 🍎', of('string'), ''],
    ['x'.repeat(70_000), of('string'), ''],
    ['12.50', of('string'), 'java.math.BigDecimal'],
    ['RED', of('string'), 'shop.Color'],
    [12.5, of('double'), 'java.math.BigDecimal'],
    [Buffer.alloc(70_000, 7), of('bytes'), ''],
    [new Date(1_234_567_890_123), of('date'), ''],
    [[], list(of('i32')), ''],
    [['a', null], list(of('string')), 'java.lang.String[]'],
    [['a', 'b'], list(of('string')), 'java.util.Set<java.lang.String>'],
    [[1, 2 ** 40], list(of('i64')), 'java.util.List<java.lang.Long>'],
    [[[1], []], list(list(of('i32'))), ''],
    [{ a: 1, b: null }, map(of('string'), of('i32')), ''],
    [{ 5: 'five' }, map(of('i64'), of('string')), ''],
    [apple, item, ''],
    [[apple, null, apple], list(item), ''],
    [{ list: [1, 'a', null, { b: true }], long: 2n ** 60n, real: 0.5 }, of('any'), ''],
  ])('%o is itself again as %o %s', (value, type, java) => {
    const back = there(dialect, value, type, java)
    expect(back).toEqual(plain(value))
  })

  it('is read by others as the classes that were declared', () => {
    const value = new JavaWriting(structs).value(apple, item)
    const read = libraries[dialect].decode(bytesOf(dialect, value), '2.0', true) as {
      $class: string
      $: Record<string, unknown>
    }
    expect(read.$class).toBe('shop.Item')
    expect(Object.keys(read.$)).toEqual(structs.get('Item')!.fields.map(({ name }) => name))
    expect(read.$).toMatchObject({
      color: { $class: 'shop.Color', $: { name: 'RED' } },
      cost: { $class: 'java.math.BigDecimal', $: { value: '12.50' } },
      tags: { $class: 'java.util.HashSet' },
    })
  })

  it('keeps the kind of number that was declared, whatever the number is', () => {
    const writing = new JavaWriting(structs)
    const kinds: [ValueType, string, string][] = [
      [of('i32'), '', '91'],
      [of('i64'), '', 'e1'],
      [of('i32'), 'java.lang.Long', 'e1'],
      [of('double'), '', dialect === 'final' ? '5c' : '68'],
      [of('any'), '', '91'],
      [of('any'), 'long', 'e1'],
    ]
    for (const [type, java, hex] of kinds)
      expect(bytesOf(dialect, writing.value(1, type, java)).toString('hex')).toBe(hex)
  })

  it('reads objects that point to each other as often as they are pointed to', () => {
    // A list of an object and of the same again.
    const twice = {
      final: '7a 43 01 63 91 01 78 60 91 51 91',
      draft: '56 6e 02 4f 91 63 91 01 78 6f 90 91 4a 01 7a',
    }
    const bytes = hex(twice[dialect])
    const read = new HessianReader(dialect, bytes).read('x')
    expect(plain(fromJava(read, of('any'), structs, 'x'))).toEqual([{ x: 1 }, { x: 1 }])
  })

  it('keeps the fields of each object, also where those of a class differ', () => {
    const value = [{ a: 1 }, { b: 2, a: [{ c: 3 }] }, { a: 4 }, { b: 5, a: null }]
    expect(there(dialect, value, of('any'), 'shop.Query[]')).toEqual(value)
  })

  it('refuses what points to itself, and what grows without end', () => {
    const self = new JavaObject('c')
    self.fields.set('me', self)
    expect(() => fromJava(self, of('any'), structs, 'x')).toThrow('points to itself')
    let bomb: unknown = 1
    for (let i = 0; i < 40; i++) bomb = [bomb, bomb]
    expect(() => fromJava(bomb, of('any'), structs, 'x')).toThrow('holds more than 1000000 values')
  })

  it('says of bytes that are none, wherever they end, that they are none', () => {
    const writing = new JavaWriting(structs)
    const bytes = bytesOf(dialect, writing.value(apple, item))
    for (let end = 0; end < bytes.length; end++)
      expect(() => new HessianReader(dialect, bytes.subarray(0, end)).read('x')).toThrow(
        Untranslatable,
      )
  })

  it('reads any bytes, or says that they are none', () => {
    const writing = new JavaWriting(structs)
    const good = bytesOf(dialect, writing.value([apple, 'x', { a: 1 }], of('any')))
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(good)
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          fromJava(new HessianReader(dialect, bytes).read('x'), of('any'), structs, 'x')
        } catch (error) {
          expect(error).toBeInstanceOf(Untranslatable)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('carries exceptions with what they say and what is theirs', () => {
    const detail = { left: 7, item: null }
    const told = { kind: 'exception', message: 'no apples', headers: new Map() } as const
    for (const type of ['shop.SoldOutException', 'SoldOut']) {
      const bytes = bytesOf(dialect, throwable({ ...told, type, detail }, structs))
      const read = thrown(new HessianReader(dialect, bytes).read('x'), structs, new Map())
      expect(read).toMatchObject({ type: 'shop.SoldOutException', message: 'no apples' })
      expect(plain(read.detail)).toEqual(detail)
    }
    const cases: [type: string, className: string, message: string][] = [
      ['java.lang.IllegalStateException', 'java.lang.IllegalStateException', 'no apples'],
      ['UNAVAILABLE', 'java.lang.RuntimeException', 'UNAVAILABLE: no apples'],
      ['', 'java.lang.RuntimeException', 'no apples'],
      ['no class', 'java.lang.RuntimeException', 'no class: no apples'],
    ]
    for (const [type, className, message] of cases) {
      const bytes = bytesOf(dialect, throwable({ ...told, type, detail: null }, structs))
      const read = thrown(new HessianReader(dialect, bytes).read('x'), structs, new Map())
      expect(read).toMatchObject({ type: className, message, detail: null })
    }
  })
})

describe('an exception', () => {
  const exception = (className: string, fields: Record<string, unknown>): JavaObject => {
    const made = new JavaObject(className)
    for (const [name, one] of Object.entries(fields)) made.fields.set(name, one)
    return made
  }
  const read = (it: unknown) => thrown(it, structs, new Map())

  it('that says nothing says what caused it', () => {
    const cause = exception('a.B', { detailMessage: 'deep' })
    expect(read(exception('a.A', { detailMessage: null, cause })).message).toBe('deep')
    const self = exception('a.A', { detailMessage: null })
    self.fields.set('cause', self)
    expect(read(self)).toMatchObject({ type: 'a.A', message: '', detail: null })
  })

  it('of a generic call is the one it stands for', () => {
    const fields = {
      exceptionClass: 'shop.SoldOut',
      exceptionMessage: 'none left',
      detailMessage: 'x',
    }
    const generic = exception('com.alibaba.dubbo.rpc.service.GenericException', fields)
    expect(read(generic)).toMatchObject({ type: 'shop.SoldOut', message: 'none left' })
  })

  it('whose own cannot be said is said without', () => {
    const fields = { detailMessage: 'm', odd: new Map([[[1], 2]]) }
    expect(read(exception('a.A', fields))).toMatchObject({ message: 'm', detail: null })
  })

  it('that is no object is its text', () => {
    expect(read('boom')).toMatchObject({ type: '', message: 'boom' })
  })
})

describe('what an interface wants is missed', () => {
  const many: [read: unknown, type: ValueType, sentence: string][] = [
    ['three', of('i32'), 'x: must be a whole number (i32)'],
    [2 ** 40, of('i32'), 'x: 1099511627776 does not fit i32'],
    [[1, 'two'], list(of('i32')), 'x[1]: must be a whole number'],
    [new Map([['a', 'one']]), map(of('string'), of('i32')), 'x.a: must be a whole number'],
    [new JavaObject('shop.Other'), of('string'), 'x: must be text, not an object'],
    [new Map([[[1], 2]]), of('any'), 'x: has a key that is no text'],
  ]
  it.each(many)('by %o as %o', (read, type, sentence) => {
    expect(() => fromJava(read, type, structs, 'x')).toThrow(sentence)
  })

  it('by an argument that is missing where Java has no null', () => {
    const writing = new JavaWriting(structs)
    expect(() => writing.arguments(callOf('plus', [1]))).toThrow(
      'arguments.b: is missing, and "int" of Java cannot be null',
    )
    expect(writing.arguments(callOf('put', []))).toEqual([null, null])
  })
})

it('objects that travel as maps name their class, and lose it when they are read', () => {
  const made = new JavaWriting(structs, 'maps').value(
    { sku: 'cox', parts: [{ sku: 'core' }] },
    item,
  )
  const bytes = bytesOf('final', made)
  const read = new HessianReader('final', bytes).read('x') as Map<string, unknown>
  expect(read.get('class')).toBe('shop.Item')
  const value = fromJava(read, item, structs, 'x')
  expect(value).toMatchObject({ sku: 'cox', parts: [{ sku: 'core' }] })
  expect(value).not.toHaveProperty('class')
})

it('fields that an interface does not declare are left out, and a number of a value is its own', () => {
  const read = new JavaObject('shop.Item')
  read.fields.set('sku', 'cox').set('secret', new Map([[[1], 1]]))
  expect(plain(fromJava(read, item, structs, 'x'))).toEqual({ sku: 'cox' })
  const stamp = new JavaObject('java.sql.Timestamp')
  stamp.fields.set('value', new Date(5))
  expect(fromJava(stamp, of('date'), structs, 'x')).toEqual(new Date(5))
  const atomic = new JavaObject('java.util.concurrent.atomic.AtomicInteger')
  atomic.fields.set('value', 5)
  expect(fromJava(atomic, of('i32'), structs, 'x')).toBe(5)
})

describe('types of Java', () => {
  it.each<[ValueType, string, string, string]>([
    [of('i8'), '', 'byte', 'B'],
    [of('i16'), '', 'short', 'S'],
    [of('i32'), '', 'int', 'I'],
    [of('i64'), '', 'long', 'J'],
    [of('float'), '', 'float', 'F'],
    [of('double'), '', 'double', 'D'],
    [of('bool'), '', 'boolean', 'Z'],
    [of('void'), '', 'void', 'V'],
    [of('string'), '', 'java.lang.String', 'Ljava/lang/String;'],
    [of('bytes'), '', 'byte[]', '[B'],
    [of('date'), '', 'java.util.Date', 'Ljava/util/Date;'],
    [of('any'), '', 'java.lang.Object', 'Ljava/lang/Object;'],
    [item, '', 'shop.Item', 'Lshop/Item;'],
    [list(item), '', 'java.util.List', 'Ljava/util/List;'],
    [map(of('string'), item), '', 'java.util.Map', 'Ljava/util/Map;'],
    [list(item), 'shop.Item[]', 'shop.Item[]', '[Lshop/Item;'],
    [list(list(of('i32'))), 'int[][]', 'int[][]', '[[I'],
    [of('i32'), 'java.lang.Integer', 'java.lang.Integer', 'Ljava/lang/Integer;'],
    [list(item), 'java.util.List<shop.Item>', 'java.util.List', 'Ljava/util/List;'],
  ])('%o %s is %s, %s', (type, java, name, jvm) => {
    expect(javaType(type, java, structs)).toBe(name)
    expect(jvmType(name, '/')).toBe(jvm)
  })

  it('may be arrays of as many dimensions as anybody says', () => {
    expect(jvmType(`int${'[]'.repeat(100_000)}`, '/')).toBe(`${'['.repeat(100_000)}I`)
  })

  it('want the classes of structs that are used', () => {
    const nameless = new Map([...structs].map(([name, one]) => [name, { ...one, java: '' }]))
    expect(needClasses([stock], 'c.services')).toEqual([])
    expect(needClasses([stock, { ...stock, structs: nameless }], 'c.services')).toEqual([
      {
        at: 'c.services[1].structs.Item.java',
        what: 'is missing: objects are written with the name of their class in Java',
      },
    ])
  })
})

it('maps may have keys of any simple type', () => {
  for (const [key, value] of [
    ['bool', { true: 1, false: 2 }],
    ['double', { 1.5: 1 }],
  ] as const)
    expect(there('final', value, map(of(key), of('i32')))).toEqual(value)
})
