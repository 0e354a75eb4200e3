import { Depth, Match, type Protocol } from '../../protocol.ts'
import { CAPACITY, RedisClient } from './client.ts'
import { type Ask, Lane } from './command.ts'
import { parseAnswer, parseCommand } from './message.ts'
import { keyOf, methodOf, serviceOf } from './names.ts'
import { error, replyOf } from './reply.ts'
import { RedisServer } from './server.ts'
import { statusOf } from './status.ts'

/**
 * Redis: RESP2 and RESP3, and commands written as lines.
 *
 * | of a command | is                                                                                        |
 * |--------------|-------------------------------------------------------------------------------------------|
 * | service      | its first key, or channel, up to the first `:` or `/`; empty without one                   |
 * | method       | its name in upper case, with what containers do: `GET`, `CONFIG SET`                       |
 * | `key`        | its first key, for logs                                                                    |
 *
 * Commands of all clients share one connection to a host, in the order they came; those that mean something to their
 * connection (transactions, subscriptions, blocking, `AUTH`, `SELECT`, …) give their client one of its own, to the host
 * that the command's route leads to, until it goes. There, no command is looked at any more. Clients that speak RESP3
 * share among themselves, by connections that speak it.
 *
 * The order of one client's commands holds as long as they go to one host over one connection: several hosts,
 * `concurrent_calls` and `max_requests_per_connection` give that up. Each command of a pipeline counts as a request under
 * way (`max_requests`); a subscription that is quiet for longer than `stream_idle_timeout` ends.
 */
export const redis: Protocol = {
  name: 'redis',
  speech: 'rpc',
  depth: Depth.Names,
  room: CAPACITY,
  match: matchArray,
  server: (connection, intake) => new RedisServer(redis, connection, intake),
  client: (connection, owner) => new RedisClient(redis, connection, owner),
  parse: (bytes, fromHost = false) =>
    fromHost ? parseAnswer(redis, bytes) : parseCommand(redis, bytes),
  poolKey: (request) => (request.view as Ask).lane,
  service: serviceOf,
  method: methodOf,
  header: (frame, name) => (name === 'key' && frame.view !== null ? keyOf(frame) : undefined),
  status: statusOf,
  idempotent: ({ view }) => (view as Ask).lane !== Lane.Own && (view as Ask).command.reads,
  upgrade: () => null,
  timeoutMs: ({ view }) => ((view as Ask).lane === Lane.Own ? -1 : 0),
  reply: (_request, outcome, sentence, status) => ({
    frame: replyOf(redis, outcome, sentence, status),
    body: null,
  }),
  refusal: (sentence, status = 503) => error(status, sentence),
  transcoder: async () => (await import('./transcode.ts')).redisTranscoder(redis),
}

const STAR = 42
const DOLLAR = 36
const CRLF = [13, 10] as const
const MOST_DIGITS = 7

/**
 * Recognises an array of bulk strings: `*`, a count, `$`. Lines of words look like nothing, or like HTTP: they are only
 * for ports where Redis alone is spoken.
 */
function matchArray(head: Buffer): Match {
  if (head.length === 0) return Match.NeedMore
  if (head[0] !== STAR) return Match.No
  let at = 1
  while (at < head.length && isDigit(head[at]!)) at++
  if (at === head.length) return at - 1 > MOST_DIGITS ? Match.No : Match.NeedMore
  if (at === 1 || at - 1 > MOST_DIGITS) return Match.No
  for (const wanted of [...CRLF, DOLLAR]) {
    if (at === head.length) return Match.NeedMore
    if (head[at++] !== wanted) return Match.No
  }
  return Match.Yes
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}
