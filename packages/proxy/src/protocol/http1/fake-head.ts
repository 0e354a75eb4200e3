import { Frame, FrameKind } from '../../frame.ts'
import { type FieldVisitor, HttpHead } from '../../http.ts'
import type { Protocol } from '../../protocol.ts'
import type { Http1Head } from './head.ts'
import { http1 } from './http1.ts'

/** For tests: another version of HTTP, whose heads are lists of strings. */
export const other: Protocol = { ...http1, name: 'http/2' }

export interface FakeFields {
  readonly method?: string
  readonly status?: number
  readonly authority?: string
  readonly path?: string | undefined
  readonly upgrade?: string | null
  readonly takesTrailers?: boolean
  readonly fields?: readonly (readonly [string, string])[]
}

/** A head as another version of HTTP would have read it. It checks nothing. */
export class FakeHead extends HttpHead {
  readonly authority: string
  readonly path: string | undefined
  readonly scheme = 'http'
  readonly upgrade: string | null
  readonly takesTrailers: boolean
  readonly fields: readonly (readonly [string, string])[]

  constructor(told: FakeFields) {
    super()
    this.method = told.method ?? ''
    this.status = told.status ?? 0
    this.authority = told.authority ?? 'a'
    this.path = 'path' in told ? told.path : '/'
    this.upgrade = told.upgrade ?? (told.method === 'CONNECT' ? 'connect' : null)
    this.takesTrailers = told.takesTrailers ?? false
    this.fields = told.fields ?? []
    this.length = Number(this.header('content-length') ?? -1)
  }

  get grpc(): boolean {
    return this.header('content-type') === 'application/grpc'
  }

  header(name: string): string | undefined {
    const values = this.fields.filter(([one]) => one === name).map(([, value]) => value)
    return values.length === 0 ? undefined : values.join(name === 'cookie' ? '; ' : ', ')
  }

  each(visit: FieldVisitor): void {
    for (const [name, value] of this.fields) visit(name, value, false)
  }
}

/** A frame of the other version. */
export function foreign(kind: FrameKind, told: FakeFields, last = true): Frame {
  return new Frame(other, kind, 7, Buffer.alloc(0), 0, 0, last, new FakeHead(told))
}

export function foreignRequest(told: FakeFields, last = true): Frame {
  return foreign(FrameKind.Request, { method: 'GET', ...told }, last)
}

export function foreignResponse(told: FakeFields, last = true): Frame {
  return foreign(FrameKind.Response, { status: 200, ...told }, last)
}

/** Headers of the handshake that mean nothing where streams are opened by CONNECT (RFC 8441 §5). */
const HANDSHAKE = ['sec-websocket-key', 'sec-websocket-accept']

/** What a hop of HTTP/2 makes of a frame of HTTP/1. */
export function carried(frame: Frame): Frame {
  const head = frame.view as Http1Head
  const fields: [string, string][] = []
  const upgrade = head.status === 0 && !head.trailing ? head.upgrade : null
  const switched = head.status === 101
  head.each((name, value) => {
    if ((upgrade === null && !switched) || !HANDSHAKE.includes(name)) fields.push([name, value])
  })
  const told: FakeFields = {
    fields,
    method: upgrade === null ? head.method : 'CONNECT',
    status: switched ? 200 : head.status,
    authority: head.authority,
    path: head.path,
    upgrade,
    takesTrailers: head.takesTrailers,
  }
  const made = foreign(frame.kind, told, frame.last)
  made.edits = frame.edits
  return made
}
