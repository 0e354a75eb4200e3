import type { TraceFormat } from './format.ts'
import { isTraceId } from './span.ts'

const HEADER = 'sw8'

/**
 * SkyWalking's cross-process header, version 3: sample, trace, segment, span, service, instance, endpoint, address; texts in
 * base64. Each process has a segment of its own; a proxy's is named after its span.
 */
export const skywalking: TraceFormat = {
  name: 'skywalking',
  read(request) {
    const parts = request.header(HEADER)?.split('-') ?? []
    if (parts.length < 8 || (parts[0] !== '0' && parts[0] !== '1')) return null
    const traceId = Buffer.from(parts[1]!, 'base64').toString()
    return isTraceId(traceId) ? { traceId, spanId: '', sampled: parts[0] === '1' } : null
  },
  write(request, { traceId, spanId, sampled }, { service, instance }) {
    const { protocol } = request
    const called = protocol.service(request) ?? ''
    const method = protocol.speech === 'http' ? request.header(':path') : protocol.method(request)
    const texts = [service, instance, `${called}/${method ?? ''}`, called || '-'].map(base64)
    const segment = base64(`${spanId}.1.1`)
    request.set(HEADER, [sampled ? '1' : '0', base64(traceId), segment, '0', ...texts].join('-'))
  },
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
