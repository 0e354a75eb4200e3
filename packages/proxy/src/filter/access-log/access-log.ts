import type { Problem, Result } from '@tulle/core'
import { good } from '@tulle/core'
import { type AccessLogConfig, DEFAULT_ACCESS_LOG_TEMPLATE } from '@tulle/model'
import { Demand } from '../../demand.ts'
import { Filter } from '../../filter.ts'
import { compileFormat, compileJsonFormat, type Format, type FormatOptions } from '../../format.ts'
import type { Frame } from '../../frame.ts'
import type { Stream } from '../../stream.ts'
import { whyUnwritable } from './check.ts'
import type { LogFile } from './log-file.ts'
import type { LogFiles } from './log-files.ts'

/** Where lines go, and what they say. */
export interface AccessLog {
  readonly path: string
  readonly format: Format
}

/** Compiles formats and looks whether their files can be written, without touching them. */
export function configureAccessLogs(
  configs: readonly AccessLogConfig[],
  at: string,
  demand: Demand = new Demand('http'),
): Result<readonly AccessLog[]> {
  const problems: Problem[] = []
  const logs: AccessLog[] = []
  for (const [index, { path, format }] of configs.entries()) {
    const here = `${at}[${index}]`
    const reason = whyUnwritable(path)
    if (reason !== null) problems.push({ at: here, what: `cannot write "${path}": ${reason}` })
    const options = { at: `${here}.format`, deep: deepOf(format, demand, `${here}.format`) }
    const compiled =
      format.kind === 'text'
        ? compileFormat(format.template, options)
        : compileJsonFormat(format.template, options)
    if (compiled.ok) logs.push({ path, format: compiled.value })
    else problems.push(...compiled.problems)
  }
  return problems.length > 0 ? { ok: false, problems } : good(logs)
}

/** Nobody has asked for what the usual line holds: of a protocol that has none it says `-`. */
function deepOf(
  { template }: AccessLogConfig['format'],
  demand: Demand,
  at: string,
): NonNullable<FormatOptions['deep']> {
  if (template === DEFAULT_ACCESS_LOG_TEMPLATE)
    return (depth) => demand.note(depth, 'the usual line of an access log', at)
  return (depth, operator) => demand.ask(depth, `${operator} in an access log`, at)
}

/** Writes a line about every stream that ends, wherever in the chain it ended. */
export class AccessLogFilter extends Filter {
  readonly #logs: readonly { readonly file: LogFile; readonly format: Format }[]

  constructor(logs: readonly AccessLog[], files: LogFiles) {
    super()
    this.#logs = logs.map(({ path, format }) => ({ file: files.get(path), format }))
  }

  /** The addresses of a client that goes away are known afterwards only if somebody asked before. */
  override onRequest(stream: Stream, frame: Frame): void {
    const { connection } = stream.down
    void connection.socket.remoteAddress
    void connection.socket.localAddress
    this.next.onRequest(stream, frame)
  }

  override onStreamEnd(stream: Stream): void {
    for (const { file, format } of this.#logs) file.write(format(stream))
  }
}

/** The filter for a chain's access logs, or all that is wrong with them. `at` is where their list stands. */
export function accessLogFilter(
  configs: readonly AccessLogConfig[],
  files: LogFiles,
  at = 'access_log',
): Result<AccessLogFilter> {
  const logs = configureAccessLogs(configs, at)
  return logs.ok ? good(new AccessLogFilter(logs.value, files)) : logs
}
