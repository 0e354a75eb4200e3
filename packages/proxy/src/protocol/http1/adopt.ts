import { Frame } from '../../frame.ts'
import { websocketAccept, websocketKey } from '../../http/websocket.ts'
import type { FieldVisitor, HttpHead } from '../../http.ts'
import type { Protocol } from '../../protocol.ts'
import { beginAnswer, endAnswer } from './answer.ts'
import { draft } from './draft.ts'
import { asksTunnel } from './encode.ts'
import { type Fault, Faults } from './fault.ts'
import { Form, Http1Head, Option } from './head.ts'
import { Meaning } from './meaning.ts'

/*
 * Messages that another version of HTTP brought, as HTTP/1 would have: written as its text, under the rules by which
 * that is read, so that nothing gets through here that the front door refuses. Changes made on the way go along.
 */

const SLASH = 47
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
const WEBSOCKET = 'websocket'
const KEY = 'sec-websocket-key'
const ACCEPT = 'sec-websocket-accept'

const field: FieldVisitor = (name, value) => draft.field(name, value)
const fieldButAccept: FieldVisitor = (name, value) => {
  if (name !== ACCEPT) draft.field(name, value)
}

/** A request for a host. An extended CONNECT becomes the upgrade that it stands for (RFC 8441 §5). */
export function adoptRequest(protocol: Protocol, frame: Frame): Frame | Fault {
  const view = frame.view as HttpHead
  const { authority, upgrade } = view
  const connect = upgrade === 'connect'
  const switches = upgrade !== null && !connect
  const method = switches ? 'GET' : view.method
  const target = connect ? authority : view.path
  if (target === undefined || !(connect || isPath(target, method))) return Faults.targetForm
  draft.begin()
  draft.method(method)
  draft.put(' ')
  const targetStart = draft.at
  draft.target(target)
  const targetEnd = draft.at
  draft.put(' HTTP/1.1\r\n')
  draft.line('host', authority)
  view.each(field)
  // Hosts of HTTP/1 ask for a length where a body is usual (RFC 9110 §8.6).
  if (frame.last && view.length < 0 && WITH_BODY.has(method)) draft.line('content-length', '0')
  if (switches) {
    draft.line('upgrade', upgrade)
    if (upgrade === WEBSOCKET && view.header(KEY) === undefined) draft.line(KEY, websocketKey())
  }
  const head = draft.end()
  if (!(head instanceof Http1Head)) return head
  head.method = method
  head.targetStart = targetStart
  head.targetEnd = targetEnd
  if (switches) head.options |= Option.Upgrade
  if (view.takesTrailers) head.options |= Option.Trailers
  const fault = Meaning.settle(head, true)
  if (fault !== null) return fault
  // A body, or h2c, has taken the upgrade away: what remains is not what was asked.
  if ((switches && !head.asksTunnel) || (connect && head.length > 0)) return Faults.tunnelBody
  return framed(protocol, frame, head)
}

/** The answer to `request`, which came by HTTP/1. Where that asked for an upgrade, success is a 101. */
export function adoptResponse(protocol: Protocol, request: Frame, frame: Frame): Frame | Fault {
  const view = frame.view as HttpHead
  const ask = request.view as Http1Head
  if (view.status < 200) return view.status === 101 ? Faults.switching : Faults.statusLine
  const switches = view.status < 300 && asksTunnel(request, ask) && ask.form !== Form.Authority
  const status = switches ? 101 : view.status
  if (!beginAnswer(status)) return Faults.statusLine
  if (switches) putSwitch(ask, view)
  else view.each(field)
  return ended(protocol, frame, status)
}

/** An answer before the answer. */
export function adoptInterim(protocol: Protocol, frame: Frame): Frame | Fault {
  const view = frame.view as HttpHead
  if (view.status === 101) return Faults.switching
  if (view.status > 199 || !beginAnswer(view.status)) return Faults.statusLine
  view.each(field)
  return ended(protocol, frame, view.status)
}

/** What follows a body, of requests and of answers. */
export function adoptTrailers(protocol: Protocol, frame: Frame): Frame | Fault {
  draft.begin()
  ;(frame.view as HttpHead).each(field)
  const head = draft.end(true)
  return head instanceof Http1Head ? framed(protocol, frame, head) : head
}

function ended(protocol: Protocol, frame: Frame, status: number): Frame | Fault {
  const head = endAnswer(status)
  return head instanceof Http1Head ? framed(protocol, frame, head) : head
}

/**
 * What a client of HTTP/1 waits for before it speaks the other protocol (RFC 9110 §7.8, RFC 6455 §4.2.2). An accept
 * that came would answer the key of another hop.
 */
function putSwitch(ask: Http1Head, view: HttpHead): void {
  const upgrade = ask.upgrade!
  const key = upgrade === WEBSOCKET ? ask.header(KEY) : undefined
  view.each(key === undefined ? field : fieldButAccept)
  draft.line('upgrade', upgrade)
  if (key !== undefined) draft.line(ACCEPT, websocketAccept(key))
}

/** The target as HTTP/2 has it: a path, or the asterisk of OPTIONS (RFC 9113 §8.3.1). */
function isPath(target: string, method: string): boolean {
  return target.charCodeAt(0) === SLASH || (target === '*' && method === 'OPTIONS')
}

function framed(protocol: Protocol, frame: Frame, head: Http1Head): Frame {
  const { kind, id, last, edits } = frame
  const own = new Frame(protocol, kind, id, head.buf, 0, head.end, last, head)
  own.edits = edits
  return own
}
