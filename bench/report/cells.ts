import type { Outcome, Row } from '../rounds.ts'
import type { Column } from '../work.ts'
import type { Spread } from './statistics.ts'
import { spread } from './statistics.ts'

/** A table of words: first the heads, then a line for each contestant. */
export type Cells = readonly (readonly string[])[]

/** The outcome of a work in words: medians, what they lie between, and how they stand to the reference. */
export function cells(outcome: Outcome): Cells {
  const { work, rows } = outcome
  const reference = rows.find((row) => row.name === work.reference) ?? null
  const heads = work.columns.flatMap((column) => [
    column.label,
    ...(column.relation === null ? [] : [relationHead(column, work.reference)]),
  ])
  return [['', ...heads], ...rows.map((row) => line(row, work.columns, reference))]
}

/** How a contestant's figure stands to the reference's of the same round. */
export function relation(row: Row, reference: Row | null, column: Column): Spread | null {
  if (reference === null || column.relation === null) return null
  const values = row.runs.flatMap(({ round, figures }) => {
    const mine = figures[column.key]
    const other = reference.runs.find((run) => run.round === round)?.figures[column.key]
    if (mine === undefined || other === undefined) return []
    return [column.relation === 'ratio' ? mine / other : mine - other]
  })
  return spread(values)
}

function relationHead(column: Column, reference: string): string {
  return column.relation === 'ratio' ? `× ${reference}` : `above ${reference}`
}

function line(row: Row, columns: readonly Column[], reference: Row | null): string[] {
  if (row.missing !== null) return [row.name, `missing: ${row.missing}`]
  // Why is told while it runs; it may hold paths of this machine.
  if (row.failed !== null) return [row.name, 'failed']
  const disturbed = row.runs.some((run) => run.disturbed)
  return [
    disturbed ? `${row.name} (disturbed)` : row.name,
    ...columns.flatMap((column) => {
      const values = row.runs.map(({ figures }) => figures[column.key] ?? Number.NaN)
      const own = words(spread(values), column.digits)
      if (column.relation === null) return [own]
      const digits = column.relation === 'ratio' ? 2 : column.digits
      return [own, row === reference ? '' : words(relation(row, reference, column), digits)]
    }),
  ]
}

function words(value: Spread | null, digits: number): string {
  if (value === null) return '–'
  const [median, min, max] = [value.median, value.min, value.max].map((it) => it.toFixed(digits))
  return min === max ? `${median}` : `${median} (${min}–${max})`
}
