import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deadPort, until } from '@tulle/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const GUIDE = readFileSync(join(ROOT, 'docs/new-protocol.md'), 'utf8')
const MOST_LINES = 200

/** A file: its name in a line of its own, then its text. */
const FILE = /^`([\w./-]+)`\n\n```\w+\n([\s\S]*?)^```$/gm
/** Commands behind `$ `, each followed by what it says; `…` stands for anything. */
const CONSOLE = /^```console\n([\s\S]*?)^```$/gm

/** What a reader does, in the order of the page. */
type Step =
  | { readonly kind: 'write'; readonly name: string; readonly text: string }
  | { readonly kind: 'run'; readonly command: string; readonly said: readonly string[] }

const files = [...GUIDE.matchAll(FILE)]
const home = mkdtempSync(join(tmpdir(), 'tulle-guide-'))
const folder = join(home, 'toy')
const bin = join(home, 'bin')
const running: ChildProcess[] = []

beforeAll(() => {
  mkdirSync(folder)
  mkdirSync(bin)
  symlinkSync(ROOT, join(home, 'tulle'))
  script('node', `exec "${process.execPath}" "$@"`)
  script('npx', `shift; exec "${process.execPath}" "${ROOT}/packages/cli/src/main.ts" "$@"`)
  const ask = 'process.stdout.write(await (await fetch(process.argv.at(-1))).text())'
  script('curl', `exec "${process.execPath}" --input-type=module -e '${ask}' "$2"`)
})
afterAll(async () => {
  for (const child of running.filter(({ exitCode }) => exitCode === null)) {
    process.kill(-child.pid!, 'SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
  }
  rmSync(home, { recursive: true })
})

it('the guide has its toy in at most 200 lines', () => {
  const lines = files.flatMap(([, , text]) => text!.trimEnd().split('\n'))
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.length).toBeLessThanOrEqual(MOST_LINES)
})

it('what the guide says is so', async () => {
  const ports = new Map<string, number>()
  for (const port of new Set(GUIDE.match(/\b(71\d\d|9901)\b/g))) ports.set(port, await deadPort())
  const page = GUIDE.replaceAll(/\b(71\d\d|9901)\b/g, (port) => String(ports.get(port)))
  const steps = stepsOf(page)
  expect(steps.filter(({ kind }) => kind === 'write')).toHaveLength(files.length)
  expect(steps.filter(({ kind }) => kind === 'run').length).toBeGreaterThan(8)
  for (const step of steps) {
    if (step.kind === 'write') writeFileSync(join(folder, step.name), step.text)
    else await run(step.command, step.said)
  }
}, 60_000)

function stepsOf(page: string): Step[] {
  const writes = [...page.matchAll(FILE)].map(({ index, 1: name, 2: text }) => ({
    index,
    steps: [{ kind: 'write', name: name!, text: text! } as const],
  }))
  const runs = [...page.matchAll(CONSOLE)].map(({ index, 1: text }) => ({
    index,
    steps: text!
      .split(/^\$ /m)
      .slice(1)
      .map((part): Step => {
        const [command, ...said] = part.trimEnd().split('\n')
        return { kind: 'run', command: command!, said }
      }),
  }))
  return [...writes, ...runs].sort((a, b) => a.index - b.index).flatMap(({ steps }) => steps)
}

/** Runs a command until it has said what the page shows; one with `&` behind goes on. */
async function run(command: string, said: readonly string[]): Promise<void> {
  const goesOn = command.endsWith(' &')
  const child = spawn('sh', ['-c', goesOn ? command.slice(0, -2) : command], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.push(child)
  let text = ''
  const hear = (chunk: Buffer): void => {
    text += chunk
  }
  child.stdout!.on('data', hear)
  child.stderr!.on('data', hear)
  let over = false
  child.once('close', () => {
    over = true
  })
  const shown = patternOf(said)
  if (goesOn) await until(() => over || shown.test(text))
  else if (!over) await new Promise((resolve) => child.once('close', resolve))
  expect(text, command).toMatch(shown)
  if (!goesOn) running.splice(running.indexOf(child), 1)
}

/** Lines in their order, however they are indented; a line of `…` alone is any number of lines. */
function patternOf(said: readonly string[]): RegExp {
  const lines = said.map((line) =>
    line === '…'
      ? '(?:.*\\n)*'
      : `\\s*${line
          .split('…')
          .map((part) => escaped(part))
          .join('.*')},?\\n`,
  )
  return new RegExp(`^${lines.join('')}`)
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function script(name: string, text: string): void {
  const path = join(bin, name)
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}
