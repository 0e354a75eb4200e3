import { createLogger, type Logger, type LogLevel, MeshError } from '@tulle/core'
import { addressText } from '@tulle/model'
import { AdminServer } from './admin/server.ts'
import { ConfigWatch } from './worker/config-watch.ts'
import { Fleet, problemLines } from './worker/fleet.ts'
import { LocalMember } from './worker/local.ts'
import type { Member } from './worker/member.ts'
import { readConfig } from './worker/read-config.ts'
import { RemoteMember } from './worker/remote.ts'

export interface ProxyOptions {
  readonly config: string
  /** Worker processes on the same ports; 1 does the work in this process. */
  readonly concurrency: number
  readonly logLevel: LogLevel
  /** How long connections may go on after SIGTERM, milliseconds. */
  readonly drainMs: number
  readonly version: string
}

/**
 * Runs a proxy until it is told to end (SIGTERM, SIGINT, `/drain`). Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`,
 * `PORT_IN_USE` or `LISTEN_FAILED` when it cannot begin.
 */
export async function runProxy(options: ProxyOptions): Promise<void> {
  const log = createLogger(options.logLevel)
  const stopping = Promise.withResolvers<string>()
  const members = startMembers(options.concurrency, log)
  const fleet = new Fleet(members, log, options.version, () => stopping.resolve('/drain'))
  try {
    await start(fleet, options, log, stopping.resolve)
  } catch (error) {
    await Promise.all(members.map((member) => member.stop()))
    throw error
  }
  const why = await stopping.promise
  log.info('draining', { why, drainMs: options.drainMs })
  await fleet.drained(options.drainMs)
}

function startMembers(concurrency: number, log: Logger): readonly Member[] {
  if (concurrency === 1) return [new LocalMember(log, false)]
  return Array.from({ length: concurrency }, (_, index) => new RemoteMember(log, index === 0))
}

async function start(
  fleet: Fleet,
  { config, concurrency }: ProxyOptions,
  log: Logger,
  stop: (why: string) => void,
): Promise<void> {
  const text = await readConfig(config)
  const applied = await fleet.apply({ text, file: config })
  if (!applied.ok) throw new MeshError('CONFIG_INVALID', problemLines(applied.problems))
  const { admin, listeners, node } = applied.value
  const address = admin && (await startAdmin(fleet, admin, log))
  new ConfigWatch(config, fleet, log).start(text)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal))
  process.on('SIGUSR1', () => fleet.reopenLogs())
  log.info('ready', {
    node: node.id,
    listeners: listeners.map((one) => addressText(one.address)),
    admin: address && `http://${address.host}:${address.port}/`,
    workers: concurrency,
  })
}

async function startAdmin(
  subject: Fleet,
  address: { host: string; port: number },
  log: Logger,
): Promise<{ host: string; port: number }> {
  return await new AdminServer({ subject, address, log }).listen()
}
