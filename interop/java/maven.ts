import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { Tally } from '../checks.ts'
import { type Need, pathOf, program } from '../need.ts'
import { Process } from '../process.ts'
import type { Count } from '../suite.ts'

/** What Java suites need. */
export const javaNeeds: readonly Need[] = [
  program('javac', 'openjdk-17-jdk-headless'),
  program('mvn', 'maven'),
]

/** What hessian has to see of Java's own classes. */
const OPENS = ['java.lang', 'java.util', 'java.math', 'java.time'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
)
const BUILD_MS = 240_000
const CLIENT_MS = 120_000

/** The programs of one Maven module. */
export class JavaModule {
  readonly #name: string
  #classPath = ''

  constructor(name: string) {
    this.#name = name
  }

  /** Compiles it and gets its libraries. */
  async build(): Promise<void> {
    const folder = import.meta.dirname
    const file = join(folder, this.#name, 'target/classpath')
    const pom = ['-f', join(folder, 'pom.xml'), '-pl', this.#name, '-am']
    const goals = ['compile', 'dependency:build-classpath', '-Dmdep.outputFile=target/classpath']
    const args = ['-q', '-B', ...pom, ...goals, '-DincludeScope=runtime']
    await promisify(execFile)(pathOf('mvn'), args, { timeout: BUILD_MS })
    const classes = join(folder, this.#name, 'target/classes')
    this.#classPath = [classes, (await readFile(file, 'utf8')).trim()].join(delimiter)
  }

  /** Starts a program; it has begun when it says `listening`. */
  async serve(main: string, ...args: readonly (string | number)[]): Promise<Process> {
    const server = this.#run(main, args)
    try {
      await server.says(/^listening$/m)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  /** Runs a client to its end and counts the checks that it prints. */
  async check(main: string, ...args: readonly (string | number)[]): Promise<Count> {
    const client = this.#run(main, args)
    const tally = new Tally()
    try {
      const code = await client.exit(CLIENT_MS)
      for (const [, how, sentence, why] of client.said.matchAll(LINE)) {
        if (how === 'passed') tally.passed(sentence!)
        else tally.failed(sentence!, why ?? '')
      }
      if (code !== 0 || tally.count.passed + tally.count.failed === 0)
        tally.failed('the Java client comes to its end', `exit ${code}:\n${client.said}`)
    } catch (error) {
      tally.failed('the Java client comes to its end', `${error}:\n${client.said}`)
    } finally {
      await client.stop()
    }
    return tally.count
  }

  #run(main: string, args: readonly (string | number)[]): Process {
    const program = `dev.tulle.interop.${this.#name}.${main}`
    const java = [...OPENS, '-Xmx256m', '-cp', this.#classPath, program]
    return new Process(pathOf('java'), [...java, ...args.map(String)])
  }
}

const LINE = /^(passed|failed) (.*?)(?:: ([\w.$]+(?:Exception|Error)\b.*))?$/gm
