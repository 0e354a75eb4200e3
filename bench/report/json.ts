import { writeFileSync } from 'node:fs'
import type { Outcome } from '../rounds.ts'
import { relation } from './cells.ts'
import { spread } from './statistics.ts'

/** Writes every run and what was made of it. */
export function writeJson(
  file: string,
  outcomes: readonly Outcome[],
  machine: readonly string[],
): void {
  writeFileSync(file, `${JSON.stringify({ machine, works: outcomes.map(plain) }, null, 2)}\n`)
}

function plain({ work, rows }: Outcome): object {
  const reference = rows.find((row) => row.name === work.reference) ?? null
  return {
    name: work.name,
    title: work.title,
    bar: work.bar,
    reference: work.reference,
    contestants: rows.map((row) => ({
      ...row,
      summary: Object.fromEntries(
        work.columns.map((column) => {
          const values = row.runs.map(({ figures }) => figures[column.key] ?? Number.NaN)
          return [column.key, { ...spread(values), relation: relation(row, reference, column) }]
        }),
      ),
    })),
  }
}
