import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, openssl, type Pair } from '../certificates.ts'
import { makeChecks } from '../checks.ts'
import { allTo, bootstrap, cluster, HTTP2, httpListener } from '../config.ts'
import { bytes, startOrigin } from '../http-origin.ts'
import { program } from '../need.ts'
import type { Suite } from '../suite.ts'
import { overTls, withTls } from '../tls-config.ts'
import { startTulle } from '../tulle.ts'
import { clientChecks, UPLOAD } from './client-checks.ts'
import { hostChecks } from './host-checks.ts'
import { startNghttpd } from './nghttpd.ts'

const PAGE = bytes(16 * 1024 * 1024)

/** Servers that each are difficult in their own way. */
const HOSTS = {
  plain: [],
  tls: [],
  padded: ['-b', '255'],
  forgetful: ['-c', '0', '--encoder-header-table-size=0'],
  narrow: ['-w', '10', '-W', '16'],
  'one-stream': ['-m', '1'],
  hasty: ['--early-response', '--no-content-length'],
} as const

/** A host may refuse what came before its settings had arrived. */
const RETRIES = { retry_policy: { retry_on: 'refused-stream', num_retries: 10 } }
const MANY_RETRIES = { circuit_breakers: { thresholds: [{ max_retries: 1000 }] } }

/** nghttp and h2load in front, nghttpd behind. */
export const suite: Suite = {
  name: 'nghttp',
  needs: [
    program('nghttp', 'nghttp2-client'),
    program('h2load', 'nghttp2-client'),
    program('nghttpd', 'nghttp2-server'),
    openssl,
  ],
  async run() {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'tulle-nghttp-'))
    stack.defer(() => rm(folder, { recursive: true }))
    const upload = join(folder, 'upload')
    await writeFile(upload, UPLOAD)
    await writeFile(join(folder, 'page'), PAGE)
    await writeFile(join(folder, 'small'), 'small\n')
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const origin = await startOrigin()
    stack.defer(origin.stop)

    const clusters: object[] = [cluster('origin', origin.port)]
    for (const [kind, options] of Object.entries(HOSTS)) {
      const pair: Pair | null = kind === 'tls' ? certificates.server : null
      const host = await startNghttpd(folder, options, pair)
      stack.defer(host.stop)
      const tls = pair === null ? {} : withTls(certificates, { alpn: ['h2'] })
      clusters.push({ ...cluster(kind, host.port), ...HTTP2, ...MANY_RETRIES, ...tls })
    }
    const kinds = Object.keys(HOSTS)
    const toHosts = kinds.map((kind) => ({
      match: { prefix: `/${kind}/` },
      route: { cluster: kind, prefix_rewrite: '/', ...RETRIES },
    }))
    const toOrigin = allTo('origin')
    const tulle = await startTulle(
      bootstrap(
        [
          httpListener('plain', toOrigin),
          overTls(httpListener('tls', toOrigin), certificates),
          overTls(httpListener('old', toOrigin), certificates, { alpn: ['http/1.1'] }),
          httpListener('hosts', toHosts),
        ],
        clusters,
      ),
    )
    stack.defer(tulle.stop)
    const at = (listener: string): string => `127.0.0.1:${tulle.port(listener)}`
    return await makeChecks([
      ...clientChecks(
        {
          plain: `http://${at('plain')}`,
          tls: `https://${at('tls')}`,
          old: `https://${at('old')}`,
        },
        upload,
      ),
      ...hostChecks(`http://${at('hosts')}`, kinds, PAGE, UPLOAD, upload),
    ])
  },
}
