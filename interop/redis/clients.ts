import { Redis, type RedisOptions } from 'ioredis'

type Options = Omit<RedisOptions, 'replyMapping'>

/** Clients of ioredis that end with the checks. */
export class Clients {
  readonly #all: Redis[] = []

  to(port: number, options: Options = {}): Redis {
    const client = new Redis(
      port,
      '127.0.0.1',
      Object.assign({ retryStrategy: () => null }, options),
    )
    // Its commands fail, too, and those are looked at.
    client.on('error', () => {})
    this.#all.push(client)
    return client
  }

  stop(): void {
    for (const client of this.#all.splice(0)) client.disconnect()
  }
}

/** The message of what a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('it was not refused')
}
