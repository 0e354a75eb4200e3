import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { javaNeeds } from '../java/maven.ts'
import { pathOf } from '../need.ts'
import { compile } from './compile.ts'
import type { Program } from './program.ts'

const FOLDER = join(import.meta.dirname, 'java')
const BUILT = join(FOLDER, 'target/built')

/** What hessian and fastjson have to see of Java's own classes. */
const OPENS = ['java.lang', 'java.util', 'java.math', 'java.time'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
)
/** Small and soon at work: nearly all the time of a client is its start. */
const SMALL = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** The class demo.tulle.Main of a module of java/; what begins with `-` goes to the virtual machine. */
export function java(module: string, ...args: readonly string[]): Program {
  const target = join(FOLDER, module, 'target')
  const options = args.filter((arg) => arg.startsWith('-'))
  const words = args.filter((arg) => !arg.startsWith('-'))
  return {
    needs: javaNeeds,
    build: buildOnce,
    command() {
      const libraries = readFileSync(join(target, 'classpath'), 'utf8').trim()
      const classPath = [join(target, 'classes'), libraries].join(delimiter)
      const machine = [...OPENS, ...SMALL, ...options, '-cp', classPath]
      return [pathOf('java'), ...machine, 'demo.tulle.Main', ...words]
    },
  }
}

let built: Promise<void> | null = null

function buildOnce(): Promise<void> {
  built ??= build()
  return built
}

/** All modules at once, unless no source is younger than the last time: Maven takes long to find that out. */
async function build(): Promise<void> {
  const begun = Date.now()
  if ((await youngestSource()) < madeAt(BUILT)) return
  const goals = ['compile', 'dependency:build-classpath', '-Dmdep.outputFile=target/classpath']
  const args = ['-q', '-B', '-f', join(FOLDER, 'pom.xml'), ...goals, '-DincludeScope=runtime']
  await compile(pathOf('mvn'), args)
  writeFileSync(BUILT, `${begun}\n`)
}

async function youngestSource(): Promise<number> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((it) => join(it.parentPath, it.name))
  const sources = files.filter((file) => /[/\\](pom\.xml$|src[/\\])/.test(file))
  const definitions = ['echo.proto', 'echo.thrift'].map((name) => join(FOLDER, '..', name))
  return Math.max(...[...sources, ...definitions].map(madeAt))
}

function madeAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
