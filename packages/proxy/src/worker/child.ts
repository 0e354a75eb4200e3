import { createLogger, type LogLevel, MeshError } from '@tulle/core'
import { LocalMember } from './local.ts'
import type { Report } from './member.ts'
import { type Answer, type Ask, SHARED_SECRET } from './messages.ts'

const LAST_WRITES_MS = 1000

/** The program of a worker process: does what the leading process asks, and ends with it. */
const [level = 'info', place] = process.argv.slice(2)
const secret = Buffer.from(process.env[SHARED_SECRET] ?? '', 'hex')
delete process.env[SHARED_SECRET]
const log = createLogger(level as LogLevel)
const member = new LocalMember(log, true, place === 'first', secret)

process.on('message', (ask: Ask) => {
  serve(ask).then(
    (report) => send({ id: ask.id, ok: true, report }),
    (error: unknown) =>
      send({
        id: ask.id,
        ok: false,
        code: error instanceof MeshError ? error.code : 'WORKER_DIED',
        error: error instanceof Error ? error.message : String(error),
      }),
  )
})
// Signals of a terminal reach every process of the group: the leading one tells when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const) process.on(signal, () => {})
process.on('disconnect', () => {
  // What was logged is written first; a log that takes nothing holds nobody up.
  setTimeout(() => process.exit(0), LAST_WRITES_MS).unref()
  const end = () => process.exit(0)
  member.stop().then(end, end)
})

async function serve(ask: Ask): Promise<Report | null> {
  switch (ask.what) {
    case 'apply':
      await member.apply(ask.source)
      return null
    case 'report':
      return await member.report()
    case 'level':
      member.setLogLevel(ask.level)
      return null
    case 'reopen':
      member.reopenLogs()
      return null
    case 'drain':
      await member.drain(ask.drainMs)
      return null
  }
}

function send(answer: Answer): void {
  process.send?.(answer)
}
