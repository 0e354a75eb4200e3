import type { Named } from '@tulle/core'
import type { Frame } from '../../frame.ts'
import type { Incoming, Span } from './span.ts'

/** Who does the work of a span, for formats that tell the next hop. */
export interface Teller {
  readonly service: string
  /** Of this process. */
  readonly instance: string
}

/** A way to say in the headers of a request which trace it belongs to. */
export interface TraceFormat extends Named {
  /** What a request brings; null where it brings nothing, or nothing that can be read. */
  read(request: Frame): Incoming | null
  /** Makes the span the caller of whatever comes next. `brought`: the request came with this format. */
  write(request: Frame, span: Span, teller: Teller, brought: boolean): void
}
