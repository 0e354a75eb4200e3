import type { Frame } from '../../frame.ts'
import type { TraceFormat } from './format.ts'
import type { Incoming } from './span.ts'

const TRACE = /^[\da-f]{16}(?:[\da-f]{16})?$/i
const SPAN = /^[\da-f]{16}$/i

/** B3 in one header: `b3: trace-span-sampled-parent`, or the decision alone. */
export const b3: TraceFormat = {
  name: 'b3',
  read(request) {
    const said = request.header('b3')
    if (said === undefined) return null
    const [traceId = '', spanId = '', sampled] = said.split('-')
    return incoming(traceId, spanId, sampled)
  },
  write(request, { traceId, spanId, parentId, sampled }) {
    const parent = parentId === '' ? '' : `-${parentId}`
    request.set('b3', `${traceId}-${spanId}-${sampled ? '1' : '0'}${parent}`)
  },
}

/** B3 in several headers: `x-b3-traceid`, `x-b3-spanid`, `x-b3-parentspanid`, `x-b3-sampled`. */
export const b3Multi: TraceFormat = {
  name: 'b3-multi',
  read(request) {
    const traceId = said(request, 'traceid')
    if (traceId === undefined) return null
    const debug = said(request, 'flags') === '1' ? 'd' : undefined
    return incoming(traceId, said(request, 'spanid') ?? '', debug ?? said(request, 'sampled'))
  },
  write(request, { traceId, spanId, parentId, sampled }) {
    request.set('x-b3-traceid', traceId)
    request.set('x-b3-spanid', spanId)
    if (parentId !== '') request.set('x-b3-parentspanid', parentId)
    request.set('x-b3-sampled', sampled ? '1' : '0')
  },
}

function said(request: Frame, name: string): string | undefined {
  return request.header(`x-b3-${name}`)
}

function incoming(traceId: string, spanId: string, sampled: string | undefined): Incoming | null {
  if (!TRACE.test(traceId) || !SPAN.test(spanId)) return null
  return {
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
    sampled: sampled === undefined ? null : sampled !== '0' && sampled !== 'false',
  }
}
