import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Client, Order } from './peer.ts'

const FIRES = 20
const CALLS = 1000
const TEXTS = ['hello', 'héllo 你好', 'an apple: 🍎', '']
const ORDER: Order = {
  id: 'o-1',
  items: [
    { sku: 'apple', count: 3 },
    { sku: 'péar', count: 70_000 },
  ],
  note: 'ring twice',
}

/** Runs cases by their names and prints a line for each. */
export async function runCases(client: Client, names: readonly string[]): Promise<void> {
  console.log()
  for (const name of names) console.log(await outcomeOf(client, name))
}

async function outcomeOf(client: Client, name: string): Promise<string> {
  const cause = client.cannot[name]
  if (cause !== undefined) return `skip ${name}: ${cause}`
  try {
    const find = cases[name]
    if (find === undefined) throw new Error('no such case')
    await find(client)
    return `ok ${name}`
  } catch (error) {
    return `not ok ${name}: ${String(error).replaceAll(/\s+/g, ' ').slice(0, 500)}`
  }
}

const cases: Readonly<Record<string, (client: Client) => Promise<void>>> = {
  async echo(client) {
    for (const text of TEXTS) same(await client.echo(text), text)
  },
  async nested(client) {
    for (const order of [ORDER, { ...ORDER, note: null }]) same(await client.nested(order), order)
  },
  async exception(client) {
    const error = await failure(client.fail('out of stock'))
    if (!String(error).includes('out of stock') || client.isTimeout(error)) throw error
  },
  async null(client) {
    same(await client.nothing(), null)
  },
  async large(client) {
    const text = '0123456789abcdef'.repeat(1 << 16)
    const back = await client.echo(text)
    if (back !== text) throw new Error(`another text of ${back?.length}`)
  },
  async oneway(client) {
    const before = await client.fired()
    for (let i = 0; i < FIRES; i++) await client.fire('apple')
    const end = performance.now() + 2000
    while ((await client.fired()) < before + FIRES && performance.now() < end) await sleep(20)
    same((await client.fired()) - before, FIRES)
  },
  async timeout(client) {
    const begun = performance.now()
    const error = await failure(client.sleep(2000, 300))
    const ms = performance.now() - begun
    if (!client.isTimeout(error)) throw error
    if (ms < 250 || ms > 1500) throw new Error(`it took ${ms} ms`)
    same(await client.echo('still'), 'still')
  },
  async concurrent(client) {
    const call = async (_: unknown, i: number): Promise<void> =>
      same(await client.echo(`call ${i}`), `call ${i}`)
    await Promise.all(Array.from({ length: CALLS }, call))
  },
}

async function failure(call: Promise<unknown>): Promise<unknown> {
  let answer: unknown
  try {
    answer = await call
  } catch (error) {
    return error
  }
  throw new Error(`the call did not fail, but gave ${answer}`)
}

function same(found: unknown, wanted: unknown): void {
  const plain = found !== null && typeof found === 'object' ? { ...found } : found
  if (!isDeepStrictEqual(plain, wanted))
    throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`)
}
