import { FrameKind } from '@tulle/proxy'
import { type BoltMessage, type BoltVoice, boltBytes } from './bolt-message.ts'
import { type BoltSeen, readBolt } from './bolt-reading.ts'
import { RawPeer } from './raw-peer.ts'

/** What a test's Bolt call says. */
export interface BoltAsk {
  readonly service?: string
  readonly method?: string
  readonly headers?: BoltMessage['headers']
  readonly timeoutMs?: number
  readonly content?: string | Buffer
  /** By default ids go up from 1. */
  readonly id?: number
  readonly oneway?: boolean
}

/** A Bolt client of which a test sees everything. */
export class BoltClient {
  readonly peer: RawPeer
  readonly voice: BoltVoice
  /** What came without being asked for, and second answers. */
  readonly strays: BoltSeen[] = []
  readonly #waiting = new Map<number, (seen: BoltSeen | Error) => void>()
  #lastId = 0

  constructor(peer: RawPeer, voice: BoltVoice) {
    this.peer = peer
    this.voice = voice
    readBolt(peer, (seen) => {
      const done = this.#waiting.get(seen.id)
      this.#waiting.delete(seen.id)
      if (done === undefined) this.strays.push(seen)
      else done(seen)
    })
    const over = (): void => {
      for (const done of this.#waiting.values()) done(new Error('the connection closed'))
      this.#waiting.clear()
    }
    peer.socket.on('end', over)
    peer.socket.on('close', over)
  }

  static async connect(port: number, voice: BoltVoice = 'v1'): Promise<BoltClient> {
    return new BoltClient(await RawPeer.connect(port), voice)
  }

  get pending(): number {
    return this.#waiting.size
  }

  /** Resolves with the answer; rejects when the connection closes before. */
  call(ask: BoltAsk = {}): Promise<BoltSeen> {
    const id = ask.id ?? ++this.#lastId
    const answer = this.answerTo(id)
    // Whoever does not wait for it does not mind when the connection closes.
    answer.catch(() => {})
    this.peer.write(this.bytes({ ...ask, id }))
    return answer
  }

  /** Sends a request nobody answers. */
  tell(ask: BoltAsk = {}): void {
    this.peer.write(this.bytes({ ...ask, oneway: true }))
  }

  heartbeat(id: number): Promise<BoltSeen> {
    const answer = this.answerTo(id)
    this.peer.write(boltBytes({ voice: this.voice, kind: 'heartbeat', id }))
    return answer
  }

  /** The bytes of a request, for tests that cut or spoil them. */
  bytes(ask: BoltAsk = {}): Buffer {
    const { service = 'shop.Basket:1.0', method = 'put', headers = [], content = 'hello' } = ask
    return boltBytes({
      voice: this.voice,
      kind: ask.oneway === true ? 'oneway' : 'request',
      id: ask.id ?? ++this.#lastId,
      timeoutMs: ask.timeoutMs ?? 0,
      className: 'com.alipay.sofa.rpc.core.request.SofaRequest',
      headers: [['service', service], ['sofa_head_method_name', method], ...headers],
      content: typeof content === 'string' ? Buffer.from(content) : content,
    })
  }

  close(): void {
    this.peer.destroy()
  }

  /** The next answer with this id, for requests whose bytes a test writes itself. */
  answerTo(id: number): Promise<BoltSeen> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (seen) => {
        if (seen instanceof Error) reject(seen)
        else if (seen.kind === FrameKind.Response || seen.kind === FrameKind.HeartbeatAck)
          resolve(seen)
        else this.strays.push(seen)
      })
    })
  }
}
