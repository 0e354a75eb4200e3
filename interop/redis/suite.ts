import { type Check, makeChecks, same } from '../checks.ts'
import { bootstrap, cluster, rpcListener } from '../config.ts'
import { program } from '../need.ts'
import type { Suite } from '../suite.ts'
import { startTulle, type Tulle } from '../tulle.ts'
import { cliChecks } from './cli-checks.ts'
import { clientChecks, passwordChecks } from './client-checks.ts'
import { Clients } from './clients.ts'
import { startServer } from './server.ts'

/** ioredis, redis-cli and redis-benchmark with a Redis server, directly, through one proxy and through two. */
export const suite: Suite = {
  name: 'redis',
  needs: [program('redis-server', 'redis-server'), program('redis-cli', 'redis-tools')],
  async run() {
    await using stack = new AsyncDisposableStack()
    const server = await startServer()
    stack.defer(server.stop)
    const secret = await startServer('--requirepass', 'secret')
    stack.defer(secret.stop)
    const far = await startTulle(configOf(server.port, secret.port))
    stack.defer(far.stop)
    const near = await startTulle(configOf(far.port('open'), far.port('secret')))
    stack.defer(near.stop)
    const clients = new Clients()
    stack.defer(() => clients.stop())
    return await makeChecks([
      ...clientChecks('direct', server.port, clients),
      ...cliChecks('direct', server.port),
      ...clientChecks('one proxy', far.port('open'), clients),
      ...passwordChecks('one proxy', far.port('secret'), clients),
      ...cliChecks('one proxy', far.port('open')),
      ...clientChecks('two proxies', near.port('open'), clients),
      ...passwordChecks('two proxies', near.port('secret'), clients),
      ...cliChecks('two proxies', near.port('open')),
      sharing(far, clients),
    ])
  },
}

function configOf(open: number, secret: number): object {
  return bootstrap(
    [rpcListener('open', 'redis', 'open'), rpcListener('secret', 'redis', 'secret')],
    [{ ...cluster('open', open), ...ROOM }, cluster('secret', secret)],
  )
}

/** Every command of a pipeline is a request under way: twenty clients have more than clusters let pass by default. */
const ROOM = { circuit_breakers: { thresholds: [{ max_requests: 100_000 }] } }

/** Connections of clients alone have gone with them. */
function sharing(far: Tulle, clients: Clients): Check {
  return [
    'fifty clients share one connection, and those of the checks before have gone',
    async () => {
      clients.stop()
      const fifty = Array.from({ length: 50 }, () => clients.to(far.port('open')))
      await Promise.all(fifty.map((client) => client.set('shared:1', 'x')))
      const end = performance.now() + 10_000
      // One for each version of the protocol: the checks before spoke both.
      while ((await far.connections('open')) > 2 && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 50))
      const connections = await far.connections('open')
      same('that they are few', connections <= 2, true)
    },
  ]
}
