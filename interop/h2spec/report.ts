/** One case of h2spec. */
export interface Case {
  readonly name: string
  /** What went wrong; null when nothing did. */
  readonly why: string | null
}

/** The cases of a report in JUnit's form. A case that h2spec skipped has found nothing out, so it counts as failed. */
export function casesOf(report: string): Case[] {
  return [...report.matchAll(TEST_CASE)].map(([, group, title, , inside = '']) => ({
    name: `${group} ${text(title!)}`,
    why: why(inside),
  }))
}

const TEST_CASE =
  /<testcase package="([^"]*)" classname="([^"]*)" time="[^"]*"(\/>|>([\s\S]*?)<\/testcase>)/g
const BAD_END = /<(failure|error|skipped)>([\s\S]*?)<\/\1>/
const ENTITIES: Readonly<Record<string, string>> = {
  '&#34;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
}

function why(inside: string): string | null {
  const [, kind, told] = BAD_END.exec(inside) ?? []
  if (kind === undefined) return null
  return kind === 'skipped' ? 'skipped' : `wanted one of all but the last, which came: ${told}`
}

function text(escaped: string): string {
  return escaped.replaceAll(/&(?:#3[49]|lt|gt|amp);/g, (entity) => ENTITIES[entity]!)
}
