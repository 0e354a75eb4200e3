const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?$/
const LONGEST_START = 'HTTP/1.1 200'.length

/**
 * The status of an HTTP/1 answer that begins with `text`, heads of interim answers (1xx) skipped: null while more is
 * needed, 0 when it is no such answer.
 */
export function readStatus(text: string): number | null {
  const lineEnd = text.indexOf('\n')
  if (lineEnd < 0) return mayBeStatusLine(text) ? null : 0
  const status = Number(STATUS_LINE.exec(text.slice(0, lineEnd))?.[1] ?? 0)
  if (status < 100 || status >= 200) return status
  const headEnd = /\n\r?\n/.exec(text)
  return headEnd === null ? null : readStatus(text.slice(headEnd.index + headEnd[0].length))
}

function mayBeStatusLine(start: string): boolean {
  return start.length < LONGEST_START
    ? 'HTTP/1.'.startsWith(start.slice(0, 7))
    : /^HTTP\/1\.[01] [1-5]\d\d/.test(start)
}
