import { createHash } from 'node:crypto'
import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import type { Site } from '../../site.ts'
import type { Stream } from '../../stream.ts'
import { Exporter } from './exporter.ts'
import type { Teller, TraceFormat } from './format.ts'
import { FORMATS, type TracingSettings } from './settings.ts'
import { type Incoming, randomHex, Span } from './span.ts'

/** Reads which trace a request belongs to, and tells the next hop; sends what happened here to a collector. */
export class TracingFilter extends Filter {
  override readonly stateful = true
  readonly #settings: TracingSettings
  readonly #site: Site
  readonly #teller: Teller
  readonly #exporter: Exporter | null

  constructor(settings: TracingSettings, site: Site) {
    super()
    const { service, collector } = settings
    this.#settings = settings
    this.#site = site
    this.#teller = {
      service,
      // Known when a configuration is at work, which is after its filters are made.
      get instance() {
        return site.name
      },
    }
    this.#exporter = collector === null ? null : Exporter.to(collector, service, site)
  }

  override onRequest(stream: Stream, frame: Frame): void {
    let brought: Incoming | null = null
    let formats: TraceFormat[] | null = null
    for (const format of FORMATS) {
      const incoming = format.read(frame)
      if (incoming === null) continue
      brought ??= incoming
      formats = formats === null ? [format] : [...formats, format]
    }
    const span = this.#span(brought)
    stream.slots[this.slot] = span
    stream.traceId = span.traceId
    if (formats !== null)
      for (const format of formats) format.write(frame, span, this.#teller, true)
    for (const format of this.#settings.formats) {
      if (formats?.includes(format)) continue
      format.write(frame, format.name === 'sofa' ? span : hexadecimal(span), this.#teller, false)
    }
    this.next.onRequest(stream, frame)
  }

  override onStreamEnd(stream: Stream): void {
    const span = stream.slots[this.slot] as Span | null
    if (span?.sampled) this.#exporter?.add(hexadecimal(span), stream)
  }

  #span(brought: Incoming | null): Span {
    const sampled = brought?.sampled ?? this.#site.random() < this.#settings.sampling
    return brought === null
      ? new Span(randomHex(16), '', sampled)
      : new Span(brought.traceId, brought.spanId, sampled)
  }
}

const HEX = /^(?:[\da-f]{16}){1,2}$/

/** The span with a trace id as most formats and OTLP have it: one of another form is always the same number. */
function hexadecimal(span: Span): Span {
  if (HEX.test(span.traceId)) return span
  const traceId = createHash('md5').update(span.traceId).digest('hex')
  return { traceId, spanId: span.spanId, parentId: span.parentId, sampled: span.sampled }
}
