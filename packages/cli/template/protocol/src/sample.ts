import {
  Frame,
  FrameKind,
  framed,
  type HeaderCodec,
  Interner,
  Match,
  Measure,
  type Protocol,
} from '@tulle/proxy'
import { At, bodyAt, FIXED_BYTES, headersAt, MAGIC, methodAt, serviceAt, VERSION } from './frame.ts'
import { encode, header } from './headers.ts'

const names = new Interner()

/**
 * What Tulle has to know of the bytes. Begin with your own: the drawing in frame.ts, then `match` and `measure`, and let
 * the tests lead. What is left out, the protocol cannot be used for; without `service` and `method` it is not routed by
 * them, without `header` and `encode` not by headers.
 */
export const codec: HeaderCodec = {
  name: 'sample',
  maxId: 0x7fffffff,
  match: (head) => opening(head, 0, head.length),
  measure,
  read: (buf, start, end) => frameIn(buf, start, end),
  readHead,
  readdress: (frame, id) => void frame.buf.writeUInt32BE(id, frame.start + At.Id),
  idOf: ({ buf, start }) => buf.readUInt32BE(start + At.Id),
  // Requests of different keys never share a connection.
  poolKey: () => 0,
  service: ({ buf, start }) => text(buf, serviceAt(start), methodAt(buf, start)),
  method: ({ buf, start }) => text(buf, methodAt(buf, start), headersAt(buf, start)),
  header,
  encode,
  status: ({ buf, start }) => buf.readUInt16BE(start + At.Status) || 200,
  // How long the caller waits, milliseconds, where a frame says it.
  timeoutMs: () => 0,
  reply: (request, _outcome, sentence, status) =>
    compose(FrameKind.Response, request.id, status < 300 ? 0 : Math.max(status, 400), sentence),
  heartbeat: (id) => compose(FrameKind.Heartbeat, id),
  heartbeatAck: (ask) => compose(FrameKind.HeartbeatAck, ask.id),
  goAway: () => compose(FrameKind.GoAway, 1),
}

/** What a configuration means by `protocol: sample`. */
export const protocol: Protocol = framed(codec)
export default protocol

/** Whether a frame begins at `start`, from its first four bytes. */
function opening(buf: Buffer, start: number, end: number): Match {
  const expected = [MAGIC >> 8, MAGIC & 0xff, FrameKind.GoAway, VERSION]
  for (const [i, byte] of expected.entries()) {
    if (start + i >= end) return Match.NeedMore
    const fits = i === At.Kind ? buf[start + i]! <= byte : buf[start + i] === byte
    if (!fits) return Match.No
  }
  return Match.Yes
}

/** The length of the frame that begins at `start`; no byte at or behind `end` is looked at. */
function measure(buf: Buffer, start: number, end: number): number {
  const match = opening(buf, start, end)
  if (match === Match.No) return Measure.Invalid
  if (end - start < FIXED_BYTES) return Measure.NeedMore
  return bodyAt(buf, start) - start + buf.readUInt32BE(start + At.Body)
}

function frameIn(buf: Buffer, start: number, end: number): Frame {
  const kind = buf[start + At.Kind] as FrameKind
  return new Frame(protocol, kind, buf.readUInt32BE(start + At.Id), buf, start, end, true, null)
}

/** Of a frame that is too long, enough to answer it. */
function readHead(buf: Buffer, start: number, end: number): Frame | null {
  if (opening(buf, start, end) !== Match.Yes || end - start < FIXED_BYTES) return null
  const frame = frameIn(buf, start, end)
  return frame.kind === FrameKind.Request ? frame : null
}

function text(buf: Buffer, start: number, end: number): string | undefined {
  return start === end ? undefined : names.text(buf, start, end)
}

/** A frame without service, method and headers. */
function compose(kind: FrameKind, id: number, status = 0, body = ''): Frame {
  const buf = Buffer.alloc(FIXED_BYTES + Buffer.byteLength(body))
  buf.writeUInt16BE(MAGIC)
  buf[At.Kind] = kind
  buf[At.Version] = VERSION
  buf.writeUInt32BE(id, At.Id)
  buf.writeUInt16BE(status, At.Status)
  buf.writeUInt32BE(buf.length - FIXED_BYTES, At.Body)
  buf.write(body, FIXED_BYTES)
  return frameIn(buf, 0, buf.length)
}
