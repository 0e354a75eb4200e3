import { Frame, FrameKind } from '../../frame.ts'
import { httpDate } from '../../http/date.ts'
import { localAnswer } from '../../http/reply.ts'
import { reasonPhrase } from '../../http/status.ts'
import type { HttpHead } from '../../http.ts'
import type { Outcome } from '../../outcome.ts'
import type { Protocol, Reply } from '../../protocol.ts'
import { beginAnswer, endAnswer } from './answer.ts'
import { draft } from './draft.ts'
import { Http1Head } from './head.ts'

/** An answer of our own. */
export function reply(
  protocol: Protocol,
  request: Frame,
  outcome: Outcome,
  sentence: string,
  asked: number,
): Reply {
  const { status, fields, body } = localAnswer(request.view as HttpHead, outcome, sentence, asked)
  beginAnswer(status)
  for (const [name, value] of fields) draft.line(name, value)
  const head = endAnswer(status)
  if (!(head instanceof Http1Head)) throw new Error(head.sentence)
  const { buf, end } = head
  const frame = new Frame(protocol, FrameKind.Response, 0, buf, 0, end, body === null, head)
  return { frame, body }
}

/** The whole text of an answer to bytes that are no request, with the end of the connection. */
export function refusal(status: number, sentence: string, server: string | null): Buffer {
  const body = `${sentence}\n`
  const lines = [
    `HTTP/1.1 ${status} ${reasonPhrase(status)}`,
    `date: ${httpDate()}`,
    'content-type: text/plain',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  if (server !== null) lines.push(`server: ${server}`)
  lines.push('connection: close', '', body)
  return Buffer.from(lines.join('\r\n'))
}
