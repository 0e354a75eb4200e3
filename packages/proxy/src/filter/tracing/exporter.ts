import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { type ServerSeries, serverFamily } from '../../metrics.ts'
import type { Site } from '../../site.ts'
import type { Stream } from '../../stream.ts'
import { type OtlpSpan, otlpRequest, otlpSpan } from './otlp.ts'
import type { Span } from './span.ts'

/** More spans than this wait for nobody: the newest are dropped, and counted. */
const MAX_WAITING = 4096
const MAX_BATCH = 512
const EVERY_MS = 1000
const TIMEOUT_MS = 5000

/** Sends spans to a collector, some at a time, beside the way of requests. */
export class Exporter {
  static readonly #all = new WeakMap<Site, Map<string, Exporter>>()
  readonly #collector: URL
  readonly #service: string
  readonly #site: Site
  readonly #stats: ServerSeries
  #waiting: OtlpSpan[] = []
  #timer: NodeJS.Timeout | null = null
  #sending = false
  #failing = false

  private constructor(collector: URL, service: string, site: Site) {
    this.#collector = collector
    this.#service = service
    this.#site = site
    this.#stats = site.metrics.series(serverFamily)
  }

  /** The one to this collector: chains that are built anew go on with it. */
  static to(collector: URL, service: string, site: Site): Exporter {
    const known = Exporter.#all.get(site) ?? new Map<string, Exporter>()
    Exporter.#all.set(site, known)
    const key = `${collector} ${service}`
    const exporter = known.get(key) ?? new Exporter(collector, service, site)
    known.set(key, exporter)
    return exporter
  }

  add(span: Span, stream: Stream): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#stats.spans_dropped++
      return
    }
    this.#waiting.push(otlpSpan(span, stream))
    if (this.#waiting.length >= MAX_BATCH) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), EVERY_MS).unref()
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#sending || this.#waiting.length === 0) return
    const batch = this.#waiting.splice(0, MAX_BATCH)
    this.#sending = true
    this.#post(otlpRequest(this.#service, this.#site.name, batch), (why) => {
      this.#sending = false
      if (why === null) this.#stats.spans_sent += batch.length
      else this.#stats.spans_dropped += batch.length
      this.#tell(why)
      if (this.#waiting.length > 0)
        this.#timer ??= setTimeout(() => this.#send(), why === null ? 0 : EVERY_MS).unref()
    })
  }

  #post(body: Buffer, done: (why: string | null) => void): void {
    const post = this.#collector.protocol === 'https:' ? overHttps : overHttp
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const request = post(this.#collector, { method: 'POST', headers, timeout: TIMEOUT_MS })
    let told = false
    const end = (why: string | null): void => {
      if (told) return
      told = true
      done(why)
    }
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    request.on('error', (error) => end(error.message || String(error)))
    request.on('response', (response) => {
      response.resume()
      const { statusCode = 0 } = response
      response.on('close', () => end(statusCode < 300 ? null : `answered ${statusCode}`))
    })
    request.end(body)
  }

  /** Once when it begins to fail, once when it is well again. */
  #tell(why: string | null): void {
    if ((why !== null) === this.#failing) return
    this.#failing = why !== null
    const collector = this.#collector.href
    if (why === null) this.#site.log.info('spans reach their collector again', { collector })
    else this.#site.log.warn('spans do not reach their collector', { collector, why })
  }
}
