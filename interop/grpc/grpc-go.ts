import type { Pair } from '../certificates.ts'
import type { Check } from '../checks.ts'
import { Process } from '../process.ts'

/** The packages of what is built here. */
export const GO_CLIENT = 'google.golang.org/grpc/interop/client'
export const GO_SERVER = './server'

const CASES = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'cancel_after_begin',
  'cancel_after_first_response',
  'timeout_on_sleeping_server',
  'status_code_and_message',
  'special_status_message',
  'unimplemented_method',
  'unimplemented_service',
  'custom_metadata',
] as const
const CASE_MS = 20_000

/** The interop cases of gRPC, asked by grpc-go; with TLS when it has the certificate of an authority. */
export function goCases(
  how: string,
  client: string,
  port: number,
  ca: string | null = null,
): Check[] {
  const host = ca === null ? '127.0.0.1' : 'localhost'
  const tls = ca === null ? [] : ['--use_tls', '--use_test_ca', `--ca_file=${ca}`]
  return CASES.map((name) => [
    `${how}: ${name}`,
    async () => {
      const target = [`--server_host=${host}`, `--server_port=${port}`, `--test_case=${name}`]
      const run = new Process(client, [...target, ...tls])
      try {
        const code = await run.exit(CASE_MS)
        if (code !== 0) throw new Error(`exit ${code}:\n${run.said}`)
      } finally {
        await run.stop()
      }
    },
  ])
}

/** grpc-go's server at work. */
export interface GoServer {
  readonly port: number
  /** Sets what grpc.health.v1 says of it. */
  health(status: 'SERVING' | 'NOT_SERVING'): Promise<void>
  stop(): Promise<void>
}

/** Starts it on a free port of loopback, with TLS when it has a certificate. */
export async function startGoServer(program: string, pair: Pair | null = null): Promise<GoServer> {
  const tls = pair === null ? [] : ['-certificate', pair.certificate, '-key', pair.key]
  const server = new Process(program, tls)
  try {
    const [, port, control] = await server.says(/^listening (\d+) (\d+)$/m)
    return {
      port: Number(port),
      async health(status) {
        const { ok } = await fetch(`http://127.0.0.1:${control}/${status}`, { method: 'POST' })
        if (!ok) throw new Error(`the server does not become ${status}`)
      },
      stop: () => server.stop(),
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}
