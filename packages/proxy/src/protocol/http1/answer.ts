import { reasonPhrase } from '../../http/status.ts'
import { draft } from './draft.ts'
import type { Fault } from './fault.ts'
import { Http1Head } from './head.ts'
import { Meaning } from './meaning.ts'

/** Begins the head of an answer in the draft; false where the status is none. */
export function beginAnswer(status: number): boolean {
  draft.begin()
  if (!Number.isInteger(status) || status < 100 || status > 999) return false
  draft.put(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`)
  return true
}

/** The answer that was begun, with the lines it got since. */
export function endAnswer(status: number): Http1Head | Fault {
  const head = draft.end()
  if (!(head instanceof Http1Head)) return head
  head.status = status
  return Meaning.settle(head, false) ?? head
}
