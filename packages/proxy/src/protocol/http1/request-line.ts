import type { Frame } from '../../frame.ts'
import { TARGET } from '../../http/chars.ts'
import { isToken, type Slab } from '../../http/slab.ts'
import { editOf } from './edits.ts'
import { Form, type Http1Head } from './head.ts'

/**
 * Puts a new request line and Host into the slab where the ones that came cannot go on: HTTP/1.0, a target in
 * absolute form (RFC 9112 §3.2.2), a method, path or authority that was edited. Returns where the header lines begin
 * then; -1 when the head can begin as it came.
 */
export function putRequestLine(slab: Slab, frame: Frame, head: Http1Head): number {
  const { edits } = frame
  const asItCame = head.minor === 1 && head.form !== Form.Absolute
  if (asItCame && edits === null) return -1
  const method = editOf(edits, ':method')
  const path = editOf(edits, ':path')
  const authority = editOf(edits, ':authority') ?? editOf(edits, 'host')
  if (asItCame && method === undefined && path === undefined && authority === undefined) return -1
  slab.put(method !== undefined && isToken(method) ? method : head.method)
  slab.put(' ')
  putTarget(slab, head, path, authority)
  slab.put(' HTTP/1.1\r\n')
  const host = authority ?? head.authority
  slab.put('host: ')
  slab.value(host)
  slab.put('\r\n')
  return head.lines.length === 0 ? frame.end - 2 : head.lines[0]!
}

function putTarget(
  slab: Slab,
  head: Http1Head,
  path: string | undefined,
  authority: string | undefined,
): void {
  if (head.form === Form.Authority) slab.value((authority ?? head.authority).replaceAll(' ', ''))
  else if (path !== undefined) slab.put(targetOf(path))
  else if (head.form === Form.Absolute) slab.put(head.path!)
  else slab.copy(head.buf, head.targetStart, head.targetEnd)
}

/** A path as it may stand in a request line: what may not is percent-encoded. */
function targetOf(path: string): string {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code > 127 || TARGET[code] === 0) return encoded(path)
  }
  return path === '' ? '/' : path
}

function encoded(path: string): string {
  let target = ''
  for (const byte of Buffer.from(path)) {
    target +=
      TARGET[byte] === 1
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return target
}
