import type { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Connection } from '../../connection.ts'
import { type Edit, Frame, FrameKind } from '../../frame.ts'
import { type FieldVisitor, HttpHead } from '../../http.ts'
import type { Pair } from './harness-frames.ts'
import { type Got, Peer } from './harness-peer.ts'
import { Http2Head } from './head.ts'
import { HpackEncoder } from './hpack/encoder.ts'
import { field, Indexing } from './hpack/field.ts'
import { http2 } from './http2.ts'
import { Flag, FrameType } from './wire.ts'
import { writeHead } from './write-head.ts'

const { Request, Response, Trailers, Interim } = FrameKind

/** A connection that reads what is written on it, over as many heads as are. */
class Paper {
  readonly encoder = new HpackEncoder()
  readonly #peer: Peer
  readonly #connection: Connection
  #read!: (chunk: Buffer) => void

  constructor() {
    const on = (event: string, listener: (chunk: Buffer) => void): void => {
      if (event === 'data') this.#read = listener
    }
    this.#peer = new Peer({ on, write: () => true } as unknown as Socket, false)
    const write = (buf: Buffer, start = 0, end = buf.length): boolean => {
      this.#read(Buffer.from(buf.subarray(start, end)))
      return true
    }
    this.#connection = { write, blocked: false } as unknown as Connection
  }

