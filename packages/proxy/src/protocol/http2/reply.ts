import { Frame, FrameKind } from '../../frame.ts'
import { encodeGrpcMessage } from '../../http/grpc.ts'
import { localAnswer } from '../../http/reply.ts'
import type { HttpHead } from '../../http.ts'
import type { Outcome } from '../../outcome.ts'
import type { Protocol, Reply } from '../../protocol.ts'
import { Http2Head } from './head.ts'
import { field } from './hpack/field.ts'

const NOTHING: Buffer = Buffer.alloc(0)

/** An answer of our own, in the words that both versions of HTTP share. */
export function reply(
  protocol: Protocol,
  request: Frame,
  outcome: Outcome,
  sentence: string,
  status: number,
): Reply {
  const answer = localAnswer(request.view as HttpHead, outcome, sentence, status)
  const head = headOf(answer.status, answer.fields)
  return {
    frame: frameOf(protocol, FrameKind.Response, head, answer.body === null),
    body: answer.body,
  }
}

/** Trailers that end a gRPC call whose answer has begun. */
export function grpcTrailers(protocol: Protocol, code: number, sentence: string): Frame {
  const head = headOf(0, [
    ['grpc-status', String(code)],
    ['grpc-message', encodeGrpcMessage(sentence)],
  ])
  return frameOf(protocol, FrameKind.Trailers, head, true)
}

/** A frame without bytes: heads of HTTP/2 are fields. */
export function frameOf(
  protocol: Protocol,
  kind: FrameKind,
  head: Http2Head,
  last: boolean,
): Frame {
  return new Frame(protocol, kind, 0, NOTHING, 0, 0, last, head)
}

function headOf(
  status: number,
  fields: readonly (readonly [name: string, value: string])[],
): Http2Head {
  const head = new Http2Head([])
  if (status !== 0) {
    head.fields.push(field(':status', String(status)))
    head.pseudo = 1
    head.status = status
  }
  for (const [name, value] of fields) {
    head.fields.push(field(name, value))
    if (name === 'content-length') head.length = Number(value)
    else if (name === 'content-type') head.grpc = value.startsWith('application/grpc')
  }
  return head
}
