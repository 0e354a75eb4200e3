import { runCases } from './cases.ts'

/** The service as a client calls it. Whatever a library calls these, errors are thrown. */
export interface Client {
  echo(text: string): Promise<string>
  nested(order: Order): Promise<Order>
  /** Always fails with this message. */
  fail(why: string): Promise<unknown>
  nothing(): Promise<unknown>
  /** One-way: its end says nothing about the server. */
  fire(text: string): Promise<void>
  /** How often {@link fire} arrived since the server began. */
  fired(): Promise<number>
  /** With this time-out; fails with the library's own error. */
  sleep(ms: number, timeoutMs: number): Promise<string>
  /** Whether this is how the library says that a call took too long. */
  isTimeout(error: unknown): boolean
  /** The cases it cannot do, with the cause. */
  readonly cannot: Readonly<Record<string, string>>
}

export interface Order {
  readonly id: string
  readonly items: readonly { readonly sku: string; readonly count: number }[]
  readonly note: string | null
}

/** A program of one library, as the sides it can be. */
export interface Peer {
  /** Listens on this port of 127.0.0.1. */
  serve?(port: number): Promise<void>
  connect?(host: string, port: number): Promise<Client>
}

/** `server PORT` or `client HOST:PORT CASE,…`, from the command line; words before these are the peer's own. */
export async function run({ serve, connect }: Peer): Promise<void> {
  const at = process.argv.findIndex((word) => word === 'server' || word === 'client')
  const [side, place, cases] = process.argv.slice(at)
  if (side === 'server') {
    await serve!(Number(place))
    console.log('\nready')
    return
  }
  const { hostname, port } = new URL(`tcp://${place}`)
  const client = await connect!(hostname, Number(port))
  await runCases(client, cases!.split(','))
  process.exit(0)
}

/** The service of every server, and how often it was fired at. */
export class Service {
  #fired = 0

  fail(why: string): never {
    throw new Error(why)
  }

  fire(): void {
    this.#fired++
  }

  get fired(): number {
    return this.#fired
  }

  async sleep(ms: number): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return 'awake'
  }
}
