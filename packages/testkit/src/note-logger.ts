import { type Logger, silentLogger } from '@tulle/core'

/** What was logged: the sentence and its fields. */
export interface Note extends Record<string, unknown> {
  readonly message: string
}

/** A logger that keeps what it is told from `info` upwards. */
export function noteLogger(): Logger & { readonly notes: Note[] } {
  const notes: Note[] = []
  const note = (message: string, fields: Record<string, unknown> = {}): void => {
    notes.push({ message, ...fields })
  }
  return { ...silentLogger, notes, info: note, warn: note, error: note }
}
