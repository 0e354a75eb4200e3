import { makeChecks, sum } from '../../checks.ts'
import { boltListener, bootstrap, cluster } from '../../config.ts'
import { freePort } from '../../process.ts'
import { BASKET, sofaChecks } from '../../sofa/checks.ts'
import { consume, startProvider } from '../../sofa/peer.ts'
import type { Suite } from '../../suite.ts'
import { startTulle } from '../../tulle.ts'
import { JavaModule, javaNeeds } from '../maven.ts'

/** SOFARPC of Java on both sides, and with sofa-rpc-node on either. */
export const suite: Suite = {
  name: 'java-sofa',
  needs: javaNeeds,
  async run() {
    const java = new JavaModule('sofa')
    await java.build()
    const port = await freePort()
    const provider = await java.serve('Provider', port)
    const node = await startProvider()
    const tulle = await startTulle(
      bootstrap(
        [boltListener('to-java', 'java'), boltListener('to-node', 'node')],
        [cluster('java', port), cluster('node', node.port)],
      ),
    )
    const consumer = await consume(tulle.port('to-java'), BASKET)
    try {
      return sum(
        await java.check('Consumer', tulle.port('to-java'), 'Java calls Java: ', 'out of stock'),
        await java.check(
          'Consumer',
          tulle.port('to-node'),
          'Java calls Node: ',
          'RpcServerException',
        ),
        await makeChecks(sofaChecks('Node calls Java: ', consumer)),
      )
    } finally {
      consumer.stop()
      await tulle.stop()
      await node.stop()
      await provider.stop()
    }
  },
}
