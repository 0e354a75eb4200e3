/** `npm start`: opens the shop, shows how it is doing, and leaves nothing behind when it closes. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { writeConfigs } from './config.ts'
import { Crew } from './crew.ts'
import { demandFree } from './free-ports.ts'
import { healthFrom } from './health.ts'
import { HELP, type Options, parseOptions } from './options.ts'
import { DEFAULT_BASE, type Place, placesFrom, portsOf } from './places.ts'
import { type Screen, screenOn } from './screen.ts'
import { Tally } from './tally.ts'
import { secondLine, suggestions, table } from './words.ts'

/** What is suggested to somebody whose ports are taken; below those that systems give out by themselves. */
const OTHER_BASE = 28_000

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(HELP)
  else process.exitCode = await run(options, screenOn(process.stdout))
} catch (error) {
  process.stderr.write(`shop: ${(error as Error).message}\n`)
  process.exitCode = 1
}
process.exit()

/** Gives the exit status. */
async function run(options: Options, screen: Screen): Promise<number> {
  const places = placesFrom(options.portBase)
  await demandFree(portsOf(places), sentenceForOthers(options.portBase))
  const end = whenToldToEnd()
  const folder = await mkdtemp(join(tmpdir(), 'tulle-shop-'))
  let closing = false
  const tally = new Tally((sentence, at) => screen.say(sentence, at))
  const crew = new Crew({
    places,
    folder,
    say: (sentence) => screen.say(sentence),
    onReport: (report) => {
      tally.onReport(report)
      if (report.kind === 'second') void show()
    },
  })
  const show = async (): Promise<void> => {
    const { last, failed } = tally
    const health = await healthFrom(places[0]!.admin)
    if (last === null || closing) return
    const { members } = crew
    screen.show(secondLine(last, failed, members, health), table(members, health))
  }
  try {
    const opened = open(crew, places, folder, screen)
    if (await Promise.race([opened.then(() => true), end.then(() => false)])) {
      const { seconds } = options
      await (seconds === null ? end : Promise.race([end, after(seconds)]))
    }
  } finally {
    closing = true
    await crew.close()
    await rm(folder, { recursive: true, force: true })
  }
  screen.close(`${tally.calls} calls, ${tally.failed} failed`)
  return options.seconds !== null && tally.failed > 0 ? 1 : 0
}

function sentenceForOthers(base: number): string {
  const other = base === OTHER_BASE ? DEFAULT_BASE : OTHER_BASE
  return `end what listens there, or take other ports: npm start -- --port-base ${other}`
}

async function open(
  crew: Crew,
  places: readonly Place[],
  folder: string,
  screen: Screen,
): Promise<void> {
  screen.print('Opening the shop …')
  await mkdir(join(folder, 'logs'))
  await crew.open(writeFiles(places, folder))
  screen.print(suggestions(crew.members, folder))
}

async function writeFiles(places: readonly Place[], folder: string): Promise<void> {
  await makeCertificates(folder)
  await writeConfigs(places, folder)
}

/** Resolves when somebody wants the shop to close, or nobody can see it any more. */
function whenToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => resolve())
    process.stdout.on('error', () => resolve())
  })
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
