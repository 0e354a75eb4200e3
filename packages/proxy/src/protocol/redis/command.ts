/** What becomes of a command. */
export const Handling = {
  /** Sent over the connection that all clients share. */
  Share: 0,
  /** What follows depends on it: from here on the client has a connection of its own. */
  Own: 1,
  /** Its arguments decide, or it is answered here; see special.ts. */
  Special: 2,
} as const
export type Handling = (typeof Handling)[keyof typeof Handling]

/** Where a command's first key is, besides the number of an argument. */
export const KeyAt = {
  None: 0,
  /** Behind the word `STREAMS`. */
  Streams: -1,
} as const

/** What shares a connection with whom: the key of a pool. */
export const Lane = {
  /** All clients that speak RESP2, and all that speak RESP3: the kind of an answer is its connection's. */
  Resp2: 0,
  Resp3: 1,
  /** One client alone. */
  Own: 2,
} as const
export type Lane = (typeof Lane)[keyof typeof Lane]

/** What is known of a command by its name. */
export class Command {
  /** In upper case; empty for those that are not known. */
  readonly name: string
  /** The number of the argument that is the first key, or of `KeyAt`. */
  readonly key: number
  readonly handling: Handling
  /** It changes nothing, so sending it twice does what sending it once does. */
  readonly reads: boolean
  /** Its first argument says what it does: `CONFIG GET`. */
  readonly container: boolean
  /** How its requests look, by lane: nothing of that is made for a request. */
  readonly asks: readonly [Ask, Ask]

  constructor(name: string, key: number, handling: Handling, reads: boolean, container: boolean) {
    this.name = name
    this.key = key
    this.handling = handling
    this.reads = reads
    this.container = container
    this.asks = [new Ask(this, Lane.Resp2, 0, 0), new Ask(this, Lane.Resp3, 0, 0)]
  }
}

/** What a request's frame is: its command, and what its bytes hold besides. */
export class Ask {
  readonly command: Command
  readonly lane: Lane
  /** Where its command begins in the frame: behind a preamble that brings a new connection to where the client is. */
  readonly offset: number
  /** How many answers to the preamble the client must not see. */
  readonly skip: number

  constructor(command: Command, lane: Lane, offset: number, skip: number) {
    this.command = command
    this.lane = lane
    this.offset = offset
    this.skip = skip
  }
}
