import { Untranslatable } from '../../transcoder.ts'

/** What the protocol itself says; callers cannot say it for us. */
const OWN = /^(?:M_.*|group|version)$/s

/** Whether a header is the protocol's own. */
export function isOwn(name: string): boolean {
  return OWN.test(name)
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
