import { makeChecks, same, sum } from '../../checks.ts'
import { boltListener, bootstrap, cluster } from '../../config.ts'
import { freePort } from '../../process.ts'
import type { Suite } from '../../suite.ts'
import { startTulle } from '../../tulle.ts'
import { JavaModule, javaNeeds } from '../maven.ts'

/** Java's own Bolt, version 1, version 2 and version 2 with CRC, on both sides. */
export const suite: Suite = {
  name: 'java-bolt',
  needs: javaNeeds,
  async run() {
    const java = new JavaModule('bolt')
    await java.build()
    const port = await freePort()
    const server = await java.serve('Server', port)
    const tulle = await startTulle(
      bootstrap([boltListener('bolt', 'java')], [cluster('java', port)]),
    )
    try {
      return sum(
        await java.check('Client', tulle.port('bolt')),
        await makeChecks([
          [
            'each of the three versions has a connection of its own to the server',
            async () => same('how many there are', await tulle.connections('java'), 3),
          ],
        ]),
      )
    } finally {
      await tulle.stop()
      await server.stop()
    }
  },
}
