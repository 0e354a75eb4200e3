import { randomUUID } from 'node:crypto'
import { requestId } from '../../packages/proxy/src/filter/hop/request-id.ts'

/*
 * What the id of a request costs, made and written into the bytes of a head, beside the one of `node:crypto`.
 *
 *   sh bin/node bench/micro/request-id.ts
 */

const COUNT = 500_000
const ROUNDS = 5
const head = Buffer.alloc(64)

for (const [name, make] of [
  ['crypto.randomUUID', randomUUID],
  ['requestId', requestId],
] as const) {
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsEach(make))
  console.log(`${name}: ${Math.min(...rounds).toFixed(0)} ns`)
}

function nanosecondsEach(make: () => string): number {
  const begun = performance.now()
  for (let i = 0; i < COUNT; i++) {
    const id = make()
    for (let j = 0; j < id.length; j++) head[j] = id.charCodeAt(j)
  }
  return ((performance.now() - begun) * 1e6) / COUNT
}
