import {
  type ClientSession,
  Depth,
  Frame,
  FrameKind,
  Match,
  type Outcome,
  type Protocol,
  type Reply,
  type ServerSession,
} from '@tulle/proxy'

export type Headers = Readonly<Record<string, string>>

/**
 * A protocol without bytes: a frame's headers are the record it was made of. What a real protocol reads elsewhere stands
 * in `:authority` (the service), `:method` and `:status`.
 */
export class FakeProtocol implements Protocol {
  readonly name: string
  readonly speech = 'http'
  readonly depth: Depth = Depth.Headers
  readonly room = 1

  constructor(name = 'fake') {
    this.name = name
  }

  /** A request with these headers; with `last` false, its data is still to come. */
  request(headers: Headers, last = true, kind: FrameKind = FrameKind.Request): Frame {
    return this.frame(kind, headers, last)
  }

  response(headers: Headers = { ':status': '200' }, last = true): Frame {
    return this.frame(FrameKind.Response, headers, last)
  }

  trailers(headers: Headers): Frame {
    return this.frame(FrameKind.Trailers, headers, true)
  }

  frame(kind: FrameKind, headers: Headers, last: boolean): Frame {
    return new Frame(this, kind, 1, Buffer.alloc(0), 0, 0, last, headers)
  }

  match(): Match {
    return Match.No
  }
  server(): ServerSession {
    throw new Error('a fake protocol makes no sessions')
  }
  client(): ClientSession {
    throw new Error('a fake protocol makes no sessions')
  }
  poolKey(): number {
    return 0
  }
  service(request: Frame): string | undefined {
    return request.header(':authority')
  }
  method(request: Frame): string | undefined {
    return request.header(':method')
  }
  header(frame: Frame, name: string): string | undefined {
    const headers = frame.view as Headers
    return Object.hasOwn(headers, name) ? headers[name] : undefined
  }
  status(response: Frame): number {
    return Number(response.header(':status') ?? 0)
  }
  idempotent(request: Frame): boolean {
    return this.method(request) === 'GET'
  }
  upgrade(request: Frame): string | null {
    return request.header('upgrade') ?? null
  }
  timeoutMs(): number {
    return 0
  }
  refusal(): Buffer | null {
    return null
  }
  /** The sentence is the body. */
  reply(_request: Frame, _outcome: Outcome, sentence: string, status: number): Reply {
    return {
      frame: this.response({ ':status': String(status) }, false),
      body: Buffer.from(sentence),
    }
  }
}
