import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, openssl } from '../certificates.ts'
import { sum, Tally } from '../checks.ts'
import { allTo, bootstrap, cluster, httpListener } from '../config.ts'
import { buildGo, go } from '../go/go.ts'
import { startOrigin } from '../http-origin.ts'
import { Process } from '../process.ts'
import type { Count, Suite } from '../suite.ts'
import { overTls } from '../tls-config.ts'
import { startTulle } from '../tulle.ts'
import { casesOf } from './report.ts'

const PROGRAM = 'github.com/summerwind/h2spec/cmd/h2spec'
/** How many cases there are, with the strict ones. */
const CASES = 146
const RUN_MS = 55_000

/** h2spec's cases of HTTP/2 and HPACK, in the clear and over TLS. */
export const suite: Suite = {
  name: 'h2spec',
  needs: [go, openssl],
  async run() {
    const programs = await buildGo(PROGRAM)
    const certificates = await makeCertificates()
    const origin = await startOrigin()
    const routes = allTo('origin', { prefix_rewrite: '/mirror' })
    const tulle = await startTulle(
      bootstrap(
        [
          // Where HTTP/1 is spoken too, its answer to a wrong preface is its own.
          httpListener('plain', routes, { codec_type: 'HTTP2' }),
          overTls(httpListener('tls', routes), certificates, { alpn: ['h2'] }),
        ],
        [cluster('origin', origin.port)],
      ),
    )
    const h2spec = programs.path(PROGRAM)
    try {
      return sum(
        await runCases(h2spec, 'in the clear', tulle.port('plain'), []),
        await runCases(h2spec, 'over TLS', tulle.port('tls'), ['-t', '-k']),
      )
    } finally {
      await tulle.stop()
      await origin.stop()
      await certificates.remove()
      await programs.remove()
    }
  },
}

/** One run of all cases; each is a check. */
async function runCases(
  h2spec: string,
  how: string,
  port: number,
  more: readonly string[],
): Promise<Count> {
  const report = join(tmpdir(), `tulle-h2spec-${process.pid}-${port}.xml`)
  const target = ['-h', '127.0.0.1', '-p', String(port), ...more]
  const run = new Process(h2spec, [...target, '-S', '-o', '2', '-j', report])
  const tally = new Tally()
  try {
    await run.exit(RUN_MS)
    const cases = casesOf(await readFile(report, 'utf8'))
    for (const { name, why } of cases) {
      const sentence = `${how}: ${name}`
      if (why === null) tally.passed(sentence)
      else tally.failed(sentence, why)
    }
    if (cases.length !== CASES)
      tally.failed(`${how}: all cases run`, `${cases.length} of ${CASES} did`)
  } catch (error) {
    tally.failed(`${how}: h2spec comes to its end`, `${error}:\n${run.said.slice(-4000)}`)
  } finally {
    await run.stop()
    await rm(report, { force: true })
  }
  return tally.count
}
