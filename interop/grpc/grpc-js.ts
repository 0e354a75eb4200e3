import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** The little of the npm package `@grpc/grpc-js` that is used here; it has its own package.json, beside this file. */
export interface GrpcJs {
  readonly Metadata: new () => Metadata
  readonly Server: new () => Server
  readonly ServerCredentials: {
    createInsecure(): object
    createSsl(ca: Buffer | null, pairs: { cert_chain: Buffer; private_key: Buffer }[]): object
  }
  readonly credentials: { createInsecure(): object; createSsl(ca: Buffer): object }
  loadPackageDefinition(definition: object): unknown
}

export interface Metadata {
  add(key: string, value: string | Buffer): void
  get(key: string): (string | Buffer)[]
}

/** How a call ended. */
export interface Status {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata
}

export interface Payload {
  readonly body: Buffer
}
export interface EchoStatus {
  readonly code: number
  readonly message: string
}
export interface SimpleRequest {
  readonly response_size?: number
  readonly payload?: Payload | null
  readonly response_status?: EchoStatus | null
}
export interface OutputRequest {
  readonly response_parameters?: readonly { readonly size: number; readonly interval_us?: number }[]
  readonly payload?: Payload | null
  readonly response_status?: EchoStatus | null
}
export interface PayloadMessage {
  readonly payload: Payload
}

/** A call as its client sees it: a stream of messages, and `metadata` and `status` as events. */
export interface ClientCall extends EventEmitter {
  write(message: object): boolean
  end(): void
  cancel(): void
  pause(): void
  resume(): void
}
export interface CallOptions {
  /** When the call has to be over, in milliseconds since 1970. */
  readonly deadline?: number
}
export type Answered<T> = (error: Status | null, response?: T) => void
type Unary<Q, A> = (
  request: Q,
  metadata: Metadata,
  options: CallOptions,
  answered: Answered<A>,
) => ClientCall

/** A client of grpc.testing.TestService. */
export interface TestClient {
  EmptyCall: Unary<object, object>
  UnaryCall: Unary<SimpleRequest, PayloadMessage>
  UnimplementedCall: Unary<object, object>
  StreamingInputCall(
    metadata: Metadata,
    options: CallOptions,
    answered: Answered<{ aggregated_payload_size: number }>,
  ): ClientCall
  StreamingOutputCall(request: OutputRequest, metadata: Metadata, options: CallOptions): ClientCall
  FullDuplexCall(metadata: Metadata, options: CallOptions): ClientCall
  close(): void
}

/** A call as its server sees it. */
export interface ServerCall<Q> extends EventEmitter {
  readonly request: Q
  readonly metadata: Metadata
  /** When the call has to be over: a date, or milliseconds since 1970. */
  getDeadline(): Date | number
  sendMetadata(metadata: Metadata): void
  write(message: object): boolean
  end(trailers?: Metadata): void
}
export interface Server {
  addService(definition: object, implementation: object): void
  bindAsync(
    address: string,
    credentials: object,
    bound: (error: Error | null, port: number) => void,
  ): void
  forceShutdown(): void
}

interface Codec {
  requestSerialize(message: object): Buffer
  responseDeserialize(bytes: Buffer): unknown
}
interface ClientClass<T> {
  new (address: string, credentials: object, options?: object): T
  readonly service: Readonly<Record<string, Codec>>
}
/** What test.proto defines. */
export interface Services {
  readonly TestService: ClientClass<TestClient>
  readonly UnimplementedService: ClientClass<Pick<TestClient, 'UnimplementedCall' | 'close'>>
}

const require = createRequire(import.meta.url)

/** The package itself. */
export function grpcJs(): GrpcJs {
  return require('@grpc/grpc-js') as GrpcJs
}

/** The services of test.proto, for clients and servers. */
export function services(): Services {
  const { loadSync } = require('@grpc/proto-loader') as {
    loadSync(file: string, options: object): object
  }
  const definition = loadSync(join(import.meta.dirname, 'test.proto'), { keepCase: true })
  const { grpc } = grpcJs().loadPackageDefinition(definition) as { grpc: { testing: Services } }
  return grpc.testing
}
