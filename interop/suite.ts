import type { Need } from './need.ts'

/** How many checks held and how many did not. */
export interface Count {
  readonly passed: number
  readonly failed: number
}

/** What suites are told by the command line. */
export interface SuiteOptions {
  /** Keep what was made anew: the pictures in docs/. */
  readonly update: boolean
}

/** Foreign clients and servers that talk to each other through a proxy of ours. */
export interface Suite {
  readonly name: string
  /** What has to be there besides `npm ci`. */
  readonly needs: readonly Need[]
  run(options: SuiteOptions): Promise<Count>
}
