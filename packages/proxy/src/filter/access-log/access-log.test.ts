import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, Metrics, silentLogger } from '@tulle/core'
import type { AccessLogConfig } from '@tulle/model'
import { FakeChain, FakeProtocol } from '@tulle/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serverFamily } from '../../metrics.ts'
import { Outcome } from '../../outcome.ts'
import { accessLogFilter } from './access-log.ts'
import { LogFiles } from './log-files.ts'

const protocol = new FakeProtocol('http/1.1')
const stats = new Metrics().series(serverFamily)
let folder: string
let files: LogFiles

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tulle-access-log-'))
  files = new LogFiles(stats, silentLogger)
  stats.access_log_dropped = 0
})

afterEach(async () => {
  await files.stop()
  rmSync(folder, { recursive: true })
})

describe('the access log', () => {
  it('has a line for every stream that ended, whichever way', async () => {
    const path = join(folder, 'access.log')
    const chain = chainOf(text(path, '%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS%\n'))
    chain.answer(chain.send(protocol.request({ ':path': '/a' })), protocol.response())
    chain.send(protocol.request({ ':path': '/b' })).answer(Outcome.NoRoute, 'no route')
    chain.send(protocol.request({ ':path': '/c' })).abandon('the client closed')
    chain.send(protocol.request({ ':path': '/d' }))
    await files.stop()
    expect(readFileSync(path, 'utf8')).toBe('/a 200 -\n/b 404 NR\n/c 0 DC\n')
  })

  it('goes to several files, as text and JSON', async () => {
    const [first, second] = [join(folder, 'a.log'), join(folder, 'b.json')]
    const template = { code: '%RESPONSE_CODE%' }
    const chain = chainOf(text(first, '%PROTOCOL%\n'), {
      path: second,
      format: { kind: 'json', template },
    })
    chain.answer(chain.send(protocol.request({})), protocol.response())
    await files.stop()
    expect(readFileSync(first, 'utf8')).toBe('HTTP/1.1\n')
    expect(readFileSync(second, 'utf8')).toBe('{"code":200}\n')
  })

  it('of two listeners goes to one file', async () => {
    const path = join(folder, 'access.log')
    const chains = [chainOf(text(path, 'one\n')), chainOf(text(path, 'two\n'))]
    for (const chain of [...chains, ...chains])
      chain.answer(chain.send(protocol.request({})), protocol.response())
    await files.stop()
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\none\ntwo\n')
  })

  it('goes on in a new file after the old one was renamed', async () => {
    const path = join(folder, 'access.log')
    const file = files.get(path)
    file.write('before\n')
    await file.flush()
    renameSync(path, `${path}.1`)
    file.write('between\n')
    await file.flush()
    files.reopenAll()
    file.write('after\n')
    await file.flush()
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('before\nbetween\n')
    expect(readFileSync(path, 'utf8')).toBe('after\n')
  })

  it('of a file no listener names any more is closed, and opened again for a late line', async () => {
    const path = join(folder, 'access.log')
    const file = files.get(path)
    file.write('one\n')
    await files.keepOnly(new Set())
    expect(readFileSync(path, 'utf8')).toBe('one\n')
    file.write('two\n')
    await file.stop()
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(files.get(path)).not.toBe(file)
  })
})

