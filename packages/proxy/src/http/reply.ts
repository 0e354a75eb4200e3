import type { HttpHead } from '../http.ts'
import { Outcome } from '../outcome.ts'
import { httpDate } from './date.ts'
import { encodeGrpcMessage, grpcStatusOf } from './grpc.ts'
import { grpcWebType } from './grpc-web.ts'
import { isBodiless } from './status.ts'

/** An answer of our own before a version of HTTP has written it. */
export interface LocalAnswer {
  readonly status: number
  /** Names in lower case, in the order to write them. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Null: the head is the whole answer. */
  readonly body: Buffer | null
}

/**
 * What an answer of our own says: plain text, the sentence in a line. What a rule has configured as the body of an
 * answer stands as it is. A call of gRPC, or of gRPC-Web, is told by a code and the sentence, in a head that is the whole
 * answer.
 */
export function localAnswer(
  request: HttpHead,
  outcome: Outcome,
  sentence: string,
  status: number,
): LocalAnswer {
  const web = request.grpc ? null : grpcWebType(request.header('content-type'))
  if (request.grpc || web !== null) return grpcAnswer(outcome, sentence, status, web)
  const code = status < 200 || status > 999 ? 500 : status
  const configured = outcome === Outcome.DirectResponse || outcome === Outcome.Redirect
  const body = Buffer.from(configured ? sentence : `${sentence}\n`)
  const fields: [string, string][] = [['date', httpDate()]]
  if (isBodiless(code)) return { status: code, fields, body: null }
  if (body.length !== 0) fields.push(['content-type', 'text/plain'])
  fields.push(['content-length', String(body.length)])
  const silent = body.length === 0 || request.method === 'HEAD'
  return { status: code, fields, body: silent ? null : body }
}

/** gRPC's "Trailers-Only": clients read the code from the head where no message comes. */
function grpcAnswer(
  outcome: Outcome,
  sentence: string,
  status: number,
  web: string | null,
): LocalAnswer {
  const fields: [string, string][] = [
    ['date', httpDate()],
    ['content-type', web ?? 'application/grpc'],
    ['grpc-status', String(grpcStatusOf(outcome, status))],
  ]
  if (sentence !== '') fields.push(['grpc-message', encodeGrpcMessage(sentence)])
  return { status: 200, fields, body: null }
}
