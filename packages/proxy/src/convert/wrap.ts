import { type Frame, FrameKind } from '../frame.ts'
import { PlainHead, plainRequest, plainResponse } from '../http/plain.ts'
import type { HttpHead } from '../http.ts'
import type { Protocol } from '../protocol.ts'
import { Untranslatable, type WholeMessage } from '../transcoder.ts'

/*
 * A call of any RPC protocol as the body of an HTTP request, for networks that know only HTTP:
 *
 *   POST /service/method                       content-type: application/vnd.tulle.bolt
 *   its headers as fields, for rules on the way          its bytes, untouched, as the body
 *
 * The answer comes back in the same way. A one-way call is answered by 200 without a body.
 */

const TYPE = 'application/vnd.tulle.'
/** Fields that say something of HTTP itself: a call's headers must not. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\x21-\x7e\x80-\xff]([\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/

/** The protocol of the call that a request carries; null when it is no wrapped call. */
export function wrappedIn(request: Frame): string | null {
  if (request.protocol.speech !== 'http') return null
  const type = (request.view as HttpHead).header('content-type')
  return type?.startsWith(TYPE) ? type.slice(TYPE.length) : null
}

/** A call on its way to a host, as an HTTP request. */
export function wrapRequest(call: Frame): WholeMessage {
  const { protocol } = call
  const body = bytesOf(call)
  const service = protocol.service(call) ?? ''
  const fields: [string, string][] = [
    ['content-type', TYPE + protocol.name],
    ['content-length', String(body.length)],
  ]
  protocol.each?.(call, (name, value) => {
    const lower = name.toLowerCase()
    if (!RESERVED.has(lower) && NAME.test(name) && VALUE.test(value)) fields.push([lower, value])
  })
  const path = `/${encodeURIComponent(service)}/${encodeURIComponent(protocol.method(call) ?? '')}`
  const head = new PlainHead({ method: 'POST', path, authority: authority(service), fields })
  return { frame: plainRequest(head, false), body, trailers: null }
}

/** The call that a request carries. */
export function unwrapRequest(protocol: Protocol, body: Buffer | null): Frame {
  const call = body === null ? null : protocol.parse!(body)
  if (call === null || (call.kind !== FrameKind.Request && call.kind !== FrameKind.Oneway))
    throw new Untranslatable('body', `is no call of ${protocol.name}`)
  return call
}

/** A host's answer as the answer to the request that carried its call; null is the end of a one-way call. */
export function wrapAnswer(protocol: Protocol, answer: Frame | null): WholeMessage {
  const body = answer === null ? null : bytesOf(answer)
  const fields: [string, string][] = [['content-length', String(body?.length ?? 0)]]
  if (answer !== null) fields.unshift(['content-type', TYPE + protocol.name])
  // Those on the way see how it went, as they would see it of the protocol itself.
  const status = answer === null ? 200 : protocol.status(answer)
  const head = new PlainHead({ status, fields })
  return { frame: plainResponse(head, body === null), body, trailers: null }
}

/** What came back for a wrapped call: the host's answer, or null where it is HTTP's own, such as a proxy's error. */
export function unwrapAnswer(protocol: Protocol, { frame, body }: WholeMessage): Frame | null {
  const type = (frame.view as HttpHead).header('content-type')
  if (type !== TYPE + protocol.name || body === null) return null
  const answer = protocol.parse!(body, true)
  return answer !== null && answer.kind === FrameKind.Response ? answer : null
}

/** The bytes alone, with the changes made on the way; the frame that was read stays as it is. */
function bytesOf(frame: Frame): Buffer {
  const { protocol, buf, start, end, edits } = frame
  const own = Buffer.from(buf.subarray(start, end))
  if (edits === null) return own
  const copy = protocol.parse!(own)!
  copy.edits = edits
  if (protocol.encode?.(copy) !== true)
    throw new Untranslatable('headers', `those added here do not fit a ${protocol.name} frame`)
  return copy.buf.subarray(copy.start, copy.end)
}

/** A service's name where it can be an authority; versions and groups cannot. */
function authority(service: string): string {
  return /^[\w.-]+$/.test(service) ? service : 'rpc'
}
