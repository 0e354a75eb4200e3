import { boltCodec, type Frame, FrameDecoder } from '@tulle/proxy'
import type { RawPeer } from './raw-peer.ts'

/** A frame as a test looks at it; its bytes are its own. */
export class BoltSeen {
  readonly frame: Frame

  constructor(frame: Frame) {
    this.frame = frame
  }

  get id(): number {
    return this.frame.id
  }

  /** Generation and `ver1`, as the proxy's pools are keyed: 0x100, 0x201, 0x202. */
  get voice(): number {
    return boltCodec.poolKey(this.frame)
  }

  get kind(): Frame['kind'] {
    return this.frame.kind
  }

  /** Of a response. */
  get status(): number {
    return this.frame.buf.readUInt16BE(this.frame.start + this.#shift + 10 + this.#shift)
  }

  get content(): Buffer {
    const { buf, start, end } = this.frame
    const lengths = start + (this.#answers ? 12 : 14) + 2 * this.#shift
    const from = lengths + 8 + buf.readUInt16BE(lengths) + buf.readUInt16BE(lengths + 2)
    return buf.subarray(from, Math.min(from + buf.readUInt32BE(lengths + 4), end))
  }

  get #shift(): number {
    return this.frame.buf[this.frame.start] === 2 ? 1 : 0
  }

  get #answers(): boolean {
    return this.frame.buf[this.frame.start + 1 + this.#shift] === 0
  }

  get text(): string {
    return this.content.toString()
  }

  header(name: string): string | undefined {
    return boltCodec.header(this.frame, name)
  }
}

/** Calls back with every frame that comes from a peer; throws, where nobody catches it, on bytes that are none. */
export function readBolt(peer: RawPeer, onFrame: (seen: BoltSeen) => void): void {
  const decoder = new FrameDecoder(
    boltCodec,
    {
      onFrame: (frame) => onFrame(new BoltSeen(frame)),
      onInvalid: (what) => {
        throw new Error(`the peer sent ${what}`)
      },
      onTooLarge: (_head, bytes) => {
        throw new Error(`the peer sent a frame of ${bytes} bytes`)
      },
    },
    Number.POSITIVE_INFINITY,
  )
  peer.socket.on('data', (chunk: Buffer) => decoder.push(chunk))
}
