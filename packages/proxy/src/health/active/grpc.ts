import type { IncomingHttpHeaders } from 'node:http2'
import type { HealthCheck } from '@tulle/model'
import type { CheckedHost, Connect, ProbeConnection } from '../../health.ts'
import { decodeGrpcMessage, GrpcStatus, grpcCode, grpcName } from '../../http/grpc.ts'
import { askHttp2 } from './ask-http2.ts'
import { healthRequest, servingStatus } from './health-message.ts'
import type { Finding, Probe } from './probe.ts'

type Settings = Extract<HealthCheck['probe'], { kind: 'grpc' }>

/** The host is well when `grpc.health.v1.Health/Check` says SERVING. Each check has a connection of its own. */
export class GrpcProbe implements Probe {
  answered = false
  readonly #host: CheckedHost
  readonly #connect: Connect
  readonly #headers: Record<string, string>
  readonly #body: Buffer
  #connection: ProbeConnection | null = null

  /** `cluster` is the authority's last resort. */
  constructor(
    host: CheckedHost,
    settings: Settings,
    cluster: string,
    scheme: 'http' | 'https',
    connect: Connect,
  ) {
    this.#host = host
    this.#connect = connect
    this.#body = healthRequest(settings.service)
    this.#headers = {
      ':method': 'POST',
      ':scheme': scheme,
      ':authority': settings.authority || host.hostname || cluster,
      ':path': '/grpc.health.v1.Health/Check',
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': 'tulle-health-check',
    }
  }

  start(done: (finding: Finding) => void): void {
    this.cancel()
    this.answered = false
    const connection = this.#connect(this.#host)
    this.#connection = connection
    const end = (finding: Finding): void => {
      if (this.#connection !== connection) return
      this.cancel()
      done(finding)
    }
    let head: IncomingHttpHeaders = {}
    connection.on('connect', () =>
      askHttp2(connection, this.#headers, this.#body, {
        onHead: (told, last) => {
          this.answered = true
          head = told
          if (last) end(judge(head, head, null))
        },
        onEnd: (body, trailers) => end(judge(head, trailers, body)),
        onFailure: (why) => end(`no answer: ${why}`),
      }),
    )
    connection.on('error', (error) => end(`no answer: ${error.message}`))
    connection.on('close', () => end('no answer: the connection was closed'))
  }

  cancel(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.destroy()
  }
}

/** `trailers` are where the answer tells its code: behind the body, or in a head that is all of it. */
function judge(
  head: IncomingHttpHeaders,
  trailers: IncomingHttpHeaders,
  body: Buffer | null,
): Finding {
  if (Number(head[':status']) !== 200) return `answered ${head[':status']}`
  const code = grpcCode(text(trailers['grpc-status']))
  if (code < 0) return 'the answer is not gRPC'
  if (code !== GrpcStatus.OK) {
    const message = decodeGrpcMessage(text(trailers['grpc-message']) ?? '')
    return message === '' ? `answered ${grpcName(code)}` : `answered ${grpcName(code)}: ${message}`
  }
  const status = body === null ? null : servingStatus(body)
  if (status === null) return 'the answer is no HealthCheckResponse'
  return status === 'SERVING' ? null : `answered ${status}`
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
