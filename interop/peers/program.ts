import type { Need } from '../need.ts'

/** How a peer gets ready and how it is started. */
export interface Program {
  /** What has to be on the machine. */
  readonly needs: readonly Need[]
  /** Compiles it and gets its libraries; what several programs share is done once. */
  build(): Promise<void>
  /** The command that `server` or `client` and their arguments are put after. For a program that is built. */
  command(): readonly string[]
}
