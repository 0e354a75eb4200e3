/** One answer of the admin side. */
export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  /** Verbs the resource knows, for 405. */
  readonly allow?: string
}

/** Plain text; a sentence gets its line end. */
export function text(body: string, status = 200): Reply {
  const ended = body === '' || body.endsWith('\n') ? body : `${body}\n`
  return { status, type: 'text/plain; charset=utf-8', body: ended }
}

/** Data, indented: most readers are people with curl. */
export function json(value: unknown): Reply {
  return jsonText(JSON.stringify(value, plain, 2))
}

/** Data for a program that asks every second. */
export function compactJson(value: unknown): Reply {
  return jsonText(JSON.stringify(value))
}

function jsonText(body: string): Reply {
  return { status: 200, type: 'application/json; charset=utf-8', body: `${body}\n` }
}

/** What a compiled configuration holds and JSON does not know. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof RegExp) return value.source
  return typeof value === 'bigint' ? String(value) : value
}
