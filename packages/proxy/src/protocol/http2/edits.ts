import type { Edit } from '../../frame.ts'
import { VALUE } from '../../http/chars.ts'
import { isToken } from '../../http/slab.ts'

/** Names that belong to one hop or to the head of a message: sessions write them, nobody else. */
const OURS: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Names of edits, and whether they are not to be written; they come from configurations, so there are few. */
const judged = new Map<string, boolean>()

/** Whether an edit with this name is not for the fields of a head. */
export function isOurs(name: string): boolean {
  let ours = judged.get(name)
  if (ours === undefined) {
    ours = OURS.has(name) || !isToken(name) || name !== name.toLowerCase()
    if (judged.size > 4096) judged.clear()
    judged.set(name, ours)
  }
  return ours
}

/** What a last edit gave a pseudo header; undefined when none did. */
export function editOf(edits: readonly Edit[] | null, name: string): string | undefined {
  if (edits === null) return undefined
  let value: string | undefined
  for (const edit of edits) if (edit.name === name) value = edit.value ?? undefined
  return value
}

/** One bit for each length of a name that edits replace or remove: most fields need no look at them. */
export function lengthMask(edits: readonly Edit[]): number {
  let mask = 0
  for (let i = 0; i < edits.length; i++) {
    const { name, append } = edits[i]!
    if (!append) mask |= 1 << (name.length & 31)
  }
  return mask
}

/** Whether an edit takes a field with this name away. */
export function replaces(edits: readonly Edit[], name: string): boolean {
  for (let i = 0; i < edits.length; i++) {
    const edit = edits[i]!
    if (!edit.append && edit.name === name && !OURS.has(name)) return true
  }
  return false
}

export function isLength(value: string): boolean {
  return /^\d{1,15}$/.test(value)
}

/** The value without what could end a line; what is no single byte becomes a question mark. Nearly all are as they are. */
export function cleaned(value: string): string {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code > 255 || VALUE[code] === 0) return trimmed(value)
  }
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first <= 32 || last <= 32 ? trimmed(value) : value
}

function trimmed(value: string): string {
  let clean = ''
  for (const char of value) {
    const code = char.charCodeAt(0)
    if (code > 255 || char.length > 1) clean += '?'
    else if (VALUE[code] === 1) clean += char
  }
  return clean.trim()
}
