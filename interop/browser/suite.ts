import { join } from 'node:path'
import { type Check, makeChecks } from '../checks.ts'
import { boltListener, bootstrap, cluster, httpListener } from '../config.ts'
import { startOrigin } from '../http-origin.ts'
import { npmPackage, program } from '../need.ts'
import { freePort } from '../process.ts'
import { BASKET, consume, startProvider } from '../sofa/peer.ts'
import type { Suite } from '../suite.ts'
import { startTulle, type Tulle } from '../tulle.ts'
import { lookAtPage } from './page.ts'

const PICTURE = join(import.meta.dirname, '../../docs/admin-page.png')
const CALL_EVERY_MS = 20

/** The admin page of a proxy at work, in a real Chromium. With `--update` its picture goes to docs/. */
export const suite: Suite = {
  name: 'browser',
  needs: [program('chromium', 'chromium'), npmPackage('playwright-core', 'browser')],
  async run({ update }) {
    const origin = await startOrigin()
    const provider = await startProvider()
    const pages = [{ match: { prefix: '/' }, route: { cluster: 'pages' } }]
    // One of its two hosts is not there, and is found out.
    const basket = {
      ...cluster('basket', provider.port, await freePort()),
      health_checks: [
        {
          timeout: '1s',
          interval: '3s',
          unhealthy_threshold: 2,
          healthy_threshold: 1,
          tcp_health_check: {},
        },
      ],
    }
    const tulle = await startTulle(
      bootstrap(
        [httpListener('web', pages), boltListener('rpc', 'basket')],
        [cluster('pages', origin.port), basket],
      ),
    )
    const traffic = await startTraffic(tulle)
    try {
      const { admin } = tulle
      return await makeChecks([
        look('the page is alive and tells of calls', admin, 1280, false, update ? PICTURE : null),
        look('so it is in the dark, on the screen of a phone', admin, 480, true, null),
      ])
    } finally {
      traffic.stop()
      await tulle.stop()
      await provider.stop()
      await origin.stop()
    }
  },
}

function look(
  sentence: string,
  url: string,
  width: number,
  dark: boolean,
  picture: string | null,
): Check {
  return [
    sentence,
    async () => {
      const wrong = await lookAtPage({ url, picture, width, dark, seconds: 6, controls: false })
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    },
  ]
}

/** Calls both listeners over and over; what fails is the page's to show. */
async function startTraffic(tulle: Tulle): Promise<{ stop(): void }> {
  const consumer = await consume(tulle.port('rpc'), BASKET)
  const page = `http://127.0.0.1:${tulle.port('web')}/hello`
  const timer = setInterval(() => {
    const calls = [fetch(page).then((response) => response.text()), consumer.invoke('echo', ['hi'])]
    for (const call of calls) call.catch(() => {})
  }, CALL_EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      consumer.stop()
    },
  }
}
