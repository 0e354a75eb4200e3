import type { Import } from './import-graph.ts'

/** Part by part: the parts it imports. */
export type Order = ReadonlyMap<string, ReadonlySet<string>>

/** How the parts of one house are called: null for a file that is in none. */
export type Naming = (path: string) => string | null

/** The imports between parts; a part that imports only itself stands there with nothing. */
export function orderOf(imports: readonly Import[], name: Naming): Order {
  const order = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    const user = name(from)
    const used = name(to)
    if (user === null || used === null) continue
    for (const part of [user, used]) if (!order.has(part)) order.set(part, new Set())
    if (user !== used) order.get(user)!.add(used)
  }
  return order
}

/** A round of parts each of which imports the next; null when the order has an end. */
export function roundIn(order: Order): string[] | null {
  const done = new Set<string>()
  const path: string[] = []
  const walk = (part: string): string[] | null => {
    if (path.includes(part)) return [...path.slice(path.indexOf(part)), part]
    if (done.has(part)) return null
    path.push(part)
    for (const used of [...(order.get(part) ?? [])].sort()) {
      const round = walk(used)
      if (round !== null) return round
    }
    path.pop()
    done.add(part)
    return null
  }
  for (const part of [...order.keys()].sort()) {
    const round = walk(part)
    if (round !== null) return round
  }
  return null
}

/** How high a part stands: one above the highest it imports. Of an order without rounds. */
export function heights(order: Order): Map<string, number> {
  const known = new Map<string, number>()
  const height = (part: string): number => {
    const before = known.get(part)
    if (before !== undefined) return before
    const found = 1 + Math.max(0, ...[...order.get(part)!].map(height))
    known.set(part, found)
    return found
  }
  for (const part of order.keys()) height(part)
  return known
}

const WIDTH = 100

/** One line a part, the highest first: its height, its name, and what it imports. */
export function draw(order: Order): string {
  const height = heights(order)
  const parts = [...order.keys()].sort(
    (a, b) => height.get(b)! - height.get(a)! || (a < b ? -1 : 1),
  )
  const width = Math.max(...parts.map(({ length }) => length))
  const lines = parts.flatMap((part) => {
    const head = `${String(height.get(part)).padStart(2)}  ${part.padEnd(width)}  ◀ `
    const used = [...order.get(part)!].sort()
    return used.length === 0 ? [head.slice(0, -3).trimEnd()] : wrapped(head, used)
  })
  return lines.join('\n')
}

/** Words on lines of at most 100 columns, all of them beginning where the first does. */
export function wrapped(head: string, words: readonly string[]): string[] {
  const lines: string[] = []
  let line = head
  for (const [i, word] of words.entries()) {
    const next = i === words.length - 1 ? word : `${word} · `
    if ((line + next).trimEnd().length > WIDTH) {
      lines.push(line.trimEnd())
      line = ' '.repeat(head.length)
    }
    line += next
  }
  return [...lines, line.trimEnd()]
}
