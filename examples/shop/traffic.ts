/**
 * Customers: `traffic.ts URL` asks for one fruit after the other, about fifty times a second whether or not answers
 * come, most by HTTP/1, some by HTTP/2 and gRPC, and tells its parent how that goes.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { sayReady } from './apps/ready.ts'
import { grpc } from './ways/grpc.ts'
import { http1 } from './ways/http1.ts'
import { http2 } from './ways/http2.ts'
import type { Ending } from './ways.ts'

/** What customers tell each second. */
export interface Second {
  readonly kind: 'second'
  readonly calls: number
  readonly failed: number
  /** Milliseconds from the call to the end of its answer. */
  readonly p50: number
  readonly p99: number
  /** How many answers each instance had a part in. */
  readonly answers: Readonly<Record<string, number>>
}

/** What they tell of a call that failed. */
export interface Failure {
  readonly kind: 'failure'
  /** When it ended, milliseconds since the epoch. */
  readonly at: number
  readonly why: string
}

export type Report = Second | Failure

const EVERY_MS = 20
const OPENING_MS = 10_000
const FRUITS = ['apple', 'cherry', 'pear']

const base = process.argv[2] ?? ''
const plain = http1(base)
/** Each in turn. */
const ways = [plain, http2(base), plain, grpc(base), plain]
let took: number[] = []
let failed = 0
let answers: Record<string, number> = {}
let turn = 0

function call(): void {
  const fruit = FRUITS[turn % FRUITS.length]!
  const way = ways[turn++ % ways.length]!
  const began = performance.now()
  let over = false
  way.ask(fruit, (ending) => {
    if (over) return
    over = true
    took.push(performance.now() - began)
    count(way.name, ending)
  })
}

function count(way: string, ending: Ending): void {
  if ('why' in ending) {
    failed++
    tell({ kind: 'failure', at: Date.now(), why: `${way}: ${ending.why}` })
  } else {
    for (const name of ending.from) answers[name] = (answers[name] ?? 0) + 1
  }
}

function report(then?: () => void): void {
  const sorted = took.toSorted((a, b) => a - b)
  const quantile = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? 0
  const calls = sorted.length
  tell({ kind: 'second', calls, failed, p50: quantile(0.5), p99: quantile(0.99), answers }, then)
  took = []
  failed = 0
  answers = {}
}

function tell(message: Report, then: () => void = () => {}): void {
  process.send?.(message, then)
}

/** Resolves when the shop has answered for the first time in every way, and so every instance once. */
async function waitForOpening(): Promise<void> {
  const end = performance.now() + OPENING_MS
  for (let answered = 0; answered < ways.length; ) {
    const way = ways[answered]!
    const ending = await new Promise<Ending>((resolve) => way.ask(FRUITS[0]!, resolve))
    if ('from' in ending) {
      answered++
      continue
    }
    if (performance.now() > end) throw new Error(`${base} does not answer: ${ending.why}`)
    await sleep(50)
  }
}

process.once('SIGTERM', () => report(() => process.exit(0)))
await waitForOpening()
setInterval(call, EVERY_MS)
setInterval(() => report(), 1000)
sayReady()
