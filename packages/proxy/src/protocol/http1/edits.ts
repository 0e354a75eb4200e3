import type { Edit } from '../../frame.ts'
import type { Slab } from '../../http/slab.ts'
import { type Http1Head, LINE } from './head.ts'
import { nameIs } from './names.ts'

/** Names that say where a message ends or belong to one hop: the sessions write them, nobody else. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** What a last edit gave a pseudo header; undefined when none did. */
export function editOf(edits: readonly Edit[] | null, name: string): string | undefined {
  if (edits === null) return undefined
  let value: string | undefined
  for (const edit of edits) if (edit.name === name) value = edit.value ?? undefined
  return value
}

/** Whether an edit takes a header away, whatever it was. */
export function removes(edits: readonly Edit[] | null, name: string): boolean {
  if (edits === null) return false
  let removed = false
  for (const edit of edits) if (edit.name === name) removed = edit.value === null
  return removed
}

/** The length of the body that follows, after edits; -1 when nothing says. */
export function contentLength(edits: readonly Edit[] | null, head: Http1Head): number {
  let length = head.chunked ? -1 : head.length
  if (edits === null) return length
  for (const edit of edits) {
    if (edit.name === 'content-length') length = isLength(edit.value) ? Number(edit.value) : -1
  }
  return length
}

/** Marks the lines that edits take away, one byte per line. Returns whether there are any. */
export function markEdited(marks: Uint8Array, head: Http1Head, edits: readonly Edit[]): boolean {
  let any = false
  for (const { name, append } of edits) {
    if (append || name.charCodeAt(0) === 58 || OURS.has(name)) continue
    if (markLines(marks, head, name)) any = true
  }
  return any
}

/** Marks the lines with this lower-case name. */
export function markLines(marks: Uint8Array, head: Http1Head, name: string): boolean {
  const { buf, lines } = head
  let any = false
  for (let i = 0; i < lines.length; i += LINE) {
    if (lines[i + 3]! >> 4 !== name.length || !nameIs(buf, lines[i]!, name)) continue
    marks[i / LINE] = 1
    any = true
  }
  return any
}

/** Writes the lines that edits add, in order: those that no later edit of the same name replaces. */
export function putEdits(slab: Slab, edits: readonly Edit[]): void {
  for (let i = 0; i < edits.length; i++) {
    const { name, value } = edits[i]!
    if (value === null || name.charCodeAt(0) === 58 || OURS.has(name)) continue
    if (name === 'content-length' && !isLength(value)) continue
    if (!replacedLater(edits, i)) slab.line(name, value)
  }
}

function replacedLater(edits: readonly Edit[], at: number): boolean {
  const { name } = edits[at]!
  for (let i = at + 1; i < edits.length; i++) {
    if (edits[i]!.name === name && !edits[i]!.append) return true
  }
  return false
}

function isLength(value: string | null): value is string {
  return value !== null && /^\d{1,15}$/.test(value)
}
