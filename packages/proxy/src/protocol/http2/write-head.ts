import type { Connection } from '../../connection.ts'
import type { Edit, Frame } from '../../frame.ts'
import { FrameKind } from '../../frame.ts'
import { TARGET } from '../../http/chars.ts'
import { isSensitive } from '../../http/sensitive.ts'
import { slab } from '../../http/slab.ts'
import type { HttpHead } from '../../http.ts'
import { cleaned, editOf, isLength, isOurs, lengthMask, replaces } from './edits.ts'
import { Http2Head } from './head.ts'
import type { HpackEncoder } from './hpack/encoder.ts'
import type { Field } from './hpack/field.ts'
import { FieldKind } from './hpack/field-kind.ts'
import { Flag, FRAME_BYTES, FrameType, HEAD_BYTES } from './wire.ts'
import { setFrameHead } from './write.ts'

/** A size update at the beginning of a block, and integers before a name and a value. */
const UPDATE_BYTES = 12
const INTEGERS_BYTES = 18

/** The encoder of the block that is being written: module state saves a closure for each head. */
let encoder: HpackEncoder

/**
 * Writes a head, an interim one, or trailers as one header block: HEADERS, and CONTINUATION where it is long. A head that
 * came by HTTP/2 goes on field by field; another is taken apart. False: the connection is full.
 */
export function writeHead(
  connection: Connection,
  by: HpackEncoder,
  id: number,
  frame: Frame,
  asked: Frame | null,
  server: string | null,
  end: boolean,
): boolean {
  encoder = by
  slab.room(HEAD_BYTES + UPDATE_BYTES)
  slab.at = by.begin(slab.buf, slab.at + HEAD_BYTES)
  const head = frame.view as HttpHead
  const { edits, kind } = frame
  if (kind === FrameKind.Request) putRequest(head, edits)
  else if (kind !== FrameKind.Trailers) putStatus(head)
  const skipLength = end && head.length > 0 && hasNoBody(kind, head, asked)
  const own = kind === FrameKind.Response ? server : null
  if (head instanceof Http2Head) putFields(head, edits, skipLength, own !== null)
  else putForeign(head, kind, edits, skipLength, own !== null)
  if (kind === FrameKind.Request && needsTe(head)) put('te', 'trailers', false)
  if (edits !== null) putEdits(edits)
  if (own !== null) put('server', own, false)
  return send(connection, id, end)
}

/** Hands the block that lies in the slab, behind room for a frame's head, to the connection. */
function send(connection: Connection, id: number, end: boolean): boolean {
  const length = slab.pending - HEAD_BYTES
  const flags = end ? Flag.EndStream : 0
  if (length <= FRAME_BYTES) {
    const at = slab.at - slab.pending
    setFrameHead(slab.buf, at, length, FrameType.Headers, flags | Flag.EndHeaders, id)
    return slab.write(connection)
  }
  const block = slab.take()
  let from = HEAD_BYTES
  let type: number = FrameType.Headers
  while (from < block.length) {
    const to = Math.min(from + FRAME_BYTES, block.length)
    const last = to === block.length ? Flag.EndHeaders : 0
    slab.room(HEAD_BYTES)
    const first = type === FrameType.Headers ? flags : 0
    setFrameHead(slab.buf, slab.at, to - from, type, first | last, id)
    slab.at += HEAD_BYTES
    slab.write(connection)
    connection.write(block, from, to)
    from = to
    type = FrameType.Continuation
  }
  return !connection.blocked
}

/** The body that Content-Length tells of does not come: somebody took it away. */
function hasNoBody(kind: number, head: HttpHead, asked: Frame | null): boolean {
  if (kind === FrameKind.Request) return true
  return head.status !== 304 && (asked?.view as HttpHead | undefined)?.method !== 'HEAD'
}

function putRequest(head: HttpHead, edits: readonly Edit[] | null): void {
  if (head instanceof Http2Head && !changesPseudo(edits)) {
    let named = false
    for (let i = 0; i < head.pseudo; i++) {
      const field = head.fields[i]!
      if (field.kind === FieldKind.Authority) named = true
      putField(field)
    }
    if (!named && head.authority !== '') put(':authority', head.authority, false)
    return
  }
  const { upgrade } = head
  const authority = editOf(edits, ':authority') ?? editOf(edits, 'host') ?? head.authority
  if (upgrade === 'connect') {
    put(':method', 'CONNECT', false)
    put(':authority', cleaned(authority), false)
    return
  }
  put(
    ':method',
    upgrade === null ? cleaned(editOf(edits, ':method') ?? head.method) : 'CONNECT',
    false,
  )
  if (upgrade !== null) put(':protocol', upgrade, false)
  put(':scheme', cleaned(editOf(edits, ':scheme') ?? head.scheme), false)
  if (authority !== '') put(':authority', cleaned(authority), false)
  put(':path', asPath(editOf(edits, ':path') ?? head.path ?? '/'), false)
}

