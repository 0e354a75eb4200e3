import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, has, same } from '../checks.ts'
import { answerOf, answersOf, type Clients, metadata, within } from './client.ts'
import type { GoServer } from './grpc-go.ts'
import type { PayloadMessage, SimpleRequest, Status } from './grpc-js.ts'
import { FAIL_ONCE, REMAINING, type TestServer } from './server.ts'

const UNIMPLEMENTED = 12
const UNAVAILABLE = 14
const HEALTH_MS = 10_000

/** Clients at listeners that each do something else. */
export interface Ways {
  /** Everything goes to the server on grpc-js. */
  readonly js: Clients
  /** The same after waiting for half a second. */
  readonly late: Clients
  /** A host where nobody listens. */
  readonly nobody: Clients
  /** No route. */
  readonly lost: Clients
  /** The same server, asked again when it answers UNAVAILABLE. */
  readonly again: Clients
  /** A host that is asked for its health. */
  readonly healthy: Clients
}

/** What a proxy does for gRPC besides passing it on. */
export function proxyChecks(ways: Ways, server: TestServer, asked: GoServer): Check[] {
  return [
    ['the server hears that a client has cancelled', () => cancels(ways.js, server)],
    [
      'the deadline has shrunk by what the proxy waited when the server hears it',
      async () => {
        const { status } = await unary(ways.late, {}, 5000)
        same('the status', status.code, 0)
        const remaining = Number(status.metadata.get(REMAINING)[0])
        if (!(remaining > 0 && remaining <= 4600))
          throw new Error(`${remaining} ms are left of 5000`)
      },
    ],
    [
      'a host where nobody listens is UNAVAILABLE, with a sentence',
      async () => {
        const { status } = await unary(ways.nobody)
        same('the status', status.code, UNAVAILABLE)
        has('the message', status.details, /^interop: upstream: .*refused/)
      },
    ],
    [
      'a service without a route is UNIMPLEMENTED, with a sentence',
      async () => {
        const { status } = await unary(ways.lost)
        same('the status', status.code, UNIMPLEMENTED)
        has('the message', status.details, /^interop: \w+: /)
      },
    ],
    ['UNAVAILABLE is retried where the route says so, and only there', () => retries(ways)],
    ['a thousand messages of 16 KiB come in one stream', () => long(ways.js)],
    [
      'three hundred calls, a hundred at a time, all succeed',
      async () => {
        const some = async (): Promise<void> => {
          for (let i = 0; i < 3; i++)
            same('the status', (await unary(ways.js, { response_size: 1000 })).status.code, 0)
        }
        await Promise.all(Array.from({ length: 100 }, some))
      },
    ],
    [
      'a host is taken by what grpc.health.v1 says, left, and taken again',
      async () => {
        await becomes(ways.healthy, 0)
        await asked.health('NOT_SERVING')
        await becomes(ways.healthy, UNAVAILABLE)
        await asked.health('SERVING')
        await becomes(ways.healthy, 0)
      },
    ],
  ]
}

async function cancels({ test }: Clients, server: TestServer): Promise<void> {
  const cancelled = server.cancelled()
  const call = test.FullDuplexCall(metadata(), {})
  const outcome = answersOf(call)
  const first = once(call, 'data')
  call.write({ response_parameters: [{ size: 1 }] })
  await first
  call.cancel()
  await outcome
  await cancelled
}

async function retries({ js, again }: Ways): Promise<void> {
  same('without a retry', (await unary(js, {}, 5000, 'one')).status.code, UNAVAILABLE)
  same('with a retry', (await unary(again, {}, 5000, 'two')).status.code, 0)
}

async function long({ test }: Clients): Promise<void> {
  const response_parameters = Array.from({ length: 1000 }, () => ({ size: 16_384 }))
  const { messages, status } = await answersOf<PayloadMessage>(
    test.StreamingOutputCall({ response_parameters }, metadata(), {}),
  )
  same('the status', status.code, 0)
  same('how many came', messages.length, 1000)
  const bytes = messages.reduce((sum, { payload }) => sum + payload.body.length, 0)
  same('their size', bytes, 16_384_000)
}

async function becomes(clients: Clients, code: number): Promise<void> {
  const end = performance.now() + HEALTH_MS
  for (;;) {
    const { status } = await answerOf((done) =>
      clients.test.EmptyCall({}, metadata(), within(5000), done),
    )
    if (status.code === code) return
    if (performance.now() > end) same('the status in the end', status.code, code)
    await sleep(100)
  }
}

function unary(
  { test }: Clients,
  request: SimpleRequest = {},
  ms = 10_000,
  failOnce = '',
): Promise<{ status: Status }> {
  const fields = failOnce === '' ? {} : { [FAIL_ONCE]: failOnce }
  return answerOf((done) => test.UnaryCall(request, metadata(fields), within(ms), done))
}
