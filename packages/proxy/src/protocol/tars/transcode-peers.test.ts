import { createRequire } from 'node:module'
import { Catalog } from '@tulle/core'
import {
  boltChain,
  cluster,
  listener,
  RawPeer,
  rpcOptions,
  Stage,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { builtins } from '../../builtins.ts'
import type { Protocol } from '../../protocol.ts'
import { type CommonAnswer, type CommonCall, type Value, whole } from '../../transcoder.ts'
import { http1 } from '../http1/http1.ts'
import { http2 } from '../http2/http2.ts'
import {
  type Attributes,
  type BinBuffer,
  type Current,
  client,
  generated,
  rpc,
  STOCK,
  servantOf,
  startServer,
  stream,
  type Told,
} from './foreign.ts'
import { frameOf } from './harness.ts'
import { tars, tarsCodec } from './tars.ts'
import { apple, callOf, plain, stock, tongueOf } from './tongue-harness.ts'

/** What a servant of the package does with values, as its code generator writes it. */
interface In {
  readInt32(tag: number, required: boolean, none?: number): number
  readInt64(tag: number, required: boolean, none: number, asText: boolean): string | number
  readString(tag: number, required: boolean, none?: string): string
  readStruct(tag: number, required: boolean, type: unknown): unknown
  readList(tag: number, required: boolean, type: unknown): unknown
  readMap(tag: number, required: boolean, type: unknown): unknown
  [read: string]: (tag: number, required: boolean, ...rest: never[]) => unknown
}
interface Out {
  writeInt32(tag: number, value: number): void
  writeString(tag: number, value: string): void
  getBinBuffer(): BinBuffer
  [write: string]: (...values: never[]) => unknown
}
interface Library {
  readonly TarsInputStream: new (body: BinBuffer) => In
  readonly TarsOutputStream: new () => Out
  readonly String: unknown
  readonly Int32: unknown
  readonly Int64: unknown
  readonly List: (of: unknown) => unknown
  readonly Map: (key: unknown, value: unknown, exactKeys?: boolean) => unknown
}
const library = createRequire(import.meta.url)('@tars/stream') as Library

/** A field of a struct: what reads it, what writes it, and its type where both need one. */
type Field = readonly [tag: number, name: string, kind: string, type?: () => unknown]

/** A struct as the code generator makes it. */
function structOf(name: string, fields: readonly Field[]): unknown {
  class Struct {
    static readonly _classname = name
    readonly values: Record<string, unknown> = {}
    static _write(out: Out, tag: number, value: never): void {
      out.writeStruct!(tag as never, value)
    }
    static _read(from: In, tag: number): unknown {
      return from.readStruct(tag, true, Struct)
    }
    static _readFrom(from: In): Struct {
      const made = new Struct()
      for (const [tag, field, kind, type] of fields) {
        const none = kind === 'Int64' ? [undefined, true] : [type?.()]
        made.values[field] = from[`read${kind}`]!(tag, false, ...(none as never[]))
      }
      return made
    }
    _writeTo(out: Out): void {
      for (const [tag, field, kind] of fields) {
        const value = this.values[field]
        if (value === undefined || isMissing(value)) continue
        const exact = kind === 'Int64' ? [true] : []
        out[`write${kind}`]!(tag as never, value as never, ...(exact as never[]))
      }
    }
  }
  /** What the package gives for a struct that was left out. */
  const isMissing = (value: unknown): boolean =>
    value instanceof Struct && Object.keys(value.values).length === 0
  return Struct
}

const Part = structOf('Part', [
  [0, 'name', 'String'],
  [1, 'grams', 'Double'],
])
const Item: unknown = structOf('Item', [
  [0, 'sold', 'Boolean'],
  [1, 'sku', 'String'],
  [2, 'i8', 'Int8'],
  [3, 'i16', 'Int16'],
  [4, 'i32', 'Int32'],
  [5, 'i64', 'Int64'],
  [6, 'float', 'Float'],
  [7, 'double', 'Double'],
  [8, 'photo', 'Bytes', () => class {}],
  [9, 'tags', 'List', () => library.List(library.String)],
  [10, 'marks', 'Map', () => library.Map(library.String, library.Int32)],
  [11, 'byNumber', 'Map', () => library.Map(library.Int64, Part, true)],
  [12, 'parts', 'List', () => library.List(Part)],
  [20, 'next', 'Struct', () => Item],
])

const stage = new Stage()
afterEach(() => stage.clear())

const tongue = tongueOf(stock)

/** A servant that reads what it is sent by its own types, and writes it again by them. */
const servant = servantOf((current: Current, name: string, body: BinBuffer) => {
  const from = new library.TarsInputStream(body)
  const out = new library.TarsOutputStream()
  switch (name) {
    case 'hello':
      current.setResponseContext({ via: 'node', zone: current.getContext().value.zone ?? '' })
      out.writeString(0, `hello ${from.readString(1, true)}`)
      break
    case 'plus':
      out.writeInt32(0, from.readInt32(1, true) - from.readInt32(2, true))
      break
    case 'turn': {
      const item = from.readStruct(1, true, Item)
      if (from.readInt64(2, true, 0, true) !== '9007199254740993') return -1
      out.writeStruct!(0 as never, item as never)
      break
    }
    case 'all': {
      const names = from.readList(1, true, library.List(library.String)) as { value: string[] }
      const items = library.List(Item) as { push(item: unknown): void }
      for (const sku of names.value) {
        const item = new (Item as new () => { values: object })()
        Object.assign(item.values, { sku })
        items.push(item)
      }
      out.writeList!(0 as never, items as never)
      break
    }
    case 'fail':
      current.sendErrorResponse(17, from.readString(1, true))
      return 0
    default:
      return -3
  }
  current.doResponse(out.getBinBuffer())
  return 0
})

/** What came of a call that a server of the package was asked. */
async function asked(call: CommonCall): Promise<CommonAnswer> {
  const server = await startServer(servant)
  stage.later(server.stop)
  const peer = await RawPeer.connect(server.port)
  stage.later(() => peer.destroy())
  const { frame } = tongue.writeCall(call)
  peer.write(frame.buf.subarray(frame.start, frame.end))
  const { received } = await peer.until(({ received: bytes }) => wholeIn(bytes))
  return tongue.readAnswer(whole(frameOf(received)), call)
}

function wholeIn(bytes: Buffer): boolean {
  return bytes.length > 0 && tarsCodec.measure(bytes, 0, bytes.length) === bytes.length
}

describe('a server of @tars/rpc', () => {
  it('understands calls, and its answers are understood', async () => {
    const headers = new Map([['zone', 'east']])
    expect(await asked(callOf('hello', ['bob 🍎'], { headers }))).toEqual({
      kind: 'value',
      value: 'hello bob 🍎',
      headers: new Map(Object.entries({ via: 'node', zone: 'east' })),
    })
    expect(await asked(callOf('plus', [2, 5]))).toMatchObject({ value: 3 })
  })

  it('reads values of every type, and writes them as they were', async () => {
    const answer = await asked(callOf('turn', [apple, 2n ** 53n + 1n]))
    expect(answer.kind).toBe('value')
    const { marks: _, ...rest } = apple as Record<string, Value>
    const { marks, ...back } = (answer as { value: Record<string, Value> }).value
    expect(back).toMatchObject({ i64: -(2n ** 63n), i8: -128 })
    // The package loses a name of its own language.
    expect(plain(marks)).toEqual(plain({ a: 1, '7': -1 }))
    const { next, ...others } = back
    const { next: pear, ...same } = rest
    expect(plain(others)).toEqual(plain(same))
    // What was left out has what the package takes for it.
    expect(next).toMatchObject({ ...(pear as object), sold: false, photo: Buffer.alloc(0) })
  })

  it('gives lists of structs', async () => {
    const answer = await asked(callOf('all', [['a', 'b']]))
    expect(plain((answer as { value: Value }).value)).toEqual(plain([{ sku: 'a' }, { sku: 'b' }]))
  })

  it('has its errors understood', async () => {
    expect(await asked(callOf('fail', ['out of apples']))).toMatchObject({
      kind: 'exception',
      message: 'out of apples',
      detail: 17,
    })
    expect(await asked(callOf('marks', [{}]))).toMatchObject({ kind: 'failure', status: 404 })
    expect(await asked(callOf('turn', [apple, 1]))).toMatchObject({ kind: 'failure', status: 400 })
  })
})

/** The servant of the package's own example, as far as it can be declared: it gives more back than a result. */
const DEMO = {
  name: 'com.shop.Stock',
  names: { tars: STOCK },
  structs: {
    User: {
      fields: [
        { name: 'id', type: 'i32' },
        { name: 'score', type: 'i32' },
        { name: 'name', type: 'string' },
      ],
    },
  },
  methods: [
    { name: 'getUsrName', parameters: [{ name: 'sUsrName', type: 'string' }], returns: 'i32' },
    { name: 'getall', parameters: [{ name: 'stUser', type: 'User' }], returns: 'i32' },
  ],
}

const parts = { ...builtins, protocols: new Catalog<Protocol>('protocol', [http2, http1, tars]) }

describe('JSON over HTTP to a server of @tars/rpc', () => {
  async function toTars() {
    class Demo extends generated.NodeTarsImp {
      getUsrName(current: Current, name: string): void {
        if (name === '') current.sendErrorResponse(17, 'who?')
        else current.sendResponse(name.length, 'a', 'b')
      }
      getall(current: Current, user: { id: number; name: string }): void {
        current.sendResponse(user.id + user.name.length, new generated.User_t())
      }
    }
    const server = await startServer(Demo as never)
    stage.later(server.stop)
    const options = rpcOptions({ protocol: 'tars', services: [DEMO] })
    const clusters = [cluster('stock', [server.port], options)]
    const proxy = await stage.proxy([webListener('stock')], clusters, {}, { parts })
    return async (method: string, body: unknown) => {
      const url = `http://127.0.0.1:${proxy.port('web')}/com.shop.Stock/${method}`
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
      return [answer.status, await answer.text()]
    }
  }

  it('is called by what is declared', async () => {
    const post = await toTars()
    expect(await post('getUsrName', { sUsrName: 'bob' })).toEqual([200, '3'])
    expect(await post('getall', { stUser: { id: 40, name: 'ab' } })).toEqual([200, '42'])
  })

  it('tells errors of both sides', async () => {
    const post = await toTars()
    const [status, text] = await post('getUsrName', { sUsrName: '' })
    expect([status, text]).toEqual([500, expect.stringContaining('who?')])
    const [refused, why] = await post('getall', { stUser: { id: 'x' } })
    expect([refused, why]).toEqual([400, expect.stringContaining('arguments.stUser.id')])
  })
})

describe('a client of @tars/rpc to a service over HTTP', () => {
  async function toHttp() {
    const asked: unknown[] = []
    const host = await stage.httpHost(({ path, body }, response) => {
      const said = JSON.parse(body.toString()) as { sUsrName?: string }
      asked.push([path, said])
      if (said.sUsrName === '') response.statusCode = 404
      response.end(said.sUsrName === '' ? 'who?' : '7')
    })
    const options = rpcOptions({ protocol: 'http', services: [DEMO] })
    const chain = boltChain([{ route: { cluster: 'stock' } }], { protocol: 'tars' })
    const clusters = [cluster('stock', [host.port], options)]
    const proxy = await stage.proxy([listener('rpc', [chain])], clusters, {}, { parts })
    return { asked, port: proxy.port('rpc') }
  }

  async function raw<T>(call: Promise<T>): Promise<T | { code: number; message: string }> {
    return call.catch((thrown: Told & { error?: object }) =>
      Promise.resolve((thrown.error ?? thrown.response.error) as { code: number; message: string }),
    )
  }

  it('is answered in TUP, the result under no name', async () => {
    const { asked: seen, port } = await toHttp()
    const { proxy, stop } = client(rpc.ServantProxy, port)
    stage.later(stop)
    proxy._worker.version = 3
    const attributes: Attributes = new stream.UniAttribute()
    attributes.tupVersion = 3
    attributes.writeString('sUsrName', 'bob')
    const { response } = await proxy._worker.tup_invoke('getUsrName', attributes, {})
    expect(response.tup.readInt32('')).toBe(7)
    expect(seen).toEqual([['/com.shop.Stock/getUsrName', { sUsrName: 'bob' }]])
  })

  it('is answered in Tars, and hears errors', async () => {
    const { port } = await toHttp()
    const { proxy, stop } = client(rpc.ServantProxy, port)
    stage.later(stop)
    const body = (name: string): BinBuffer => {
      const out = new library.TarsOutputStream()
      out.writeString(1, name)
      return out.getBinBuffer()
    }
    const { response } = await proxy._worker.tars_invoke('getUsrName', body('bob'))
    expect(response.sBuffer.toNodeBuffer().toString('hex')).toBe('0007')
    const failed = await raw(proxy._worker.tars_invoke('getUsrName', body('')))
    expect(failed).toMatchObject({ code: -4, message: expect.stringContaining('who?') })
    const unknown = await raw(proxy._worker.tars_invoke('steal', body('')))
    expect(unknown).toMatchObject({ code: -4, message: expect.stringContaining('steal') })
  })
})
