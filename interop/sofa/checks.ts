import { type Check, has, same } from '../checks.ts'
import { bytes, sha256 } from '../http-origin.ts'
import type { Consumer } from './peer.ts'

export { BASKET } from './peer.ts'

const LARGE = bytes(1024 * 1024)
const int = (value: number): object => ({ $class: 'int', $: value })
const text = (value: string): object => ({ $class: 'java.lang.String', $: value })

/** What a consumer of sofa-rpc-node has to find at any provider of the basket. */
export function sofaChecks(prefix: string, basket: Consumer): Check[] {
  const checks: Check[] = [
    [
      'a text comes back',
      async () => same('the text', await basket.invoke('echo', [text('héllo 你好')]), 'héllo 你好'),
    ],
    [
      'numbers are added',
      async () => same('the sum', await basket.invoke('plus', [int(40), int(2)]), 42),
    ],
    [
      '1 MiB comes back whole',
      async () => {
        const data = (await basket.invoke('data', [LARGE])) as Buffer
        same('the hash', sha256(data), sha256(LARGE))
      },
    ],
    [
      'an exception of the provider is an error at the consumer',
      async () =>
        has(
          'the error',
          await failure(basket.invoke('fail', [text('out of stock')])),
          'out of stock',
        ),
    ],
    [
      'a call that takes too long ends at its time-out',
      async () => {
        const begun = performance.now()
        await failure(basket.invoke('sleep', [int(3000)], 300))
        same('that it ended early', performance.now() - begun < 2500, true)
      },
    ],
    [
      'the connection goes on after a time-out',
      async () => same('the text', await basket.invoke('echo', [text('still')]), 'still'),
    ],
    [
      'two hundred calls at once each get their own answer',
      async () => {
        const one = async (i: number): Promise<void> =>
          same('the text', await basket.invoke('echo', [text(`call ${i}`)]), `call ${i}`)
        await Promise.all(Array.from({ length: 200 }, (_, i) => one(i)))
      },
    ],
  ]
  return checks.map(([sentence, find]) => [prefix + sentence, find])
}

/** The message of the error that the call ends with. */
async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    return String(error)
  }
  throw new Error('the call did not fail')
}
