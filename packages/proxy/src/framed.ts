import type { Named } from '@tulle/core'
import type { Connection } from './connection.ts'
import type { Frame } from './frame.ts'
import { CAPACITY, FramedClient } from './framed/client.ts'
import { encoded } from './framed/encoded.ts'
import { FramedServer } from './framed/server.ts'
import type { Outcome } from './outcome.ts'
import { Depth, type Match, type Protocol, type Reply } from './protocol.ts'
import type { ClientOwner, ClientSession, Intake, ServerSession } from './session.ts'

export { digits, i32, isSame, put16, put32, putDigits, u16, u32 } from './framed/bytes.ts'
export { isNamedBefore, LastPairs } from './framed/edits.ts'
export { Interner } from './framed/interner.ts'
export { Names } from './framed/names.ts'
export { Refilled } from './framed/refilled.ts'
export { type ServiceParts, serviceName, serviceParts } from './framed/service-name.ts'

/** What `FramedCodec.measure` says instead of a length. */
export const Measure = { NeedMore: 0, Invalid: -1 } as const

/**
 * A protocol whose messages are whole frames with an id, side by side on one connection.
 * The codec only knows bytes; connections, ids in flight, heartbeats and draining are the same for all of them
 * (`framed/`).
 *
 * What a codec leaves out, its protocol cannot be used for:
 *
 * | it has                        | and so can be                                                                    |
 * |-------------------------------|----------------------------------------------------------------------------------|
 * | frames, ids, kinds            | shared connections, metrics, logs, limits, time-outs, heartbeats                 |
 * | + `service`, `method`         | routed by them                                                                   |
 * | + `header`, `encode`          | routed by headers, traced; faults and changes of headers by request              |
 * | + a `Transcoder`              | converted from and to other protocols                                            |
 */
export interface FramedCodec extends Named {
  match(head: Buffer): Match
  /**
   * Length in bytes of the frame that begins at `start`, from the bytes up to `end`; `Measure.NeedMore` while its
   * lengths are not there yet, `Measure.Invalid` when no frame begins so. Where a length stands far behind in the frame,
   * the least that the frame can have, more than is there: nobody looks again before so much has come.
   */
  measure(buf: Buffer, start: number, end: number): number
  /** The whole frame in [start, end). Null when its inside contradicts itself. */
  read(buf: Buffer, start: number, end: number): Frame | null
  /**
   * What can be read of a frame whose bytes have come in part: enough to answer it when it is refused for its size.
   * Null when its fixed header is not there, or it is no request that wants an answer.
   */
  readHead(buf: Buffer, start: number, end: number): Frame | null
  /**
   * The answer that a frame is which reads as a request, where a protocol writes both in one form and only its coming
   * from a host tells; null when it is none.
   */
  asAnswer?(frame: Frame): Frame | null
  /**
   * Writes another id into the bytes, in place (and mends a checksum): the frame is ready for another connection. Where
   * ids have no fixed width, the frame gets bytes of its own.
   */
  readdress(frame: Frame, id: number): void
  /**
   * Gives an answer the id its client wrote, where that is more than the number in `request.id` holds. Codecs whose
   * ids are numbers have none: `readdress` to that number does.
   */
  restore?(answer: Frame, request: Frame): void
  /** The id in the frame's bytes now. */
  idOf(frame: Frame): number
  /** Ids on a connection of ours run from 1 to this. */
  readonly maxId: number
  /** Clients take their answers in the order of their requests, because ids may come twice. */
  readonly ordered?: boolean
  /** How many requests a host takes at once on a connection, where a cluster does not say; very many if left out. */
  readonly room?: number
  /**
   * From this request on the host may call its client back: the client gets connections of its own, on which calls go
   * both ways.
   */
  binds?(request: Frame): boolean
  /** Makes bytes of the frame's `edits`: a new window, `edits` null. False: the change does not fit the protocol. */
  encode?(frame: Frame): boolean
  /** Frames without a place for headers, of a protocol that has some: changes of theirs are forgotten. */
  headless?(frame: Frame): boolean
  poolKey(request: Frame): number
  service?(request: Frame): string | undefined
  method?(request: Frame): string | undefined
  header?(frame: Frame, name: string): string | undefined
  /** Every header whose name and value are text, in order. */
  each?(frame: Frame, visit: (name: string, value: string) => void): void
  status(response: Frame): number
  timeoutMs(request: Frame): number
  /** Says in a request whose `timeoutMs` is above 0 how many milliseconds are left for the next hop, in place. */
  shorten?(request: Frame, leftMs: number): void
  reply(request: Frame, outcome: Outcome, sentence: string, status: number): Frame
  /** A heartbeat for connections of this pool key; null where the protocol has none. */
  heartbeat(id: number, poolKey: number): Frame | null
  /** The answer to a peer's heartbeat. */
  heartbeatAck(ask: Frame): Frame
  /** Tells a client to open no more requests; null where the protocol cannot. `last` is its latest frame. */
  goAway(last: Frame | null): Frame | null
}

/** A codec that reads and changes headers. */
export type HeaderCodec = FramedCodec &
  Required<Pick<FramedCodec, 'service' | 'method' | 'header' | 'encode'>>

const nothing = (): undefined => undefined

/** The protocol that speaks a codec's frames; `transcoder` as `Protocol` has it. */
export function framed(codec: FramedCodec, transcoder?: Protocol['transcoder']): Protocol {
  const { service, method, header, shorten } = codec
  return {
    name: codec.name,
    match: (head) => codec.match(head),
    speech: 'rpc',
    depth: depthOf(codec),
    room: codec.room ?? CAPACITY,
    server: (connection: Connection, intake: Intake): ServerSession =>
      new FramedServer(codec, connection, intake),
    client: (connection: Connection, owner: ClientOwner): ClientSession =>
      new FramedClient(codec, connection, owner),
    parse: (bytes, fromHost = false) => wholeFrame(codec, bytes, fromHost),
    poolKey: (request) => codec.poolKey(request),
    service: service === undefined ? nothing : (request) => codec.service!(request),
    method: method === undefined ? nothing : (request) => codec.method!(request),
    header: header === undefined ? nothing : (frame, name) => codec.header!(frame, name),
    ...(codec.each === undefined ? {} : { each: (frame, visit) => codec.each!(frame, visit) }),
    ...(codec.encode === undefined ? {} : { encode: (frame) => encoded(codec, frame) }),
    status: (response) => codec.status(response),
    idempotent: () => false,
    upgrade: () => null,
    timeoutMs: (request) => codec.timeoutMs(request),
    ...(shorten === undefined ? {} : { shorten: (request, ms) => codec.shorten!(request, ms) }),
    reply: (request, outcome, sentence, status): Reply => ({
      frame: codec.reply(request, outcome, sentence, status),
      body: null,
    }),
    refusal: () => null,
    ...(transcoder === undefined ? {} : { transcoder }),
  }
}

function depthOf({ service, method, header, encode }: FramedCodec): Depth {
  if (service === undefined || method === undefined) return Depth.Frames
  return header === undefined || encode === undefined ? Depth.Names : Depth.Headers
}

/** The one frame that the bytes are; null when they are anything else. */
function wholeFrame(codec: FramedCodec, bytes: Buffer, fromHost: boolean): Frame | null {
  if (codec.measure(bytes, 0, bytes.length) !== bytes.length) return null
  const frame = codec.read(bytes, 0, bytes.length)
  return (fromHost && frame !== null && codec.asAnswer?.(frame)) || frame
}
