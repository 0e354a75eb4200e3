import { readFileSync, writeFileSync } from 'node:fs'
import type { Outcome } from '../rounds.ts'
import { cells } from './cells.ts'

const BEGIN = '<!-- results: begin, written by npm run bench -- --markdown -->'
const END = '<!-- results: end -->'

/** Outcomes as sections with a table each, for a reader of the repository. */
export function markdown(outcomes: readonly Outcome[], machine: readonly string[]): string {
  const facts = machine.map((fact) => `* ${fact}`).join('\n')
  return [facts, ...outcomes.map(section)].join('\n\n')
}

/** Puts text between the markers of a file; a sentence when the file has none. */
export function updateMarkdown(file: string, text: string): void {
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, between(before, text, file))
}

/** A document with the text between its markers. */
export function between(document: string, text: string, name: string): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${name} lacks the lines ${BEGIN} and ${END}`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`
}

function section(outcome: Outcome): string {
  const [heads, ...lines] = cells(outcome)
  const width = heads!.length
  const row = (line: readonly string[]): string =>
    `| ${[...line, ...Array(width - line.length).fill('')].join(' | ')} |`
  const rule = `|${'---|'.repeat(width)}`
  const table = [row(heads!), rule, ...lines.map(row)].join('\n')
  return `### ${outcome.work.title}\n\nBar: ${outcome.work.bar}.\n\n${table}`
}
