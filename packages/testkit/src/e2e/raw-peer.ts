import net, { type Socket } from 'node:net'

/** How a connection ended as its other side saw it. */
export type Closing = 'end' | 'reset'

/** One end of a connection in bare bytes: keeps what comes, and does nothing by itself. */
export class RawPeer {
  readonly socket: Socket
  /** How it closed; never rejects. */
  readonly closed: Promise<Closing>
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #ended = false
  #over = false
  readonly #waiting = new Set<() => void>()

  constructor(socket: Socket) {
    this.socket = socket
    let closing: Closing = 'end'
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bytes += chunk.length
      this.#look()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#look()
    })
    socket.on('error', () => {
      closing = 'reset'
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#over = true
        this.#look()
        resolve(closing)
      })
    })
  }

  /** Connects to a port on loopback. The connection stays open when the other side ends. */
  static async connect(port: number): Promise<RawPeer> {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    const peer = new RawPeer(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return peer
  }

  /** All that came so far. */
  get received(): Buffer {
    if (this.#chunks.length > 1)
      this.#chunks.splice(0, Number.POSITIVE_INFINITY, Buffer.concat(this.#chunks))
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  get receivedBytes(): number {
    return this.#bytes
  }

  /** The other side sends no more. */
  get ended(): boolean {
    return this.#ended
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes, 'latin1')
    return this
  }

  /** Ends this direction. */
  end(): this {
    this.socket.end()
    return this
  }

  reset(): void {
    this.socket.resetAndDestroy()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Forgets what came. */
  forget(): void {
    this.#chunks.length = 0
    this.#bytes = 0
  }

  /** Resolves when the condition holds, looked at with everything that comes; rejects when it no longer can. */
  until(holds: (peer: this) => boolean): Promise<this> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (holds(this)) resolve(this)
        else if (this.#over)
          reject(new Error(`closed after ${JSON.stringify(this.text.slice(0, 300))}`))
        else return
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Resolves with all that came when it contains the text. */
  async untilText(text: string): Promise<string> {
    return (await this.until((peer) => peer.received.includes(text, 0, 'latin1'))).text
  }

  /** Resolves when the other side ended its direction, with all it sent. */
  async untilEnd(): Promise<string> {
    return (await this.until((peer) => peer.#ended)).text
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }
}
