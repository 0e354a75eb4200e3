import type { Stream } from '../../stream.ts'
import type { Span } from './span.ts'

/** A span in OTLP's JSON (opentelemetry-proto, trace/v1/trace.proto). */
export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number; readonly message?: string }
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

const SERVER = 2
const ERROR = 2

/** What happened to a request, whose stream is over. Attributes are named as OpenTelemetry's conventions name them. */
export function otlpSpan(span: Span, stream: Stream): OtlpSpan {
  const { request, down } = stream
  const { protocol } = request
  const http = protocol.speech === 'http'
  const service = protocol.service(request) ?? ''
  const method = protocol.method(request) ?? ''
  const path = (http ? request.header(':path') : '')?.split('?', 1)[0] ?? ''
  const { now, clock } = down.intake.turn
  const endedAt = clock.wall()
  const attributes: Attribute[] = [
    text('network.protocol.name', protocol.name),
    ...(http
      ? [
          text('http.request.method', method),
          text('server.address', service),
          text('url.path', path),
        ]
      : [
          text('rpc.system', protocol.name),
          text('rpc.service', service),
          text('rpc.method', method),
        ]),
    whole('http.response.status_code', stream.status),
    text('tulle.cluster', stream.clusterName),
    text('tulle.route', stream.routeName),
    text('tulle.host', stream.host?.address ?? ''),
  ]
  if (stream.detail !== '') attributes.push(text('error.type', stream.outcome.name))
  return {
    traceId: span.traceId.padStart(32, '0'),
    spanId: span.spanId,
    parentSpanId: span.parentId,
    name: http ? method : `${service}/${method}`,
    kind: SERVER,
    startTimeUnixNano: nanoseconds(endedAt - (now - stream.startedAt)),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes,
    status:
      stream.status >= 500 || stream.status === 0
        ? { code: ERROR, message: stream.detail }
        : { code: 0 },
  }
}

/** An `ExportTraceServiceRequest`. */
export function otlpRequest(service: string, instance: string, spans: readonly OtlpSpan[]): Buffer {
  const attributes = [text('service.name', service), text('service.instance.id', instance)]
  const scopeSpans = [{ scope: { name: 'tulle' }, spans }]
  return Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] }))
}

function text(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } }
}

function whole(key: string, value: number): Attribute {
  return { key, value: { intValue: String(value) } }
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms * 1000)}000`
}
