import { readFileSync } from 'node:fs'
import {
  type Answered,
  type CallOptions,
  type ClientCall,
  grpcJs,
  type Metadata,
  type Services,
  type Status,
  services,
  type TestClient,
} from './grpc-js.ts'

/** All that came of a call. */
export interface Outcome<T> {
  readonly messages: readonly T[]
  /** The metadata before the messages; null when there was none. */
  readonly initial: Metadata | null
  readonly status: Status
}

/** Clients of grpc-js at one address. */
export class Clients {
  readonly #services: Services = services()
  readonly #address: string
  readonly #credentials: object
  readonly test: TestClient
  readonly unimplemented: Pick<TestClient, 'UnimplementedCall' | 'close'>

  /** In the clear, or with TLS when it has the certificate of an authority. */
  constructor(port: number, ca: string | null = null) {
    const { credentials } = grpcJs()
    this.#address = `localhost:${port}`
    this.#credentials =
      ca === null ? credentials.createInsecure() : credentials.createSsl(readFileSync(ca))
    this.test = this.#make('TestService')
    this.unimplemented = this.#make('UnimplementedService')
  }

  close(): void {
    this.test.close()
    this.unimplemented.close()
  }

  #make<N extends keyof Services>(name: N): InstanceType<Services[N]> {
    const Client = this.#services[name]
    // Each its own connection: what one client meets does not change what the next one finds.
    const options = { 'grpc.use_local_subchannel_pool': 1 }
    return new Client(this.#address, this.#credentials, options) as InstanceType<Services[N]>
  }
}

/** Metadata of these fields. */
export function metadata(fields: Readonly<Record<string, string | Buffer>> = {}): Metadata {
  const made = new (grpcJs().Metadata)()
  for (const [key, value] of Object.entries(fields)) made.add(key, value)
  return made
}

/** Options of a call that may take so long. */
export function within(ms: number): CallOptions {
  return { deadline: Date.now() + ms }
}

/** The outcome of a call with one answer. `call` starts it. */
export async function answerOf<T>(
  call: (answered: Answered<T>) => ClientCall,
): Promise<Outcome<T>> {
  const messages: T[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const started = call((_error, response) => {
    if (response !== undefined) messages.push(response)
    resolve()
  })
  const { initial, status } = heard(started)
  const ended = await status
  await promise
  return { messages, initial: initial(), status: ended }
}

/** The outcome of a call with a stream of answers. */
export async function answersOf<T>(call: ClientCall): Promise<Outcome<T>> {
  const messages: T[] = []
  call.on('data', (message: T) => messages.push(message))
  // What ended the call comes as its status too.
  call.on('error', () => {})
  const { initial, status } = heard(call)
  return { messages, status: await status, initial: initial() }
}

function heard(call: ClientCall): { initial: () => Metadata | null; status: Promise<Status> } {
  let initial: Metadata | null = null
  call.on('metadata', (came: Metadata) => {
    initial = came
  })
  const status = new Promise<Status>((resolve) => call.on('status', resolve))
  return { initial: () => initial, status }
}
