import { type Frame, FrameKind } from '../frame.ts'
import { isField } from '../http/field.ts'
import { PlainHead, plainRequest, plainResponse } from '../http/plain.ts'
import type { HttpHead } from '../http.ts'
import type { Protocol } from '../protocol.ts'
import { Untranslatable, type WholeMessage } from '../transcoder.ts'
import { settled } from './settled.ts'

/*
 * A call of any RPC protocol as the body of an HTTP request, for networks that know only HTTP:
 *
 *   POST /service/method                       content-type: application/vnd.tulle.bolt
 *   its headers as fields, for rules on the way          its bytes, untouched, as the body
 *
 * The answer comes back in the same way. A one-way call is answered by 200 without a body. What says neither its service
 * nor its method is `/-/-`. On the far side path and call must say the same: rules on the way go by the path.
 */

const TYPE = 'application/vnd.tulle.'
/** Fields that say something of HTTP itself: a call's headers must not. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const NAMELESS = '-'

/** The protocol of the call that a request carries; null when it is no wrapped call. */
export function wrappedIn(request: Frame): string | null {
  if (request.protocol.speech !== 'http') return null
  const type = (request.view as HttpHead).header('content-type')
  return type?.startsWith(TYPE) ? type.slice(TYPE.length) : null
}

/** A call on its way to a host, as an HTTP request; `leftMs` is what its caller still waits, 0 does not say. */
export function wrapRequest(asked: Frame, leftMs: number): WholeMessage {
  const call = settled(asked)
  const { protocol } = call
  if (leftMs > 0 && protocol.timeoutMs(call) > leftMs) protocol.shorten?.(call, leftMs)
  const body = bytesOf(call)
  const fields: [string, string][] = [
    ['content-type', TYPE + protocol.name],
    ['content-length', String(body.length)],
  ]
  protocol.each?.(call, (name, value) => {
    const lower = name.toLowerCase()
    if (!RESERVED.has(lower) && isField(name, value)) fields.push([lower, value])
  })
  const path = pathOf(call)
  const authority = authorityOf(protocol.service(call))
  const head = new PlainHead({ method: 'POST', path, authority, fields })
  return { frame: plainRequest(head, false), body, trailers: null }
}

/** The call that a request carries. */
export function unwrapRequest(protocol: Protocol, { frame, body }: WholeMessage): Frame {
  const call = body === null ? null : protocol.parse!(body)
  if (call === null || (call.kind !== FrameKind.Request && call.kind !== FrameKind.Oneway))
    throw new Untranslatable('body', `is no call of ${protocol.name}`)
  const said = (frame.view as HttpHead).path ?? ''
  const path = pathOf(call)
  if (!samePath(said, path))
    throw new Untranslatable('body', `calls ${path}, and the request around it says ${said}`)
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

function bytesOf({ buf, start, end }: Frame): Buffer {
  return buf.subarray(start, end)
}

function pathOf(call: Frame): string {
  const { protocol } = call
  return `/${segment(protocol.service(call))}/${segment(protocol.method(call))}`
}

function segment(name: string | undefined): string {
  return encodeURIComponent((name || NAMELESS).toWellFormed())
}

/** Those on the way may write characters in other ways that mean the same. */
function samePath(said: string, path: string): boolean {
  if (said === path) return true
  try {
    const [one, other] = [said, path].map((it) => it.split('/').map(decodeURIComponent))
    return one!.length === other!.length && one!.every((part, i) => part === other![i])
  } catch {
    return false
  }
}

/** A service's name where it can be an authority; versions and groups cannot. */
function authorityOf(service: string | undefined): string {
  return service !== undefined && /^[\w.-]+$/.test(service) ? service : 'rpc'
}
