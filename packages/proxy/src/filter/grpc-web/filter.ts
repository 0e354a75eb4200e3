import { Filter } from '../../filter.ts'
import type { Frame } from '../../frame.ts'
import { isGrpc } from '../../http/grpc.ts'
import { grpcTypeOf, grpcWebType, isGrpcWebText } from '../../http/grpc-web.ts'
import type { HttpHead } from '../../http.ts'
import { Outcome } from '../../outcome.ts'
import type { Stream } from '../../stream.ts'
import { Base64Reader } from './base64-reader.ts'
import { Base64Writer } from './base64-writer.ts'
import { trailersFrame } from './trailers-frame.ts'

/** A call of gRPC-Web under way. */
class WebCall {
  /** The media type of its answer. */
  readonly answerType: string
  /** Null where bodies are the bytes of gRPC. */
  readonly reader: Base64Reader | null
  readonly writer: Base64Writer | null
  /** What answers it is gRPC; a proxy on the way may have said something else. */
  answered = false

  constructor(asked: string, answerType: string) {
    this.answerType = answerType
    this.reader = isGrpcWebText(asked) ? new Base64Reader() : null
    this.writer = isGrpcWebText(answerType) ? new Base64Writer() : null
  }
}

/**
 * Calls of gRPC-Web pass as calls of gRPC. What differs is the content-type, that trailers are the last message of the
 * body, and that bodies may be base64 for clients that cannot read bytes as they come.
 *
 * ```
 *  application/grpc-web+proto       0│length│message …                 0│length│message …  0x80│length│trailers
 *  application/grpc-web-text+proto  base64, each message for itself    the same in base64
 *                                        │                                   ▲
 *                                        ▼                                   │
 *  application/grpc+proto           0│length│message …                 0│length│message …  trailers
 * ```
 */
export class GrpcWebFilter extends Filter {
  override readonly stateful: boolean = true

  override onRequest(stream: Stream, frame: Frame): void {
    const asked = grpcWebType(frame.header('content-type'))
    if (asked !== null) {
      const wanted = grpcWebType(frame.header('accept')) ?? asked
      stream.slots[this.slot] = new WebCall(asked, wanted)
      ;(frame.view as HttpHead).grpcWeb = true
      frame.set('content-type', grpcTypeOf(asked))
      frame.remove('content-length')
    }
    this.next.onRequest(stream, frame)
  }

  override onRequestData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const reader = this.#callOf(stream)?.reader ?? null
    if (reader === null) return this.next.onRequestData(stream, chunk, last)
    const bytes = reader.read(chunk)
    if (bytes === null || (last && !reader.whole)) return this.#refuse(stream)
    return bytes.length === 0 && !last ? true : this.next.onRequestData(stream, bytes, last)
  }

  override onRequestTrailers(stream: Stream, frame: Frame): void {
    const reader = this.#callOf(stream)?.reader ?? null
    if (reader !== null && !reader.whole) this.#refuse(stream)
    else this.next.onRequestTrailers(stream, frame)
  }

  /** A head that is the whole answer keeps its status: clients read it there. */
  override onResponse(stream: Stream, frame: Frame): boolean {
    const call = this.#callOf(stream)
    if (call === null) return this.back.onResponse(stream, frame)
    const type = frame.header('content-type')
    if (isGrpc(type) || grpcWebType(type) !== null) {
      call.answered = true
      frame.set('content-type', call.answerType)
      frame.remove('content-length')
    }
    return this.back.onResponse(stream, frame)
  }

  override onResponseData(stream: Stream, chunk: Buffer, last: boolean): boolean {
    const call = this.#callOf(stream)
    if (call === null || !call.answered || call.writer === null)
      return this.back.onResponseData(stream, chunk, last)
    const bytes = call.writer.write(chunk, last)
    return bytes.length === 0 && !last ? true : this.back.onResponseData(stream, bytes, last)
  }

  override onResponseTrailers(stream: Stream, frame: Frame): void {
    const call = this.#callOf(stream)
    if (call === null || !call.answered) return this.back.onResponseTrailers(stream, frame)
    stream.responseTrailers = frame
    const bytes = trailersFrame(frame)
    const { writer } = call
    this.back.onResponseData(stream, writer === null ? bytes : writer.write(bytes, true), true)
  }

  #callOf(stream: Stream): WebCall | null {
    return stream.slots[this.slot] as WebCall | null
  }

  /** True: what else comes is thrown away. */
  #refuse(stream: Stream): boolean {
    stream.answer(Outcome.BadRequest, 'the body of the gRPC-Web call is not base64')
    return true
  }
}
