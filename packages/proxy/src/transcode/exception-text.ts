import type { ExceptionAnswer } from '../transcoder.ts'

/** An exception in one line, where there is no place for its class. */
export function exceptionText({
  type,
  message,
}: Pick<ExceptionAnswer, 'type' | 'message'>): string {
  return type === '' || message === '' ? type + message : `${type}: ${message}`
}
