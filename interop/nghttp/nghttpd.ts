import type { Pair } from '../certificates.ts'
import { pathOf } from '../need.ts'
import { answers, freePort, Process } from '../process.ts'

/** nghttpd at work: it gives the files of a folder, sends uploads back, and a trailer behind everything. */
export interface Nghttpd {
  readonly port: number
  stop(): Promise<void>
}

/** Starts it; with TLS when it has a certificate. */
export async function startNghttpd(
  folder: string,
  more: readonly string[] = [],
  pair: Pair | null = null,
): Promise<Nghttpd> {
  const port = await freePort()
  const tls =
    pair === null ? ['--no-tls', String(port)] : [String(port), pair.key, pair.certificate]
  const always = ['-a', '127.0.0.1', '-d', folder, '--echo-upload', '--trailer', 'x-sum: 42']
  const server = new Process(pathOf('nghttpd'), [...always, ...more, ...tls])
  try {
    await answers(port)
    return { port, stop: () => server.stop() }
  } catch (error) {
    await server.stop()
    throw new Error(`nghttpd does not start: ${server.said}`, { cause: error })
  }
}
