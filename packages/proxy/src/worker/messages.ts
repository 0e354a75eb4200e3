import type { LogLevel } from '@tulle/core'
import type { Report, Source } from './member.ts'

/** What the leading process asks of a worker process. `id` comes back with the answer. */
export type Ask =
  | { readonly id: number; readonly what: 'apply'; readonly source: Source }
  | { readonly id: number; readonly what: 'report' }
  | { readonly id: number; readonly what: 'level'; readonly level: LogLevel }
  | { readonly id: number; readonly what: 'reopen' }
  | { readonly id: number; readonly what: 'drain'; readonly drainMs: number }

export type Answer =
  | { readonly id: number; readonly ok: true; readonly report: Report | null }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly error: string }

/** The variable by which workers are given what all of them share, in hexadecimal digits. */
export const SHARED_SECRET = 'TULLE_SHARED_SECRET'
