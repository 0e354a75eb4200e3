import { Frame, FrameKind } from '../../frame.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol } from '../../protocol.ts'
import { wordFor } from './status.ts'

const CRLF: Buffer = Buffer.from('\r\n')

/** An answer of ours: an error, or the text that a route gives as its answer. */
export function replyOf(
  protocol: Protocol,
  outcome: Outcome,
  sentence: string,
  status: number,
): Frame {
  if (outcome === Outcome.DirectResponse && status < 300) return answer(protocol, bulk(sentence))
  if (outcome === Outcome.Redirect)
    return answer(protocol, error(400, 'a redirect cannot be said in redis'))
  return answer(protocol, error(status, sentence))
}

/** An error for a status in HTTP's words. */
export function error(status: number, sentence: string): Buffer {
  return Buffer.from(`-${wordFor(status)} ${sentence.replaceAll(/[\r\n]+/g, ' ')}\r\n`)
}

export function bulk(text: string): Buffer {
  return bulkOf(Buffer.from(text))
}

export function bulkOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF])
}

export function simple(text: string): Buffer {
  return Buffer.from(`+${text}\r\n`)
}

export function answer(protocol: Protocol, bytes: Buffer): Frame {
  return new Frame(protocol, FrameKind.Response, 0, bytes, 0, bytes.length, true, null)
}
