import type { Frame } from '../../frame.ts'
import type { TraceFormat } from './format.ts'
import { isTraceId } from './span.ts'

/** As SOFARPC puts them into the header map of a frame, and SOFATracer into HTTP. */
const NAMES = {
  rpc: { trace: 'rpc_trace_context.sofaTraceId', rpc: 'rpc_trace_context.sofaRpcId' },
  http: { trace: 'sofa-traceid', rpc: 'sofa-rpcid' },
} as const
/** The rpc id of whoever begins a trace. */
const FIRST = '0'

/**
 * SOFATracer: a trace id of its own form, and an rpc id that counts calls (`0.1.2` is the second call of the first call).
 * Whoever is called goes on counting from its caller's id, so a proxy passes it on as it is.
 */
export const sofa: TraceFormat = {
  name: 'sofa',
  read(request) {
    const traceId = request.header(namesFor(request).trace) ?? ''
    return isTraceId(traceId) ? { traceId, spanId: '', sampled: null } : null
  },
  write(request, { traceId }, _teller, brought) {
    if (brought) return
    const names = namesFor(request)
    request.set(names.trace, traceId)
    request.set(names.rpc, FIRST)
  },
}

function namesFor({ protocol }: Frame): { readonly trace: string; readonly rpc: string } {
  return protocol.speech === 'http' ? NAMES.http : NAMES.rpc
}
