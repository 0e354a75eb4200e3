import type { Outcome } from '../rounds.ts'
import { cells } from './cells.ts'

/** An outcome as a table for a terminal. */
export function textTable(outcome: Outcome): string {
  const table = cells(outcome)
  const full = table.filter((line) => line.length === table[0]!.length)
  const widths = table[0]!.map((_, column) =>
    Math.max(...full.map((line) => line[column]!.length), column === 0 ? nameWidth(table) : 0),
  )
  const lines = table.map((line) =>
    line.length < widths.length
      ? `${line[0]!.padEnd(widths[0]!)}  ${line[1]}`
      : line
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
          .join('  '),
  )
  return [`${outcome.work.name}: ${outcome.work.title}`, ...lines, `bar: ${outcome.work.bar}`].join(
    '\n',
  )
}

function nameWidth(table: readonly (readonly string[])[]): number {
  return Math.max(...table.map((line) => line[0]!.length))
}
