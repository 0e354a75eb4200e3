import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pair } from '../certificates.ts'
import {
  type EchoStatus,
  grpcJs,
  type Metadata,
  type OutputRequest,
  type ServerCall,
  type SimpleRequest,
  services,
} from './grpc-js.ts'

/** A server of the interop cases on grpc-js. */
export interface TestServer {
  readonly port: number
  /** Resolves when a call is cancelled from now on. */
  cancelled(): Promise<unknown>
  stop(): void
}

/** How long a call may still take, as the server was told, in milliseconds: a trailer of every unary call. */
export const REMAINING = 'x-remaining-ms'
/** Metadata of a unary call: it fails as UNAVAILABLE the first time that this value is seen. */
export const FAIL_ONCE = 'x-fail-once'

const ECHO_INITIAL = 'x-grpc-test-echo-initial'
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin'
const UNAVAILABLE = 14

/** Starts it on a free port of loopback, with TLS when it has a certificate. */
export async function startTestServer(pair: Pair | null = null): Promise<TestServer> {
  const { Server, ServerCredentials } = grpcJs()
  const server = new Server()
  const cancels = new EventEmitter()
  server.addService(services().TestService.service, implementation(cancels))
  const credentials =
    pair === null
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: readFileSync(pair.certificate), private_key: readFileSync(pair.key) },
        ])
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    port,
    cancelled: () => once(cancels, 'cancelled'),
    stop: () => server.forceShutdown(),
  }
}

function implementation(cancels: EventEmitter): object {
  const failed = new Set<string>()
  const watch = (call: ServerCall<unknown>): void => {
    call.on('cancelled', () => cancels.emit('cancelled'))
  }
  return {
    EmptyCall: (call: ServerCall<object>, answer: Answer) => answer(null, {}, trailersOf(call)),
    UnaryCall(call: ServerCall<SimpleRequest>, answer: Answer) {
      watch(call)
      const trailers = trailersOf(call)
      const { response_size = 0, response_status } = call.request
      const [once] = call.metadata.get(FAIL_ONCE).map(String)
      if (once !== undefined && !failed.has(once)) {
        failed.add(once)
        // Without metadata before it: what has begun to answer is not asked again.
        answer({ code: UNAVAILABLE, details: 'not yet' }, undefined, trailers)
        return
      }
      greet(call)
      if (fails(response_status)) answer(failure(response_status), undefined, trailers)
      else answer(null, payload(response_size), trailers)
    },
    StreamingInputCall(call: ServerCall<never>, answer: Answer) {
      watch(call)
      let size = 0
      call.on('data', (message: { payload: { body: Buffer } }) => {
        size += message.payload.body.length
      })
      call.on('end', () => answer(null, { aggregated_payload_size: size }, trailersOf(call)))
    },
    async StreamingOutputCall(call: ServerCall<OutputRequest>) {
      watch(call)
      greet(call)
      await respond(call, call.request)
      call.end(trailersOf(call))
    },
    FullDuplexCall(call: ServerCall<never>) {
      watch(call)
      greet(call)
      let before = Promise.resolve()
      call.on('data', (request: OutputRequest) => {
        before = before.then(() => respond(call, request))
      })
      call.on('end', () => void before.then(() => call.end(trailersOf(call))))
    },
  }
}

type Answer = (
  error: { readonly code: number; readonly details: string } | null,
  response?: object,
  trailers?: Metadata,
) => void

async function respond(call: ServerCall<unknown>, request: OutputRequest): Promise<void> {
  const { response_parameters = [], response_status } = request
  if (fails(response_status)) {
    call.emit('error', { ...failure(response_status), metadata: trailersOf(call) })
    return
  }
  for (const { size, interval_us = 0 } of response_parameters) {
    if (interval_us > 0) await sleep(interval_us / 1000)
    if (!call.write(payload(size))) await once(call, 'drain')
  }
}

function fails(status: EchoStatus | null | undefined): status is EchoStatus {
  return status != null && status.code !== 0
}

function failure({ code, message }: EchoStatus): { code: number; details: string } {
  return { code, details: message }
}

function payload(size: number): object {
  return { payload: { body: Buffer.alloc(size) } }
}

function greet(call: ServerCall<unknown>): void {
  const metadata = new (grpcJs().Metadata)()
  for (const value of call.metadata.get(ECHO_INITIAL)) metadata.add(ECHO_INITIAL, value)
  call.sendMetadata(metadata)
}

function trailersOf(call: ServerCall<unknown>): Metadata {
  const metadata = new (grpcJs().Metadata)()
  for (const value of call.metadata.get(ECHO_TRAILING)) metadata.add(ECHO_TRAILING, value)
  const remaining = Number(call.getDeadline()) - Date.now()
  if (Number.isFinite(remaining)) metadata.add(REMAINING, String(remaining))
  return metadata
}
