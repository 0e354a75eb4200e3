import { check as checkSource, problemLines, readConfig } from '@tulle/proxy'
import type { Command } from '../command.ts'

/** Reads a configuration as the proxy would, and says everything that is wrong with it. */
export const check: Command = {
  name: 'check',
  summary: 'say everything that is wrong with a configuration file',
  argument: '<file>',
  options: [],
  async run(file) {
    const result = await checkSource({ text: await readConfig(file), file })
    if (!result.ok) {
      process.stderr.write(problemLines(result.problems))
      process.stderr.write(`${count(result.problems.length, 'problem')}\n`)
      return 1
    }
    const { listeners, clusters } = result.value
    process.stdout.write(
      `${file}: good: ${count(listeners.length, 'listener')}, ${count(clusters.length, 'cluster')}\n`,
    )
    return 0
  },
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`
}
