import { pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'off'

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'off']

/** Constant sentences with data in fields: `log.warn('host ejected', { cluster, host, failures })`. */
export interface Logger {
  level: LogLevel
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** A logger that writes one JSON object a line to standard error, at once. */
export function createLogger(level: LogLevel = 'info'): Logger {
  const out = pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    get level(): LogLevel {
      return out.level === 'silent' ? 'off' : (out.level as LogLevel)
    },
    set level(next: LogLevel) {
      out.level = next === 'off' ? 'silent' : next
    },
    debug: (message, fields = {}) => out.debug(fields, message),
    info: (message, fields = {}) => out.info(fields, message),
    warn: (message, fields = {}) => out.warn(fields, message),
    error: (message, fields = {}) => out.error(fields, message),
  }
}

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = {
  level: 'off',
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
}