  /** Frames of the head as a peer gets them. */
  write(frame: Frame, end = frame.last, asked: Frame | null = null, server: string | null = null) {
    const before = this.#peer.frames.length
    expect(writeHead(this.#connection, this.encoder, 1, frame, asked, server, end)).toBe(true)
    return this.#peer.frames.slice(before)
  }

  pairs(...all: Parameters<Paper['write']>): readonly Pair[] {
    return this.write(...all)[0]!.fields!
  }
}

function http2Head(kind: FrameKind, pseudo: readonly Pair[], fields: readonly Pair[]): Http2Head {
  const head = new Http2Head([...pseudo, ...fields].map(([name, value]) => field(name, value)))
  head.pseudo = pseudo.length
  const of = Object.fromEntries(pseudo)
  head.method = of[':method'] ?? ''
  head.scheme = of[':scheme'] ?? ''
  head.authority = of[':authority'] ?? ''
  head.path = of[':path']
  head.status = Number(of[':status'] ?? 0)
  const length = fields.find(([name]) => name === 'content-length')
  if (length !== undefined) head.length = Number(length[1])
  if (kind === Request && head.authority === '')
    head.authority = fields.find(([name]) => name === 'host')?.[1] ?? ''
  return head
}

/** What another version of HTTP might bring. */
class Other extends HttpHead {
  authority = 'shop'
  path: string | undefined = '/'
  scheme = 'http'
  upgrade: string | null = null
  takesTrailers = false
  grpc = false
  override grpcWeb = false
  readonly fields: readonly (readonly [string, string, boolean?])[]

  constructor(has: Partial<Other>, fields: Other['fields'] = []) {
    super()
    Object.assign(this, has)
    this.fields = fields
  }
  header(name: string): string | undefined {
    return this.fields.find(([of]) => of === name)?.[1]
  }
  each(visit: FieldVisitor): void {
    for (const [name, value, sensitive = false] of this.fields) visit(name, value, sensitive)
  }
}

function frameOf(kind: FrameKind, head: HttpHead, last = true, edits: Edit[] | null = null): Frame {
  const frame = new Frame(http2, kind, 0, Buffer.alloc(0), 0, 0, last, head)
  frame.edits = edits
  return frame
}

const GET: readonly Pair[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'shop'],
  [':path', '/a'],
]
const set = (name: string, value: string | null): Edit => ({ name, value, append: false })
const add = (name: string, value: string): Edit => ({ name, value, append: true })

describe('a head of HTTP/2 that goes on', () => {
  it('is written as it came, pseudo headers first', () => {
    const fields: readonly Pair[] = [
      ['x', '1'],
      ['cookie', 'a=1'],
      ['x', '2'],
      ['te', 'trailers'],
    ]
    const got = new Paper().write(frameOf(Request, http2Head(Request, GET, fields)))
    expect(got).toHaveLength(1)
    expect(got[0]).toMatchObject({ type: FrameType.Headers, id: 1 })
    expect(got[0]!.flags).toBe(Flag.EndHeaders | Flag.EndStream)
    expect(got[0]!.fields).toEqual([...GET, ...fields])
  })

  it('names its authority where the client gave a Host alone', () => {
    const pseudo = GET.filter(([name]) => name !== ':authority')
    const head = http2Head(Request, pseudo, [
      ['host', 'shop'],
      ['x', '1'],
    ])
    const pairs = new Paper().pairs(frameOf(Request, head))
    expect(pairs.filter(([name]) => name === 'host')).toEqual([])
    expect(pairs).toContainEqual([':authority', 'shop'])
    expect(pairs.at(-1)).toEqual(['x', '1'])
  })

  it('carries changes: replaced, removed, added, and of pseudo headers', () => {
    const head = http2Head(Request, GET, [
      ['x', '1'],
      ['gone', '1'],
      ['y', '1'],
      ['x', '2'],
    ])
    const edits = [set('x', '3'), set('gone', null), add('y', '2'), set('x', '4'), add('x', '5')]
    expect(new Paper().pairs(frameOf(Request, head, true, edits))).toEqual([
      ...GET,
      ['y', '1'],
      ['y', '2'],
      ['x', '4'],
      ['x', '5'],
    ])
    const pseudo = [set(':path', '/b'), set(':method', 'PUT'), set('host', 'other'), set('x', 'y')]
    expect(new Paper().pairs(frameOf(Request, head, true, pseudo)).slice(0, 4)).toEqual([
      [':method', 'PUT'],
      [':scheme', 'http'],
      [':authority', 'other'],
      [':path', '/b'],
    ])
  })

  it('takes no change that would break the message', () => {
    const head = http2Head(Request, GET, [['x', '1']])
    const edits = [
      set('connection', 'close'),
      set('transfer-encoding', 'chunked'),
      set('te', 'gzip'),
      set('Bad', '1'),
      set('b d', '1'),
      set('content-length', 'ten'),
      set('v', 'a\r\nevil: 1'),
    ]
    expect(new Paper().pairs(frameOf(Request, head, true, edits))).toEqual([
      ...GET,
      ['x', '1'],
      ['v', 'aevil: 1'],
    ])
  })

  const paths: readonly (readonly [string, string])[] = [
    ['/a b', '/a%20b'],
    ['/a%20b c', '/a%20b%20c'],
    ['/\xe9#x', '/%C3%A9%23x'],
    ['/a\r\nx', '/a%0D%0Ax'],
    ['', '/'],
    ['/\ud800', '/%EF%BF%BD'],
  ]
  it.each(paths)('encodes what no path holds, once: %j', (path, encoded) => {
    const edits = [set(':path', path)]
    const pairs = new Paper().pairs(frameOf(Request, http2Head(Request, GET, []), true, edits))
    expect(pairs).toContainEqual([':path', encoded])
  })

  it('keeps a secret a secret: never indexed here, nor by the next hop', () => {
    const head = http2Head(Request, GET, [])
    head.fields.push(field('authorization', 'token', Indexing.Never))
    const paper = new Paper()
    for (let i = 0; i < 3; i++)
      expect(paper.write(frameOf(Request, head))[0]!.secrets).toEqual(['authorization'])
  })

  it('keeps a secret that a change brings', () => {
    const paper = new Paper()
    const edits = [set('authorization', 'Bearer x'), set('cookie', 'a=1'), set('x', '1')]
    for (let i = 0; i < 3; i++) {
      const frame = frameOf(Request, http2Head(Request, GET, []), true, edits)
      expect(paper.write(frame)[0]!.secrets).toEqual(['authorization', 'cookie'])
    }
  })

  it('says no length where the body was taken away', () => {
    const lengthy = (kind: FrameKind, pseudo: readonly Pair[]): Frame =>
      frameOf(
        kind,
        http2Head(kind, pseudo, [
          ['content-length', '5'],
          ['x', '1'],
        ]),
      )
    const ok: readonly Pair[] = [[':status', '200']]
    const hasLength = (pairs: readonly Pair[]): boolean =>
      pairs.some(([name]) => name === 'content-length')
    const paper = new Paper()
    const head = frameOf(Request, http2Head(Request, [[':method', 'HEAD']], []))
    const get = frameOf(Request, http2Head(Request, GET, []))
    expect(hasLength(paper.pairs(lengthy(Request, GET), true))).toBe(false)
    expect(hasLength(paper.pairs(lengthy(Request, GET), false))).toBe(true)
    expect(hasLength(paper.pairs(lengthy(Response, ok), true, get))).toBe(false)
    expect(hasLength(paper.pairs(lengthy(Response, ok), true, head))).toBe(true)
    expect(hasLength(paper.pairs(lengthy(Response, [[':status', '304']]), true, get))).toBe(true)
  })

  it('has the name of our server where one is configured', () => {
    const answer = (): Frame =>
      frameOf(Response, http2Head(Response, [[':status', '200']], [['server', 'theirs']]))
    const paper = new Paper()
    expect(paper.pairs(answer(), true, null, 'ours').slice(1)).toEqual([['server', 'ours']])
    expect(paper.pairs(answer()).slice(1)).toEqual([['server', 'theirs']])
  })
})

describe('a head of another version', () => {
  it('becomes a request of HTTP/2', () => {
    const head = new Other({ method: 'POST', path: '/p', length: 2 }, [
      ['content-length', '2'],
      ['authorization', 'x', true],
    ])
    const [got] = new Paper().write(frameOf(Request, head, false))
    expect(got!.flags).toBe(Flag.EndHeaders)
    expect(got!.secrets).toEqual(['authorization'])
    expect(got!.fields).toEqual([
      [':method', 'POST'],
      [':scheme', 'http'],
      [':authority', 'shop'],
      [':path', '/p'],
      ['content-length', '2'],
      ['authorization', 'x'],
    ])
  })

  it('says that it takes trailers', () => {
    const pairs = new Paper().pairs(
      frameOf(Request, new Other({ method: 'GET', takesTrailers: true })),
    )
    expect(pairs).toContainEqual(['te', 'trailers'])
  })

  it('asks for an upgrade by extended CONNECT, without the handshake of HTTP/1', () => {
    const head = new Other({ method: 'GET', upgrade: 'websocket', path: '/chat' }, [
      ['sec-websocket-key', 'k'],
      ['sec-websocket-version', '13'],
    ])
    expect(new Paper().pairs(frameOf(Request, head, false))).toEqual([
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'http'],
      [':authority', 'shop'],
      [':path', '/chat'],
      ['sec-websocket-version', '13'],
    ])
  })

  it('asks for a tunnel with its authority alone', () => {
    const head = new Other({ method: 'CONNECT', upgrade: 'connect', authority: 'db:1' })
    expect(new Paper().pairs(frameOf(Request, head, false))).toEqual([
      [':method', 'CONNECT'],
      [':authority', 'db:1'],
    ])
  })

  it('grants an upgrade with success', () => {
    const head = new Other({ status: 101 }, [
      ['sec-websocket-accept', 'a'],
      ['content-length', '0'],
    ])
    expect(new Paper().pairs(frameOf(Response, head, false))).toEqual([[':status', '200']])
  })

  it('goes before the answer, and behind it', () => {
    const paper = new Paper()
    const hints = new Other({ status: 103 }, [['link', '</a>']])
    expect(paper.pairs(frameOf(Interim, hints), false)).toEqual([
      [':status', '103'],
      ['link', '</a>'],
    ])
    const sum = new Other({}, [['x-sum', '1']])
    expect(paper.pairs(frameOf(Trailers, sum), true)).toEqual([['x-sum', '1']])
  })
})

