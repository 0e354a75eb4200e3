import { once } from 'node:events'
import { type Check, same } from '../checks.ts'
import { answerOf, answersOf, type Clients, metadata, type Outcome, within } from './client.ts'
import type { ClientCall, Payload, PayloadMessage } from './grpc-js.ts'

const REQUEST_SIZES = [27_182, 8, 1828, 45_904] as const
const RESPONSE_SIZES = [31_415, 9, 2653, 58_979] as const
const LARGE_REQUEST = 271_828
const LARGE_RESPONSE = 314_159
const ECHO_INITIAL = 'x-grpc-test-echo-initial'
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin'
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'

const OK = 0
const CANCELLED = 1
const UNKNOWN = 2
const DEADLINE_EXCEEDED = 4
const UNIMPLEMENTED = 12

/** The interop cases of gRPC, asked by grpc-js. */
export function interopCases(how: string, clients: Clients): Check[] {
  return Object.entries(CASES).map(([name, ask]) => [`${how}: ${name}`, () => ask(clients)])
}

const CASES: Readonly<Record<string, (clients: Clients) => Promise<void>>> = {
  async empty_unary({ test }) {
    const { status } = await answerOf((done) => test.EmptyCall({}, metadata(), {}, done))
    same('the status', status.code, OK)
  },

  async large_unary({ test }) {
    const request = { response_size: LARGE_RESPONSE, payload: zeros(LARGE_REQUEST) }
    const { messages, status } = await answerOf<PayloadMessage>((done) =>
      test.UnaryCall(request, metadata(), {}, done),
    )
    same('the status', status.code, OK)
    same('the size', messages[0]?.payload.body.length, LARGE_RESPONSE)
  },

  async client_streaming({ test }) {
    const { messages, status } = await answerOf<{ aggregated_payload_size: number }>((done) => {
      const call = test.StreamingInputCall(metadata(), {}, done)
      for (const size of REQUEST_SIZES) call.write({ payload: zeros(size) })
      call.end()
      return call
    })
    same('the status', status.code, OK)
    same('the size of all', messages[0]?.aggregated_payload_size, 74_922)
  },

  async server_streaming({ test }) {
    const request = { response_parameters: RESPONSE_SIZES.map((size) => ({ size })) }
    const outcome = await answersOf<PayloadMessage>(
      test.StreamingOutputCall(request, metadata(), {}),
    )
    hasSizes(outcome, RESPONSE_SIZES)
  },

  async ping_pong({ test }) {
    const call = test.FullDuplexCall(metadata(), {})
    const outcome = answersOf<PayloadMessage>(call)
    for (const [i, size] of RESPONSE_SIZES.entries()) {
      const pong = once(call, 'data')
      call.write({ response_parameters: [{ size }], payload: zeros(REQUEST_SIZES[i]!) })
      await pong
    }
    call.end()
    hasSizes(await outcome, RESPONSE_SIZES)
  },

  async empty_stream({ test }) {
    const call = test.FullDuplexCall(metadata(), {})
    call.end()
    hasSizes(await answersOf(call), [])
  },

  async cancel_after_begin({ test }) {
    const { status } = await answerOf((done) => {
      const call = test.StreamingInputCall(metadata(), {}, done)
      call.cancel()
      return call
    })
    same('the status', status.code, CANCELLED)
  },

  async cancel_after_first_response({ test }) {
    const call = test.FullDuplexCall(metadata(), {})
    const outcome = answersOf(call)
    const pong = once(call, 'data')
    call.write(pingOf(RESPONSE_SIZES[0], REQUEST_SIZES[0]))
    await pong
    call.cancel()
    same('the status', (await outcome).status.code, CANCELLED)
  },

  async timeout_on_sleeping_server({ test }) {
    const call = test.FullDuplexCall(metadata(), within(50))
    const outcome = answersOf(call)
    const slowly = [{ size: RESPONSE_SIZES[0], interval_us: 2_000_000 }]
    call.write({ response_parameters: slowly, payload: zeros(REQUEST_SIZES[0]) })
    same('the status', (await outcome).status.code, DEADLINE_EXCEEDED)
  },

  async status_code_and_message({ test }) {
    await fails(test, 'test status message')
  },

  async special_status_message({ test }) {
    await fails(test, SPECIAL)
  },

  async unimplemented_method({ test }) {
    const { status } = await answerOf((done) => test.UnimplementedCall({}, metadata(), {}, done))
    same('the status', status.code, UNIMPLEMENTED)
  },

  async unimplemented_service({ unimplemented }) {
    const { status } = await answerOf((done) =>
      unimplemented.UnimplementedCall({}, metadata(), {}, done),
    )
    same('the status', status.code, UNIMPLEMENTED)
  },

  async custom_metadata({ test }) {
    const binary = Buffer.from([0xab, 0xab, 0xab, 0x00, 0xff])
    const fields = {
      [ECHO_INITIAL]: 'test_initial_metadata_value',
      [ECHO_TRAILING]: binary,
    }
    const unary = answerOf((done) =>
      test.UnaryCall({ response_size: 1, payload: zeros(1) }, metadata(fields), {}, done),
    )
    const call = test.FullDuplexCall(metadata(fields), {})
    const stream = answersOf(call)
    call.write(pingOf(1, 1))
    call.end()
    for (const { initial, status } of await Promise.all([unary, stream])) {
      same('the status', status.code, OK)
      same('the first', initial?.get(ECHO_INITIAL).join(), fields[ECHO_INITIAL])
      const [last] = status.metadata.get(ECHO_TRAILING)
      same('the last', Buffer.from(last ?? '').toString('hex'), binary.toString('hex'))
    }
  },
}

async function fails(test: Clients['test'], message: string): Promise<void> {
  const response_status = { code: UNKNOWN, message }
  const unary = answerOf((done) => test.UnaryCall({ response_status }, metadata(), {}, done))
  const call: ClientCall = test.FullDuplexCall(metadata(), {})
  const stream = answersOf(call)
  call.write({ response_status })
  call.end()
  for (const { status } of await Promise.all([unary, stream])) {
    same('the status', status.code, UNKNOWN)
    same('the message', status.details, message)
  }
}

function pingOf(response: number, request: number): object {
  return { response_parameters: [{ size: response }], payload: zeros(request) }
}

function hasSizes({ messages, status }: Outcome<PayloadMessage>, sizes: readonly number[]): void {
  same('the status', status.code, OK)
  same('the sizes', messages.map(({ payload }) => payload.body.length).join(), sizes.join())
}

function zeros(size: number): Payload {
  return { body: Buffer.alloc(size) }
}
