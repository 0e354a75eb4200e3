import type { Frame } from '../../frame.ts'
import { Untranslatable } from '../../transcoder.ts'
import { each } from './header.ts'

/** What the protocol itself says; callers cannot say it for us. */
const OWN = /^M_/
const ROUTED: ReadonlySet<string> = new Set(['group', 'version'])

/** What travels beside the arguments in a frame. */
export function headersOf(frame: Frame): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  each(frame, (name, value) => {
    if (!isOwn(name)) headers.set(name, value)
  })
  return headers
}

/** Metadata of these headers and, behind them, these pairs; those without a value are left out. */
export function metadata(
  headers: ReadonlyMap<string, string>,
  pairs: readonly (readonly [string, string])[],
): Buffer {
  const lines: string[] = []
  for (const [name, value] of headers) {
    if (isOwn(name)) continue
    if (name === '' || `${name}${value}`.includes('\n'))
      throw new Untranslatable(
        `headers.${name}`,
        'has a line break or no name, which Motan cannot say',
      )
    lines.push(name, value)
  }
  for (const [name, value] of pairs) if (value !== '') lines.push(name, value)
  return Buffer.from(lines.join('\n'))
}

function isOwn(name: string): boolean {
  return OWN.test(name) || ROUTED.has(name)
}
