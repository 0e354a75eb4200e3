import { type Choice, EVERYTHING } from '../observe/series.ts'
import type { Ask } from './endpoint.ts'
import { type Reply, text } from './reply.ts'

/** `?filter=` and `?usedonly`, or the answer that says what is wrong with them. */
export function choiceOf(ask: Ask): Choice | Reply {
  const pattern = ask.query.get('filter')
  const usedOnly = ask.query.has('usedonly')
  if (pattern === null) return usedOnly ? { filter: null, usedOnly } : EVERYTHING
  try {
    return { filter: new RegExp(pattern), usedOnly }
  } catch {
    return text(`filter "${pattern}" is not a regular expression`, 400)
  }
}

/** `?format=`, or the answer that names the known formats. */
export function formatOf<const F extends string>(ask: Ask, known: readonly F[]): F | Reply {
  const asked = ask.query.get('format') ?? known[0]!
  const found = known.find((one) => one === asked)
  return found ?? text(`no format "${asked}" of ${ask.path}; known: ${known.join(', ')}`, 400)
}
