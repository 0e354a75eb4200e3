import { Frame, FrameKind } from '../../frame.ts'
import { put32 } from '../../framed.ts'
import { exceptionBody, successBody } from './exception.ts'
import { Form, MessageType, Transport } from './frame.ts'
import { methodAt } from './header.ts'
import { message, voice, wrap } from './message.ts'
import { place } from './place.ts'
import { putVarint, varintBytes } from './varint.ts'

const MAX_SENTENCE = 1024
const NOTHING = Buffer.alloc(0)

/** Writes another id over those in the bytes: the message's, and the one of its header transport. */
export function readdress(frame: Frame, id: number): void {
  rewrite(frame, id, id)
}

/** Gives an answer the ids of its request, which may be two. */
export function restore(answer: Frame, request: Frame): void {
  rewrite(answer, request.id, headerSeqIdOf(request))
}

/**
 * An answer of our own in the transport and the form of the request, for the method alone: a server of several services
 * does not repeat which it was. `type` null is a result.
 */
export function reply(request: Frame, type: number | null, sentence: string): Frame {
  place.of(request)
  const said = sentence.slice(0, MAX_SENTENCE)
  const spoken = voice()
  const { form } = spoken
  const body = type === null ? successBody(form, said) : exceptionBody(form, type, said)
  const kind = type === null ? MessageType.Reply : MessageType.Exception
  const name = request.buf.subarray(methodAt(request.buf), place.nameEnd)
  const content = message(form, kind, name, request.id, body)
  const seqId = headerSeqIdOf(request)
  const bytes = wrap(spoken, seqId, NOTHING, content)
  const view = spoken.transport === Transport.Framed ? null : seqId
  const { protocol, id } = request
  return new Frame(protocol, FrameKind.Response, id, bytes, 0, bytes.length, true, view)
}

/** Puts the lengths right of a frame whose message grew or shrank; `headAt` and `innerAt` as `Place` has them. */
export function putLengths(frame: Frame, headAt: number, innerAt: number): void {
  const { buf, start, end } = frame
  put32(buf, start, end - start - 4)
  if (headAt !== start) put32(buf, headAt, end - headAt - 4)
  if (innerAt !== -1) put32(buf, innerAt, end - innerAt - 4)
}

/** What `read` kept of the header transport's id. */
export function headerSeqIdOf(frame: Frame): number {
  return typeof frame.view === 'number' ? frame.view : frame.id
}

function rewrite(frame: Frame, id: number, headerSeqId: number): void {
  const { form, transport, headAt } = place.of(frame)
  if (transport !== Transport.Framed) put32(frame.buf, headAt + 8, headerSeqId)
  if (form === Form.Compact) putCompactId(frame, id)
  else put32(frame.buf, place.seqAt, id)
}

/** Another width moves what stands before the id, where there is room for it; otherwise the frame gets other bytes. */
function putCompactId(frame: Frame, id: number): void {
  const { seqAt, seqEnd, headAt, innerAt } = place
  const grown = varintBytes(id) - (seqEnd - seqAt)
  if (grown === 0) {
    putVarint(frame.buf, seqAt, id)
    return
  }
  const { buf, start, end } = frame
  if (grown < 0) {
    buf.copyWithin(start - grown, start, seqAt)
    frame.start = start - grown
  } else {
    const out = Buffer.allocUnsafe(end - start + grown)
    buf.copy(out, 0, start, seqAt)
    buf.copy(out, seqEnd - start + grown, seqEnd, end)
    frame.buf = out
    frame.start = 0
    frame.end = out.length
  }
  const moved = frame.start - start
  putVarint(frame.buf, seqAt + moved, id)
  putLengths(frame, headAt + moved, innerAt === -1 ? -1 : innerAt + moved)
}
