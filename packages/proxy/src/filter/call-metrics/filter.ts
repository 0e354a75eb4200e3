import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import type { HttpHead } from '../../http.ts'
import type { CallSeries } from '../../metrics.ts'
import type { Site } from '../../site.ts'
import type { Stream } from '../../stream.ts'
import { CallBook } from './call-book.ts'
import { Ending, endingOf } from './ending.ts'
import { byPath, type Called, httpMethod, mayBegin } from './names.ts'
import type { CallMetricsSettings } from './settings.ts'

/**
 * Counts each call when it is over. Names are as they came, so it does not matter where in its chain the filter stands;
 * only the header that tells the source is read as filters and routes have left it: a filter may know better than the
 * caller who that is.
 */
export class CallMetricsFilter extends Filter {
  readonly #sourceHeader: string
  readonly #maxSeries: number
  readonly #book: CallBook

  constructor({ sourceHeader, maxSeries, prefix }: CallMetricsSettings, site: Site) {
    super()
    this.#sourceHeader = sourceHeader
    this.#maxSeries = maxSeries
    this.#book = CallBook.of(site, prefix)
  }

  override onStreamEnd(stream: Stream): void {
    const series = this.#seriesOf(stream)
    const ending = endingOf(stream)
    if (ending === Ending.Ok) series.ok++
    else if (ending === Ending.ClientError) series.client_error++
    else series.server_error++
    // Nobody waits for the end of a one-way call, and a tunnel lasts as long as its ends like.
    if (stream.oneway || stream.tunnel) return
    series.duration.record((stream.down.intake.turn.now - stream.startedAt) * 1000)
  }

  #seriesOf(stream: Stream): CallSeries {
    const { request } = stream
    const source = this.#sourceHeader === '' ? '' : (request.header(this.#sourceHeader) ?? '')
    const path = grpcPath(request)
    if (path !== undefined) {
      const known = this.#book.atPath(path, source)
      if (known !== null) return known
      const call = byPath(path)
      if (call !== null) return this.#beginAtPath(stream, path, call, source)
    }
    const { protocol } = request
    const service = protocol.service(request) ?? ''
    const said = protocol.method(request) ?? ''
    const method = protocol.speech === 'http' ? httpMethod(said) : said
    return (
      this.#book.at(service, method, source) ??
      this.#book.begin(service, method, source, this.#mostFor(stream))
    )
  }

  #beginAtPath(stream: Stream, path: string, call: Called, source: string): CallSeries {
    const { service, method } = call
    const series =
      this.#book.at(service, method, source) ??
      this.#book.begin(service, method, source, this.#mostFor(stream))
    this.#book.learn(path, source, series)
    return series
  }

  /** How many series there may be, if this call wants one. */
  #mostFor(stream: Stream): number {
    return mayBegin(stream) ? this.#maxSeries : 0
  }
}

/** The path of a call of gRPC; undefined of anything else. */
function grpcPath({ protocol, view }: Frame): string | undefined {
  if (protocol.speech !== 'http') return undefined
  const head = view as HttpHead
  return head.grpc || head.grpcWeb ? head.path : undefined
}
