import type { Connection } from '../connection.ts'
import { readProxyHeader } from '../proxy-protocol.ts'
import { type Port, Undecided } from './undecided.ts'

/** Reads the PROXY protocol header before anything else of a connection is looked at. */
export class Greeting extends Undecided {
  #head: Buffer | null = null
  #over = false

  constructor(connection: Connection, port: Port) {
    super(connection, port)
    this.wait(port.reception.config.detectTimeoutMs)
  }

  onData(chunk: Buffer): void {
    if (this.#over) return
    const head = this.#head === null ? chunk : Buffer.concat([this.#head, chunk])
    this.#head = head
    const read = readProxyHeader(head)
    if (read === 'more') return
    if (read === 'none') return this.#without()
    if ('fault' in read) return this.#refuse(`a PROXY protocol header is wrong: ${read.fault}`)
    this.connection.source = read.source
    this.#goOn(head.length === read.bytes ? null : head.subarray(read.bytes))
  }

  onEnd(): void {
    if (this.#over) return
    if (this.#head === null) this.connection.close()
    else this.#without()
    if (this.connection.owner !== this) this.connection.owner.onEnd()
  }

  onClose(): void {
    this.#over = true
    this.rest()
  }

  override onLate(): void {
    this.#without()
  }

  /** It is no header, or not all of one. */
  #without(): void {
    if (this.port.reception.config.proxyProtocol === 'required')
      this.#refuse('a connection does not begin with the PROXY protocol header that is required')
    else this.#goOn(this.#head)
  }

  #goOn(head: Buffer | null): void {
    this.#over = true
    this.rest()
    this.port.receive(this.connection, head)
  }

  #refuse(why: string): void {
    this.#over = true
    this.rest()
    this.port.reception.intakes[0]!.stats.cx_proxy_header_error++
    this.port.complain('a connection was refused', this.connection.remoteAddress, why)
    this.connection.close()
  }
}