/** A head of HTTP/2 has it among its fields. */
function needsTe(head: HttpHead): boolean {
  if (head.takesTrailers) return !(head instanceof Http2Head)
  return head.grpcWeb
}

function changesPseudo(edits: readonly Edit[] | null): boolean {
  if (edits === null) return false
  for (const { name } of edits) if (name.charCodeAt(0) === 58 || name === 'host') return true
  return false
}

/** HTTP/1 says 101 where an extended CONNECT is answered by success (RFC 8441 §4). */
function putStatus(head: HttpHead): void {
  if (head instanceof Http2Head && head.pseudo === 1) putField(head.fields[0]!)
  else put(':status', head.status === 101 ? '200' : String(head.status), false)
}

function putFields(
  head: Http2Head,
  edits: readonly Edit[] | null,
  skipLength: boolean,
  ownServer: boolean,
): void {
  const { fields } = head
  const mask = edits === null ? 0 : lengthMask(edits)
  const special = skipLength || ownServer || head.length >= 0 || head.method !== ''
  for (let i = head.pseudo; i < fields.length; i++) {
    const field = fields[i]!
    const { name } = field
    if (mask !== 0 && (mask & (1 << (name.length & 31))) !== 0 && replaces(edits!, name)) continue
    if (special) {
      if (field.kind === FieldKind.ContentLength ? skipLength : field.kind === FieldKind.Host)
        continue
      if (ownServer && name === 'server') continue
    }
    putField(field)
  }
}

/** What a visit of fields has to know, for the same reason. */
let foreignEdits: readonly Edit[] | null = null
let foreignMask = 0
let foreignSkipLength = false
let foreignOwnServer = false
let foreignTunnel = false

function putForeign(
  head: HttpHead,
  kind: number,
  edits: readonly Edit[] | null,
  skipLength: boolean,
  ownServer: boolean,
): void {
  foreignEdits = edits
  foreignMask = edits === null ? 0 : lengthMask(edits)
  foreignSkipLength = skipLength || head.status === 101
  foreignOwnServer = ownServer
  foreignTunnel = head.status === 101 || (kind === FrameKind.Request && head.upgrade !== null)
  head.each(visit)
}

function visit(name: string, value: string, sensitive: boolean): void {
  const touched = (foreignMask & (1 << (name.length & 31))) !== 0
  if (touched && replaces(foreignEdits!, name)) return
  if (foreignSkipLength && name === 'content-length') return
  if (foreignOwnServer && name === 'server') return
  // The handshake of RFC 6455 is HTTP/1's; an extended CONNECT needs none.
  if (foreignTunnel && (name === 'sec-websocket-key' || name === 'sec-websocket-accept')) return
  put(name, value, sensitive)
}

/** What edits add, in order: those that no later edit of the same name replaces. */
function putEdits(edits: readonly Edit[]): void {
  for (let i = 0; i < edits.length; i++) {
    const { name, value } = edits[i]!
    if (value === null || isOurs(name)) continue
    if (name === 'content-length' && !isLength(value)) continue
    let replaced = false
    for (let later = i + 1; later < edits.length && !replaced; later++)
      replaced = edits[later]!.name === name && !edits[later]!.append
    if (!replaced) putEdit(name, cleaned(value))
  }
}

function putEdit(name: string, value: string): void {
  put(name, value, isSensitive(name, value))
}

function putField(field: Field): void {
  slab.room(encoder.most(field))
  slab.at = encoder.encode(field, slab.buf, slab.at)
}

function put(name: string, value: string, sensitive: boolean): void {
  slab.room(name.length + value.length + INTEGERS_BYTES)
  slab.at = encoder.encodePair(name, value, sensitive, slab.buf, slab.at)
}

/** Whatever has no place in a path is percent-encoded. It must not throw: the block so far lies in the slab. */
function asPath(path: string): string {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code > 127 || TARGET[code] === 0) return encoded(path)
  }
  return path === '' ? '/' : path
}

function encoded(path: string): string {
  let clean = ''
  for (const byte of Buffer.from(path)) {
    if (TARGET[byte] === 1) clean += String.fromCharCode(byte)
    else clean += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return clean
}
