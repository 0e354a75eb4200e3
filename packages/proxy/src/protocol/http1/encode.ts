import type { Connection } from '../../connection.ts'
import type { Frame } from '../../frame.ts'
import { slab } from '../../http/slab.ts'
import { isBodiless } from '../../http/status.ts'
import { contentLength, editOf, markEdited, markLines, putEdits, removes } from './edits.ts'
import { Form, type Http1Head, LINE, Option } from './head.ts'
import { connectionNames, HOP, NOT_IN_TRAILERS } from './hop.ts'
import { bit, Kind } from './names.ts'
import { putRequestLine } from './request-line.ts'

/** How the end of a body is told on the connection it is written to. */
export const Framing = {
  /** There is none. */
  None: 0,
  Length: 1,
  Chunked: 2,
  /** The connection ends with it. */
  Close: 3,
  /** It is no body: bytes both ways. */
  Tunnel: 4,
} as const
export type Framing = (typeof Framing)[keyof typeof Framing]

/** Lines of our own that a head may get. */
export const Own = { Close: 1, KeepAlive: 2, Upgrade: 4, Chunked: 8, Empty: 16, Te: 32 } as const

const LENGTH = bit(Kind.ContentLength)
const CODING = bit(Kind.TransferEncoding)

const CRLF = Buffer.from('\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const LAST_CHUNK_BEGUN = Buffer.from('0\r\n')

/** How the body of a request goes to its host. */
export function requestFraming(frame: Frame, head: Http1Head): Framing {
  if (frame.last) return Framing.None
  if (asksTunnel(frame, head)) return Framing.Tunnel
  return contentLength(frame.edits, head) >= 0 ? Framing.Length : Framing.Chunked
}

/** Whether the request, as it is sent, asks for a tunnel. */
export function asksTunnel(frame: Frame, head: Http1Head): boolean {
  if (!head.asksTunnel) return false
  return head.form === Form.Authority || !removes(frame.edits, 'upgrade')
}

/** How the body of an answer goes to the client that asked. */
export function answerFraming(ask: Http1Head, frame: Frame, head: Http1Head): Framing {
  const { status } = head
  if (status === 101 || (ask.form === Form.Authority && status >= 200 && status < 300)) {
    return Framing.Tunnel
  }
  if (frame.last || ask.method === 'HEAD' || isBodiless(status)) return Framing.None
  if (contentLength(frame.edits, head) >= 0) return Framing.Length
  return ask.minor === 0 ? Framing.Close : Framing.Chunked
}

/** Writes the head of a request. False: the connection is full. */
export function writeRequest(connection: Connection, frame: Frame, framing: Framing): boolean {
  const head = frame.view as Http1Head
  let skip = HOP
  let own = 0
  if (framing === Framing.Tunnel && head.form !== Form.Authority) {
    skip &= ~bit(Kind.Upgrade)
    own |= Own.Upgrade
  }
  if ((head.options & Option.Trailers) !== 0) own |= Own.Te
  if (framing === Framing.Chunked) own |= head.chunked ? 0 : Own.Chunked
  else skip |= CODING
  if (frame.last && (head.length > 0 || head.chunked)) {
    skip |= LENGTH
    own |= Own.Empty
  }
  const rest = putRequestLine(slab, frame, head)
  if (rest < 0) return writeHead(connection, frame, frame.start, skip, own, null)
  slab.write(connection)
  return writeHead(connection, frame, rest, skip | bit(Kind.Host), own, null)
}

/** Writes the head of an answer to the request `ask`. */
export function writeAnswer(
  connection: Connection,
  ask: Http1Head,
  frame: Frame,
  framing: Framing,
  wanted: number,
  server: string | null,
): boolean {
  const head = frame.view as Http1Head
  let skip = server === null ? HOP : HOP | bit(Kind.Server)
  let own = wanted
  if (framing === Framing.Chunked) own |= head.chunked ? 0 : Own.Chunked
  else if (ask.minor === 0 || framing !== Framing.None) skip |= CODING
  if (framing === Framing.Tunnel && head.status === 101) {
    skip &= ~bit(Kind.Upgrade)
    own |= Own.Upgrade
  }
  if (head.status === 204 || head.status < 200 || framing === Framing.Tunnel) {
    skip |= LENGTH | CODING
  } else if (frame.last && ask.method !== 'HEAD' && head.status !== 304) {
    skip |= CODING
    if (contentLength(frame.edits, head) !== 0) {
      skip |= LENGTH
      own |= Own.Empty
    }
  }
  let rest = frame.start
  if (head.minor === 0) {
    slab.put('HTTP/1.1')
    slab.write(connection)
    rest += 8
  }
  return writeHead(connection, frame, rest, skip, own, server)
}

/** Writes an interim answer. */
export function writeInterim(connection: Connection, frame: Frame): boolean {
  return writeHead(connection, frame, frame.start, HOP | LENGTH | CODING, 0, null)
}

/** Writes a piece of a body in the chunked coding. */
export function writeChunk(connection: Connection, chunk: Buffer, last: boolean): boolean {
  if (chunk.length !== 0) {
    slab.chunkSize(chunk.length)
    slab.write(connection)
    connection.write(chunk)
    const taken = connection.write(CRLF)
    if (!last) return taken
  }
  return last ? connection.write(LAST_CHUNK) : !connection.blocked
}

/** Ends a body in the chunked coding with trailers. */
export function writeTrailers(connection: Connection, frame: Frame): boolean {
  connection.write(LAST_CHUNK_BEGUN)
  return writeHead(connection, frame, frame.start, NOT_IN_TRAILERS, 0, null)
}

let marks = new Uint8Array(256)

/**
 * Writes a head from `run` on: what stays goes out in the blocks it came in, what is new behind it. A head in which
 * nothing changes is one window.
 */
function writeHead(
  connection: Connection,
  frame: Frame,
  from: number,
  skip: number,
  own: number,
  server: string | null,
): boolean {
  const head = frame.view as Http1Head
  const { buf, edits } = frame
  const marked = edits !== null || (head.options & Option.Names) !== 0 ? mark(frame, head) : false
  const stop = frame.end - 2
  let run = from
  if (marked || (head.kinds & skip) !== 0) {
    const { lines } = head
    for (let i = 0; i < lines.length; i += LINE) {
      if (((1 << (lines[i + 3]! & 15)) & skip) === 0 && !(marked && marks[i / LINE] === 1)) continue
      if (run < lines[i]!) connection.write(buf, run, lines[i])
      run = head.lineEnd(i)
    }
  }
  if (own === 0 && edits === null && server === null) return connection.write(buf, run, frame.end)
  if (run < stop) connection.write(buf, run, stop)
  if (edits !== null) putEdits(slab, edits)
  if (server !== null) slab.line('server', server)
  if (own !== 0) putOwn(own)
  slab.put('\r\n')
  return slab.write(connection)
}

/** Marks the lines that edits or the Connection header take away. */
function mark(frame: Frame, head: Http1Head): boolean {
  const count = head.lines.length / LINE
  if (marks.length < count) marks = new Uint8Array(count * 2)
  marks.fill(0, 0, count)
  let any = frame.edits !== null && markEdited(marks, head, frame.edits)
  if ((head.options & Option.Names) !== 0 && markNamed(head)) any = true
  return any
}

function markNamed(head: Http1Head): boolean {
  let any = false
  for (const name of connectionNames(head)) if (markLines(marks, head, name)) any = true
  return any
}

function putOwn(own: number): void {
  if ((own & Own.Close) !== 0) slab.put('connection: close\r\n')
  else if ((own & Own.KeepAlive) !== 0) slab.put('connection: keep-alive\r\n')
  else if ((own & Own.Upgrade) !== 0) slab.put('connection: upgrade\r\n')
  if ((own & Own.Te) !== 0) slab.put('te: trailers\r\n')
  if ((own & Own.Chunked) !== 0) slab.put('transfer-encoding: chunked\r\n')
  if ((own & Own.Empty) !== 0) slab.put('content-length: 0\r\n')
}

/** What the edits of a request make of its method: it decides whether the answer has a body. */
export function sentMethod(frame: Frame, head: Http1Head): string {
  return editOf(frame.edits, ':method') ?? head.method
}
