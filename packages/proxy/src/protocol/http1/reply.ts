import { Frame, FrameKind } from '../../frame.ts'
import { isBodiless, reasonPhrase } from '../../http/status.ts'
import { Outcome } from '../../outcome.ts'
import type { Protocol, Reply } from '../../protocol.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import type { Http1Head } from './head.ts'

/**
 * An answer of our own: plain text, the sentence in a line. What a rule has configured as the body of an answer stands
 * as it is.
 */
export function reply(
  protocol: Protocol,
  request: Frame,
  outcome: Outcome,
  sentence: string,
  status: number,
): Reply {
  const ask = request.view as Http1Head
  const code = status < 200 || status > 999 ? 500 : status
  const configured = outcome === Outcome.DirectResponse || outcome === Outcome.Redirect
  const body = Buffer.from(configured ? sentence : `${sentence}\n`)
  const bare = isBodiless(code)
  const buf = Buffer.from(headText(code, bare ? -1 : body.length))
  const silent = bare || body.length === 0 || ask.method === 'HEAD'
  const head = headOf(buf)
  const frame = new Frame(protocol, FrameKind.Response, 0, buf, 0, buf.length, silent, head)
  return { frame, body: silent ? null : body }
}

function headOf(buf: Buffer): Http1Head {
  const reader = new HeadReader(What.Response, NO_LIMITS)
  const cursor = new Cursor()
  cursor.add(buf)
  if (reader.read(cursor) !== Got.Head) throw new Error(reader.fault.sentence)
  return reader.head
}

/** The whole text of an answer to bytes that are no request, with the end of the connection. */
export function refusal(status: number, sentence: string, server: string | null): Buffer {
  const body = `${sentence}\n`
  const head = headText(status, Buffer.byteLength(body))
  const own = `${server === null ? '' : `server: ${server}\r\n`}connection: close\r\n\r\n`
  return Buffer.from(head.slice(0, -2) + own + body)
}

const NO_LIMITS = { maxHeaderBytes: 0, maxHeaders: 0 }

function headText(status: number, length: number): string {
  const first = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\ndate: ${httpDate()}\r\n`
  if (length < 0) return `${first}\r\n`
  const type = length === 0 ? '' : 'content-type: text/plain\r\n'
  return `${first}${type}content-length: ${length}\r\n\r\n`
}

let second = 0
let date = ''

/** The time of day as HTTP writes it, made once a second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return date
}
