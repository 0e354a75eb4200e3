/**
 * Customers: `traffic.ts URL` asks for one fruit after the other, about fifty times a second whether or not answers
 * come, and tells its parent how that goes.
 */
import { Agent, request } from 'node:http'

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

interface Answer {
  readonly price: { readonly from: string }
  readonly stock: { readonly from: string }
}

const EVERY_MS = 20
const TIMEOUT_MS = 5000
const FRUITS = ['apple', 'cherry', 'pear']

const base = process.argv[2] ?? ''
const agent = new Agent({ keepAlive: true })
let took: number[] = []
let failed = 0
let answers: Record<string, number> = {}
let turn = 0

function call(): void {
  const fruit = FRUITS[turn++ % FRUITS.length]!
  const began = performance.now()
  let over = false
  const end = (why: string | null): void => {
    if (over) return
    over = true
    took.push(performance.now() - began)
    if (why === null) return
    failed++
    tell({ kind: 'failure', at: Date.now(), why })
  }
  const asked = request(`${base}fruits/${fruit}`, { agent, timeout: TIMEOUT_MS }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
    })
    response.on('end', () => end(judge(response.statusCode ?? 0, text)))
    response.on('error', (error) => end(error.message))
  })
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
  asked.on('error', (error) => end(error.message))
  asked.end()
}

/** Why an answer is none; null when it is good. */
function judge(status: number, text: string): string | null {
  if (status !== 200) return `${status} ${text.trim()}`
  try {
    const { price, stock } = JSON.parse(text) as Answer
    for (const name of [price.from, stock.from]) answers[name] = (answers[name] ?? 0) + 1
    return null
  } catch {
    return `not an offer: ${text.trim()}`
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

setInterval(call, EVERY_MS)
setInterval(() => report(), 1000)
process.once('SIGTERM', () => report(() => process.exit(0)))
console.error(JSON.stringify({ msg: 'ready' }))
