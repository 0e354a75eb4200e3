import { LOG_LEVELS, type LogLevel } from '@tulle/core'
import { runProxy } from '@tulle/proxy'
import type { Command } from '../command.ts'
import { version } from '../version.ts'

/** Runs the data plane. */
export const proxy: Command = {
  name: 'proxy',
  summary: 'run a proxy from a configuration file in the form of an Envoy bootstrap',
  argument: null,
  options: [
    {
      flags: '-c, --config <file>',
      help: 'YAML or JSON; it is watched, and a change is applied without a restart',
      fallback: null,
      required: true,
      parse: null,
    },
    {
      flags: '--concurrency <workers>',
      help: 'worker processes on the same ports',
      fallback: '1',
      required: false,
      parse: (text) => wholeNumber(text, 1, 1024),
    },
    {
      flags: '--log-level <level>',
      help: LOG_LEVELS.join(', '),
      fallback: 'info',
      required: false,
      parse: (text) =>
        LOG_LEVELS.includes(text as LogLevel)
          ? text
          : new Error(`no such level; it is one of ${LOG_LEVELS.join(', ')}`),
    },
    {
      flags: '--drain-time-s <seconds>',
      help: 'how long connections may go on after SIGTERM',
      fallback: '15',
      required: false,
      parse: (text) => wholeNumber(text, 0, 86_400),
    },
  ],
  async run(_argument, options) {
    await runProxy({
      config: options.config as string,
      concurrency: options.concurrency as number,
      logLevel: options.logLevel as LogLevel,
      drainMs: (options.drainTimeS as number) * 1000,
      version,
    })
    return 0
  },
}

function wholeNumber(text: string, least: number, most: number): number | Error {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  return new Error(`it is a whole number from ${least} to ${most}`)
}
