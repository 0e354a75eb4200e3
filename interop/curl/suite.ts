import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, openssl } from '../certificates.ts'
import { makeChecks } from '../checks.ts'
import { bootstrap, cluster, httpListener } from '../config.ts'
import { startOrigin } from '../http-origin.ts'
import { program } from '../need.ts'
import { freePort } from '../process.ts'
import type { Suite } from '../suite.ts'
import { startTulle } from '../tulle.ts'
import { checksFor } from './checks.ts'
import { connectionChecks } from './connection-checks.ts'
import { listenersOf, startOthers } from './places.ts'
import { resumptionChecks } from './resumption.ts'
import { versionChecks, type Way } from './version-checks.ts'

const ROUTES = [
  { match: { path: '/old' }, redirect: { path_redirect: '/hello', response_code: 'FOUND' } },
  {
    match: { path: '/said' },
    direct_response: { status: 418, body: { inline_string: 'short\n' } },
  },
  { match: { path: '/nobody' }, route: { cluster: 'nobody' } },
  { match: { prefix: '/api/' }, route: { cluster: 'origin', prefix_rewrite: '/' } },
  ...[
    '/hello',
    '/mirror',
    '/large',
    '/chunked',
    '/empty',
    '/unchanged',
    '/zipped',
    '/part',
    '/trailed',
  ].map((path) => ({ match: { path }, route: { cluster: 'origin' } })),
]

/** curl, and Node where curl cannot, in front of a server on Node's HTTP. */
export const suite: Suite = {
  name: 'curl',
  needs: [program('curl', 'curl'), openssl],
  async run() {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'tulle-curl-'))
    stack.defer(() => rm(folder, { recursive: true }))
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const origin = await startOrigin()
    stack.defer(origin.stop)
    const others = await startOthers(folder, certificates)
    stack.defer(others.stop)

    const pipe = join(folder, 'proxy.sock')
    const abstract = `tulle-interop-${process.pid}`
    const tulle = await startTulle(
      bootstrap(
        [
          httpListener('strict', ROUTES),
          httpListener('old', ROUTES, { http_protocol_options: { accept_http_10: true } }),
          ...listenersOf(ROUTES, pipe, abstract, certificates),
        ],
        [cluster('origin', origin.port), cluster('nobody', await freePort()), ...others.clusters],
      ),
    )
    stack.defer(tulle.stop)
    const one = tulle.port('one')
    const ports = {
      one,
      optional: tulle.port('optional'),
      required: tulle.port('required'),
      named: tulle.port('named'),
      proxied: tulle.port('proxied'),
      behindPipe: tulle.port('behind-pipe'),
    }
    return await makeChecks([
      ...checksFor(tulle.port('strict'), tulle.port('old')),
      ...waysTo(one, certificates.ca).flatMap(versionChecks),
      ...connectionChecks({ ...ports, pipe, abstract }, certificates),
      ...resumptionChecks(one, certificates.ca),
    ])
  },
}

/** All ways to one port. */
function waysTo(port: number, ca: string): Way[] {
  const plain = `http://127.0.0.1:${port}`
  const secret = `https://127.0.0.1:${port}`
  const tls = ['--cacert', ca]
  return [
    { name: 'HTTP/1.1', url: plain, args: ['--http1.1'], version: 'HTTP/1.1', reuses: true },
    {
      name: 'h2c',
      url: plain,
      args: ['--http2-prior-knowledge'],
      version: 'HTTP/2',
      reuses: false,
    },
    {
      name: 'HTTP/1.1 over TLS',
      url: secret,
      args: [...tls, '--http1.1'],
      version: 'HTTP/1.1',
      reuses: true,
    },
    {
      name: 'h2 over TLS',
      url: secret,
      args: [...tls, '--http2'],
      version: 'HTTP/2',
      reuses: true,
    },
  ]
}
