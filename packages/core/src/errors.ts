/** Who caused it: the peer that called us, the peer we called, or we. */
export type Blame = 'downstream' | 'upstream' | 'internal'

/** Whether trying again can help. `reused` asks for a fresh connection first. */
export type Retry = 'never' | 'reused' | 'always'

/** Every code a `MeshError` can carry, with what it means. `docs/errors.md` explains each; a test compares the two. */
export const ERROR_CODES = {
  PART_TWICE: 'two pluggable parts of one kind have the same name',
  PART_UNKNOWN: 'a pluggable part was asked for by a name nobody registered',
  CONFIG_INVALID: 'a configuration was refused; its problems say where and why',
  CONFIG_UNREADABLE: 'a configuration file could not be read',
  PORT_IN_USE: 'another process already listens on the address',
  LISTEN_FAILED: 'the operating system refused to open a listener',
  WORKER_DIED: 'a worker process ended without being asked to',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** Every error that leaves a module: a code to match on, a sentence to read, blame, and permission to retry. */
export class MeshError extends Error {
  override readonly name = 'MeshError'
  readonly code: ErrorCode
  readonly blame: Blame
  readonly retry: Retry
  constructor(
    code: ErrorCode,
    message: string,
    init: { readonly blame?: Blame; readonly retry?: Retry; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: init.cause })
    this.code = code
    this.blame = init.blame ?? 'internal'
    this.retry = init.retry ?? 'never'
  }
}
