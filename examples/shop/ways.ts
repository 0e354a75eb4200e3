import type { Offer } from './apps/page.ts'

/** A way to ask the shop: one port takes them all. */
export interface Way {
  readonly name: string
  /** Asks for a fruit; `end` hears how that ended, perhaps more than once when it ends badly. */
  ask(fruit: string, end: (ending: Ending) => void): void
}

/** Who had a part in the answer, or why there is none. */
export type Ending = { readonly from: readonly string[] } | { readonly why: string }

/** How long an answer is waited for. */
export const TIMEOUT_MS = 5000

/** What to make of an answer to `GET /fruits/NAME`. */
export function endingOf(status: number, text: string): Ending {
  if (status !== 200) return { why: `${status} ${text.trim()}` }
  try {
    const { price, stock, dozen } = JSON.parse(text) as Offer
    const { shelf } = dozen
    return { from: [price, stock, dozen, shelf, shelf.price].map(({ from }) => from) }
  } catch {
    return { why: `not an offer: ${text.trim()}` }
  }
}
