/** `%NAME(argument):limit%` as it stands in a template. */
export interface Call {
  readonly name: string
  /** What stands in the brackets; null without brackets. */
  readonly argument: string | null
  /** How many characters to keep; null is all. */
  readonly limit: number | null
}

/** Literal text, or an operator to put there. */
export type Piece = string | Call

const CALL = /%(\w+)(?:\(([^)]*)\))?(?::(\d+))?%/y

/** Takes a template apart. What is wrong with it goes to `say`, and the reading goes on behind it. */
export function parse(template: string, say: (what: string) => void): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  let at = 0
  while (at < template.length) {
    const percent = template.indexOf('%', at)
    if (percent === -1) break
    text += template.slice(at, percent)
    CALL.lastIndex = percent
    const found = CALL.exec(template)
    if (found) {
      if (text !== '') pieces.push(text)
      text = ''
      const [, name, argument, limit] = found
      const keep = limit === undefined ? null : Number(limit)
      pieces.push({ name: name!, argument: argument ?? null, limit: keep })
      at = CALL.lastIndex
    } else if (template[percent + 1] === '%') {
      text += '%'
      at = percent + 2
    } else {
      const near = JSON.stringify(template.slice(percent, percent + 20))
      say(`${near} is no operator such as %PROTOCOL% or %REQ(:PATH)%; write %% for a percent sign`)
      at = percent + 1
    }
  }
  text += template.slice(at)
  if (text !== '') pieces.push(text)
  return pieces
}
