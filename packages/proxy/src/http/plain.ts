import { Frame, FrameKind } from '../frame.ts'
import { type FieldVisitor, grpcStatusIn, HttpHead, httpHeader, isIdempotent } from '../http.ts'
import { Depth, Match, type Protocol } from '../protocol.ts'
import { isGrpc } from './grpc.ts'

/** Names in lower case, in order. */
export type PlainFields = readonly (readonly [name: string, value: string])[]

/** A head that was made here, of no version: sessions adopt it as they adopt one of another version. */
export class PlainHead extends HttpHead {
  readonly authority: string
  readonly path: string | undefined
  readonly scheme = 'http'
  readonly upgrade = null
  readonly takesTrailers: boolean
  readonly #fields: PlainFields

  constructor(told: {
    readonly method?: string
    readonly path?: string
    readonly authority?: string
    readonly status?: number
    readonly takesTrailers?: boolean
    readonly fields: PlainFields
  }) {
    super()
    this.method = told.method ?? ''
    this.status = told.status ?? 0
    this.path = told.path
    this.authority = told.authority ?? ''
    this.takesTrailers = told.takesTrailers ?? false
    this.#fields = told.fields
    const length = this.header('content-length')
    if (length !== undefined) this.length = Number(length)
  }

  get grpc(): boolean {
    return isGrpc(this.header('content-type'))
  }

  header(name: string): string | undefined {
    let joined: string | undefined
    for (const [one, value] of this.#fields)
      if (one === name) joined = joined === undefined ? value : `${joined}, ${value}`
    return joined
  }

  each(visit: FieldVisitor): void {
    for (const [name, value] of this.#fields) visit(name, value, false)
  }
}

/** HTTP of no version: what frames made here say they are, until a session writes them in its own. */
export const plainHttp: Protocol = {
  name: 'http',
  speech: 'http',
  depth: Depth.Headers,
  room: 1,
  match: () => Match.No,
  server: neverSpoken,
  client: neverSpoken,
  poolKey: () => 0,
  service: (request) => (request.view as HttpHead).authority,
  method: (request) => (request.view as HttpHead).method,
  header: httpHeader,
  status: (response) => (response.view as HttpHead).status,
  callStatus: grpcStatusIn,
  idempotent: isIdempotent,
  upgrade: () => null,
  timeoutMs: () => 0,
  reply: neverSpoken,
  refusal: () => null,
}

/** A request made here. */
export function plainRequest(head: PlainHead, last: boolean): Frame {
  return new Frame(plainHttp, FrameKind.Request, 0, NO_BYTES, 0, 0, last, head)
}

/** An answer made here. */
export function plainResponse(head: PlainHead, last: boolean): Frame {
  return new Frame(plainHttp, FrameKind.Response, 0, NO_BYTES, 0, 0, last, head)
}

/** An answer before the answer, made here. */
export function plainInterim(status: number): Frame {
  const head = new PlainHead({ status, fields: [] })
  return new Frame(plainHttp, FrameKind.Interim, 0, NO_BYTES, 0, 0, true, head)
}

/** What follows the data of a message made here. */
export function plainTrailers(fields: PlainFields): Frame {
  const head = new PlainHead({ fields })
  return new Frame(plainHttp, FrameKind.Trailers, 0, NO_BYTES, 0, 0, true, head)
}

const NO_BYTES = Buffer.alloc(0)

function neverSpoken(): never {
  throw new Error('no connection speaks HTTP of no version')
}
