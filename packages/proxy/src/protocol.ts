import type { Named } from '@tulle/core'
import type { Connection } from './connection.ts'
import type { Frame } from './frame.ts'
import type { Outcome } from './outcome.ts'
import type { ClientOwner, ClientSession, Intake, Relay, ServerSession } from './session.ts'
import type { Transcoder } from './transcoder.ts'

export const Match = { No: 0, Yes: 1, NeedMore: 2 } as const
export type Match = (typeof Match)[keyof typeof Match]

/** How deep a protocol reads its messages: each step reads all that the ones before it do. */
export const Depth = {
  /** Where a message ends, its id and what kind it is. */
  Frames: 0,
  /** The service and the method called. */
  Names: 1,
  /** Headers, and it can change them. */
  Headers: 2,
} as const
export type Depth = (typeof Depth)[keyof typeof Depth]

/** In place of a call's status: what follows the head will tell it. */
export const CALL_STATUS_LATER = -2

/** An answer of our own: the frame and, where the protocol's data streams behind a head, the body. */
export interface Reply {
  readonly frame: Frame
  readonly body: Buffer | null
}

/**
 * A wire protocol: how to recognise it, speak it on a connection of either side, and read one frame of it.
 * Protocols that only cut a byte stream into frames with ids implement `FramedCodec` and become a `Protocol` by
 * `framed(codec)`.
 */
export interface Protocol extends Named {
  /** What its messages have in common with others: both versions of HTTP can stand for each other. */
  readonly speech: 'http' | 'rpc' | 'bytes'
  /** What a configuration may ask of it: rules that look deeper are refused. */
  readonly depth: Depth
  /** How many requests a connection to a host is expected to carry at once, before the host has told. */
  readonly room: number
  /** Looks at the first bytes of a connection whose protocol is not configured. */
  match(head: Buffer): Match
  /** Speaks it with a client that connected to us. */
  server(connection: Connection, intake: Intake): ServerSession
  /** Forwards a connection while its first bytes are still looked at; only where bytes need no reading. */
  relay?(connection: Connection, intake: Intake): Relay
  /** Speaks it with a host that we connected to. */
  client(connection: Connection, owner: ClientOwner): ClientSession
  /**
   * The one message that the bytes are, where messages are whole frames; null when they are something else. What a host
   * sent is said to be so: there are protocols whose answers look like requests.
   */
  parse?(bytes: Buffer, fromHost?: boolean): Frame | null
  /** Requests with different keys never share a connection (Bolt: the version a channel adopts). */
  poolKey(request: Frame): number
  /** What virtual hosts match: the authority of HTTP, the service of RPC. */
  service(request: Frame): string | undefined
  /** The method called; HTTP's request method. */
  method(request: Frame): string | undefined
  /** As `Frame.header`, of the bytes as they came. */
  header(frame: Frame, name: string): string | undefined
  /** Every header, where they can be told one by one. */
  each?(frame: Frame, visit: (name: string, value: string) => void): void
  /** Makes bytes of the frame's `edits`, as `FramedCodec.encode`; where messages are whole frames. */
  encode?(frame: Frame): boolean
  /** The status of a response in HTTP's words, for metrics, retries and outlier detection. */
  status(response: Frame): number
  /**
   * The status of a call beside HTTP's, told by the frame that ends the answer: gRPC's, in its head or its trailers. -1
   * where it says none, `CALL_STATUS_LATER` of a head whose trailers will.
   */
  callStatus?(frame: Frame): number
  /** Says in a request whose `timeoutMs` is above 0 how many milliseconds are left for the next hop. */
  shorten?(request: Frame, leftMs: number): void
  /** Whether sending it twice does what sending it once does (RFC 9110 §9.2.2); false where nobody can know. */
  idempotent(request: Frame): boolean
  /** The tunnel it asks for instead of an answer: `websocket`, `connect`; null usually. */
  upgrade(request: Frame): string | null
  /** How long the caller waits, milliseconds: 0 does not say, -1 for ever. */
  timeoutMs(request: Frame): number
  /**
   * An answer of our own in the protocol's words, carrying the sentence as far as the protocol can. `status` is what a
   * rule asked for, in HTTP's words.
   */
  reply(request: Frame, outcome: Outcome, sentence: string, status: number): Reply
  /**
   * What a client is told whose connection is refused, usually before it has spoken; null where that cannot be said.
   * `status` in HTTP's words is 503 where nothing is said.
   */
  refusal(sentence: string, status?: number): Buffer | null
  /** Loads what turns its messages into common calls and back: what that needs is loaded where it is used alone. */
  transcoder?(): Promise<Transcoder>
}
