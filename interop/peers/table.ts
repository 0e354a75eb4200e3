import type { Count } from '../suite.ts'
import type { Cell } from './cell.ts'

/** What came of all peers of a protocol. */
export interface Table {
  readonly protocol: string
  readonly cases: readonly string[]
  /** In the order they were asked: the cases of two peers follow each other. */
  readonly cells: readonly Cell[]
}

/** The table as text: a row for two peers, a column for a case, in it a mark for each path. */
export function draw({ protocol, cases, cells }: Table): string {
  const rows = [...Map.groupBy(cells, pairOf)]
  const width = Math.max(protocol.length, ...rows.map(([pair]) => pair.length)) + 2
  const head = protocol.padEnd(width) + cases.map((name) => column(name, name)).join('')
  const lines = rows.map(([pair, row]) => {
    const marks = row.map(({ name, results }) =>
      column(name, results.map(({ mark }) => mark).join('')),
    )
    return pair.padEnd(width) + marks.join('')
  })
  return [head, ...lines].map((line) => `  ${line.trimEnd()}`).join('\n')
}

/** A sentence for every cell that is not green; cells of two peers, or with one cause, are told together. */
export function reasons(cells: readonly Cell[]): string {
  const told = cells.flatMap((cell) => cell.results.map((result) => ({ ...cell, ...result })))
  const grey = told.filter(({ mark }) => mark === '–')
  const red = told.filter(({ mark }) => mark === '✗')
  return [
    ...[...Map.groupBy(grey, ({ why }) => why)].map(([why, same]) => {
      const pairs = new Set(same.map((it) => `${pairOf(it)}: ${namesOf(same, it)}`))
      return `– ${why}:\n${[...pairs].map((pair) => `      ${pair}`).join('\n')}`
    }),
    ...[...Map.groupBy(red, (it) => `${pairOf(it)}, ${it.path}`)].map(([where, same]) => {
      const names = same.map(({ name }) => name).join(', ')
      return `✗ ${where}: ${names}\n      ${same[0]!.why}`
    }),
  ]
    .map((reason) => `  ${reason}`)
    .join('\n')
}

/** The cases of these two among such cells. */
function namesOf(same: readonly Cell[], { client, server }: Cell): string {
  const theirs = same.filter((it) => it.client === client && it.server === server)
  return [...new Set(theirs.map(({ name }) => name))].join(', ')
}

/** How many green and red marks there are; grey ones are neither. */
export function countOf(cells: readonly Cell[]): Count & { readonly grey: number } {
  const marks = cells.flatMap(({ results }) => results.map(({ mark }) => mark))
  const of = (wanted: string): number => marks.filter((mark) => mark === wanted).length
  return { passed: of('✓'), failed: of('✗'), grey: of('–') }
}

function pairOf({ client, server }: Pick<Cell, 'client' | 'server'>): string {
  return `${client} → ${server}`
}

function column(name: string, text: string): string {
  return text.padEnd(Math.max(name.length, 3) + 2)
}
