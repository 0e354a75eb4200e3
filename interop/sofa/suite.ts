import { type Check, has, makeChecks, same } from '../checks.ts'
import { boltListener, bootstrap, cluster } from '../config.ts'
import { freePort } from '../process.ts'
import type { Suite } from '../suite.ts'
import { startTulle, type Tulle } from '../tulle.ts'
import { sofaChecks } from './checks.ts'
import { BASKET, type Consumer, consume, startProvider } from './peer.ts'

/** Consumers and providers of sofa-rpc-node. */
export const suite: Suite = {
  name: 'sofa',
  needs: [],
  async run() {
    const provider = await startProvider()
    const tulle = await startTulle(
      bootstrap(
        [boltListener('rpc', 'basket'), boltListener('void', 'nobody')],
        [cluster('basket', provider.port), cluster('nobody', await freePort())],
      ),
    )
    const basket = await consume(tulle.port('rpc'), BASKET)
    const other = await consume(tulle.port('rpc'), { ...BASKET, interfaceName: 'dev.tulle.Lost' })
    const nobody = await consume(tulle.port('void'), BASKET)
    try {
      return await makeChecks([...sofaChecks('', basket), ...failures(other, nobody), many(tulle)])
    } finally {
      for (const consumer of [basket, other, nobody]) consumer.stop()
      await tulle.stop()
      await provider.stop()
    }
  },
}

function failures(other: Consumer, nobody: Consumer): Check[] {
  return [
    [
      'a service that the provider does not have is an error of the provider',
      async () => has('the error', await error(other), 'dev.tulle.Lost'),
    ],
    [
      'a provider that is not there is an error at once, not a time-out',
      async () => {
        const begun = performance.now()
        await error(nobody)
        same('that it came early', performance.now() - begun < 5000, true)
      },
    ],
  ]
}

/** Ids of several clients meet on one connection to the provider. */
function many(tulle: Tulle): Check {
  return [
    'twenty consumers share one connection to the provider, and none hears the answer of another',
    async () => {
      const consumers = await Promise.all(
        Array.from({ length: 20 }, () => consume(tulle.port('rpc'), BASKET)),
      )
      const calls = consumers.flatMap((one, i) =>
        Array.from({ length: 50 }, async (_, j) => {
          const said = `consumer ${i} call ${j}`
          same('the text', await one.invoke('echo', [said]), said)
        }),
      )
      await Promise.all(calls)
      for (const one of consumers) one.stop()
      same('how many connections there are', await tulle.connections('basket'), 1)
    },
  ]
}

async function error(consumer: Consumer): Promise<string> {
  try {
    await consumer.invoke('echo', ['hello'])
  } catch (error) {
    return String(error)
  }
  throw new Error('the call did not fail')
}
