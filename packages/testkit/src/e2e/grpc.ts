import type {
  CallOptions,
  Client,
  ClientDuplexStream,
  ClientReadableStream,
  ClientWritableStream,
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MetadataValue,
  Server,
} from '@grpc/grpc-js'

/** A service of `@grpc/grpc-js` whose messages are bytes, with a method of each kind: nothing has to be generated. */
export interface GrpcMethods {
  unary?: handleUnaryCall<Buffer, Buffer>
  up?: handleClientStreamingCall<Buffer, Buffer>
  down?: handleServerStreamingCall<Buffer, Buffer>
  both?: handleBidiStreamingCall<Buffer, Buffer>
}

export const GRPC_PATHS = {
  unary: '/test.Echo/Unary',
  up: '/test.Echo/Up',
  down: '/test.Echo/Down',
  both: '/test.Echo/Both',
} as const

const same = (bytes: Buffer): Buffer => bytes

export interface GrpcHost {
  readonly port: number
  close(): void
}

/** Starts a server of `@grpc/grpc-js`. */
export async function startGrpcHost(methods: GrpcMethods, port = 0): Promise<GrpcHost> {
  const { Server, ServerCredentials } = await import('@grpc/grpc-js')
  const server: Server = new Server()
  const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
    path,
    requestStream,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  })
  const service = {
    unary: method(GRPC_PATHS.unary, false, false),
    up: method(GRPC_PATHS.up, true, false),
    down: method(GRPC_PATHS.down, false, true),
    both: method(GRPC_PATHS.both, true, true),
  }
  server.addService(service, { ...methods })
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, to) =>
      error ? reject(error) : resolve(to),
    ),
  )
  return { port: bound, close: () => server.forceShutdown() }
}

/** How a call ended. */
export interface GrpcEnd {
  readonly code: number
  /** The `grpc-message`. */
  readonly details: string
  readonly trailers: Readonly<Record<string, MetadataValue>>
}

export interface GrpcAnswer extends GrpcEnd {
  /** Null where there was none. */
  readonly message: string | null
}

/** A client of `@grpc/grpc-js` for the service above. */
export class GrpcClient {
  readonly #client: Client
  readonly #metadata: (values: Readonly<Record<string, string>>) => InstanceType<MetadataClass>

  constructor(
    client: Client,
    metadata: (values: Readonly<Record<string, string>>) => InstanceType<MetadataClass>,
  ) {
    this.#client = client
    this.#metadata = metadata
  }

  static async to(port: number): Promise<GrpcClient> {
    const { Client, credentials, Metadata } = await import('@grpc/grpc-js')
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
    return new GrpcClient(client, (values) => {
      const metadata = new Metadata()
      for (const [name, value] of Object.entries(values)) metadata.set(name, value)
      return metadata
    })
  }

  /** Resolves however the call ends. */
  unary(
    message: string,
    options: CallOptions = {},
    values: Readonly<Record<string, string>> = {},
  ): Promise<GrpcAnswer> {
    return new Promise((resolve) => {
      let told: string | null = null
      const call = this.#client.makeUnaryRequest(
        GRPC_PATHS.unary,
        same,
        same,
        Buffer.from(message),
        this.#metadata(values),
        options,
        (_error, answer) => {
          told = answer?.toString() ?? null
        },
      )
      call.on('status', ({ code, details, metadata }) =>
        // The answer's callback is called in the same turn, before or after.
        setImmediate(() => resolve({ code, details, trailers: metadata.getMap(), message: told })),
      )
    })
  }

  up(answered: (message: string | null) => void): ClientWritableStream<Buffer> {
    const { up } = GRPC_PATHS
    return this.#client.makeClientStreamRequest(up, same, same, (_error, answer) =>
      answered(answer?.toString() ?? null),
    )
  }

  down(message: string, options: CallOptions = {}): ClientReadableStream<Buffer> {
    const { down } = GRPC_PATHS
    return this.#client.makeServerStreamRequest(down, same, same, Buffer.from(message), options)
  }

  both(
    options: CallOptions = {},
    values: Readonly<Record<string, string>> = {},
  ): ClientDuplexStream<Buffer, Buffer> {
    const metadata = this.#metadata(values)
    return this.#client.makeBidiStreamRequest(GRPC_PATHS.both, same, same, metadata, options)
  }

  close(): void {
    this.#client.close()
  }
}

type MetadataClass = typeof import('@grpc/grpc-js').Metadata
