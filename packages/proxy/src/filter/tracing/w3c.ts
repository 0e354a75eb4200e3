import type { TraceFormat } from './format.ts'

const TRACEPARENT = 'traceparent'
/** Version, trace, parent, flags; later versions may have more behind (W3C Trace Context §3.2). */
const SYNTAX = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/

/** W3C Trace Context: `traceparent`; a `tracestate` goes on as it is. */
export const w3c: TraceFormat = {
  name: 'w3c',
  read(request) {
    const parts = SYNTAX.exec(request.header(TRACEPARENT) ?? '')
    if (parts === null) return null
    const [, version, traceId, spanId, flags, more] = parts
    if (version === 'ff' || (version === '00' && more !== undefined)) return null
    if (!/[^0]/.test(traceId!) || !/[^0]/.test(spanId!)) return null
    return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 }
  },
  write(request, { traceId, spanId, sampled }) {
    request.set(TRACEPARENT, `00-${traceId.padStart(32, '0')}-${spanId}-${sampled ? '01' : '00'}`)
  },
}