describe('a long head', () => {
  it('is cut into HEADERS and CONTINUATION of 16 KB', () => {
    const value = 'v'.repeat(20_000)
    const head = http2Head(Request, GET, [
      ['x', value],
      ['y', value],
    ])
    const got = new Paper().write(frameOf(Request, head))
    expect(got.map(({ type }) => type)).toEqual([
      FrameType.Headers,
      FrameType.Continuation,
      FrameType.Continuation,
    ])
    expect(got.map(({ flags }) => flags)).toEqual([Flag.EndStream, 0, Flag.EndHeaders])
    expect(got.map(({ payload }) => payload.length).slice(0, 2)).toEqual([16_384, 16_384])
    expect(got[0]!.fields).toEqual([...GET, ['x', value], ['y', value]])
  })

  it('reads as it was written, whatever it holds', () => {
    const paper = new Paper()
    const name = fc.constantFrom('x', 'y-long-name', 'cookie', 'accept', 'x-request-id')
    const value = fc.string({ maxLength: 30, unit: fc.constantFrom('a', 'b', '1', '=', '~') })
    const size = fc.constantFrom(1, 1, 1, 600)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value, size), { maxLength: 30 }), (list) => {
        const fields = list.map(([of, text, times]): Pair => [of, text.repeat(times)])
        const got: readonly Got[] = paper.write(frameOf(Request, http2Head(Request, GET, fields)))
        expect(got[0]!.fields).toEqual([...GET, ...fields])
        expect(got.every(({ payload }) => payload.length <= 16_384)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