describe('a log file', () => {
  it('writes by itself after a while', async () => {
    const path = join(folder, 'access.log')
    const quick = new LogFiles(stats, silentLogger, { flushMs: 5 }).get(path)
    await quick.flush()
    quick.write('a\n')
    await until(() => readFileSync(path, 'utf8') === 'a\n')
    quick.write('b\n')
    await until(() => readFileSync(path, 'utf8') === 'a\nb\n')
    await quick.stop()
  })

  it('writes at once when much has gathered, in the order of the lines', async () => {
    const path = join(folder, 'access.log')
    const file = new LogFiles(stats, silentLogger, { flushMs: 1e9 }).get(path)
    const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${'x'.repeat(i % 60)} é\n`)
    for (const line of lines) file.write(line)
    await until(() => existsSync(path) && readFileSync(path).length > 65_536)
    await file.stop()
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''))
    expect(stats.access_log_dropped).toBe(0)
  })

  it('may be standard output, whatever that is and however slowly it is read', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', TALKER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    for await (const chunk of child.stdout) {
      text += chunk
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(text).toBe(Array.from({ length: 30_000 }, (_, i) => `${i} ${'x'.repeat(90)}\n`).join(''))
  })

  it('drops and counts lines when too many wait', async () => {
    const path = join(folder, 'access.log')
    const file = new LogFiles(stats, silentLogger, { maxWaiting: 10 }).get(path)
    for (const line of ['1234\n', '5678\n', '9\n', '0\n']) file.write(line)
    await file.stop()
    expect(readFileSync(path, 'utf8')).toBe('1234\n5678\n')
    expect(stats.access_log_dropped).toBe(2)
  })

  it('that cannot be opened is one error in the log, and dropped lines, until it can', async () => {
    const path = join(folder, 'later', 'access.log')
    const { log, said } = listening()
    const file = new LogFiles(stats, log).get(path)
    for (const line of ['a\n', 'b\n']) {
      file.write(line)
      await file.flush()
    }
    expect(said).toEqual(['error: access log cannot be opened: its folder does not exist'])
    expect(stats.access_log_dropped).toBe(2)
    mkdirSync(join(folder, 'later'))
    file.write('c\n')
    await file.stop()
    expect(readFileSync(path, 'utf8')).toBe('c\n')
    expect(said.slice(1)).toEqual(['info: access log is written again: undefined'])
  })

  it.runIf(existsSync('/dev/full'))('that cannot be written is one error in the log', async () => {
    const { log, said } = listening()
    const file = new LogFiles(stats, log).get('/dev/full')
    for (const line of ['a\n', 'b\n']) {
      file.write(line)
      await file.flush()
    }
    await file.stop()
    expect(said).toEqual(['error: access log cannot be written: the disk is full'])
    expect(stats.access_log_dropped).toBe(2)
  })
})

describe('settings of an access log', () => {
  it('may name standard output and files that do not exist yet', () => {
    const configs = [text('/dev/stdout', 'x'), text(join(folder, 'new.log'), 'x')]
    expect(accessLogFilter(configs, files).ok).toBe(true)
  })

  it('are refused with everything that is wrong with them, and no file is touched', () => {
    const path = join(folder, 'fine.log')
    const json = { path, format: { kind: 'json', template: { a: ['%NOPE_NOPE%'] } } } as const
    const configs = [
      text(join(folder, 'no', 'a.log'), '%NOPE_NOPE%'),
      json,
      text(folder, 'x'),
      text('', 'x'),
    ]
    const filter = accessLogFilter(configs, files, 'access_log')
    expect(filter.ok ? [] : filter.problems).toEqual([
      { at: 'access_log[0]', what: expect.stringContaining('its folder does not exist') },
      { at: 'access_log[0].format', what: expect.stringContaining('%NOPE_NOPE% is not') },
      { at: 'access_log[1].format.a[0]', what: expect.stringContaining('%NOPE_NOPE% is not') },
      { at: 'access_log[2]', what: expect.stringContaining('it is a folder') },
      { at: 'access_log[3]', what: expect.stringContaining('the path is empty') },
    ])
    expect(existsSync(path)).toBe(false)
  })

  it.skipIf(process.getuid?.() === 0)('name what may not be written', async () => {
    const path = join(folder, 'locked.log')
    await files.get(path).flush()
    chmodSync(path, 0o444)
    const filter = accessLogFilter([text(path, 'x')], files)
    expect(filter.ok ? '' : filter.problems[0]!.what).toContain('permission denied')
  })
})

/** A process whose standard output is a socket, set to take what it can and no more. */
const TALKER = `
  import { silentLogger } from '@tulle/core'
  import { LogFiles } from '${new URL('log-files.ts', import.meta.url)}'
  process.stdout._handle?.setBlocking?.(false)
  const stats = { access_log_dropped: 0 }
  const files = new LogFiles(stats, silentLogger)
  for (let i = 0; i < 30_000; i++) files.get('/dev/stdout').write(i + ' ' + 'x'.repeat(90) + '\\n')
  await files.stop()
  if (stats.access_log_dropped > 0) throw new Error(stats.access_log_dropped + ' lines dropped')
`

function text(path: string, template: string): AccessLogConfig {
  return { path, format: { kind: 'text', template } }
}

function chainOf(...configs: AccessLogConfig[]): FakeChain {
  const filter = accessLogFilter(configs, files)
  if (!filter.ok) throw new Error(filter.problems.map(({ what }) => what).join('\n'))
  return new FakeChain([filter.value])
}

/** A logger that keeps its sentences with their reasons. */
function listening(): { log: Logger; said: string[] } {
  const said: string[] = []
  const keep = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    said.push(`${level}: ${message}: ${fields?.reason}`)
  }
  return {
    said,
    log: { ...silentLogger, info: keep('info'), warn: keep('warn'), error: keep('error') },
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
