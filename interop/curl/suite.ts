import { makeChecks } from '../checks.ts'
import { bootstrap, cluster, httpListener } from '../config.ts'
import { startOrigin } from '../http-origin.ts'
import { program } from '../need.ts'
import { freePort } from '../process.ts'
import type { Suite } from '../suite.ts'
import { startTulle } from '../tulle.ts'
import { checksFor } from './checks.ts'

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

/** curl, in front of a server on Node's HTTP. */
export const suite: Suite = {
  name: 'curl',
  needs: [program('curl', 'curl')],
  async run() {
    const origin = await startOrigin()
    const tulle = await startTulle(
      bootstrap(
        [
          httpListener('strict', ROUTES),
          httpListener('old', ROUTES, { http_protocol_options: { accept_http_10: true } }),
        ],
        [cluster('origin', origin.port), cluster('nobody', await freePort())],
      ),
    )
    try {
      return await makeChecks(checksFor(tulle.port('strict'), tulle.port('old')))
    } finally {
      await tulle.stop()
      await origin.stop()
    }
  },
}
