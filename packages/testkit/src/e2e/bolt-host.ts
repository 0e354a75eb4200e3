import { FrameKind } from '@tulle/proxy'
import { type BoltVoice, boltBytes } from './bolt-message.ts'
import { type BoltSeen, readBolt } from './bolt-reading.ts'
import { RawHost } from './raw-host.ts'
import type { RawPeer } from './raw-peer.ts'

/** A request as a host got it, and the means to answer it or not. */
export class BoltAsked {
  readonly seen: BoltSeen
  readonly peer: RawPeer

  constructor(seen: BoltSeen, peer: RawPeer) {
    this.seen = seen
    this.peer = peer
  }

  get text(): string {
    return this.seen.text
  }

  /** Answers in the request's own version. */
  answer(
    content: string | Buffer = this.seen.content,
    status = 0,
    id: number = this.seen.id,
  ): void {
    this.peer.write(
      boltBytes({
        voice: VOICES[this.seen.voice] ?? 'v1',
        kind: 'response',
        id,
        status,
        className: 'com.alipay.sofa.rpc.core.response.SofaResponse',
        content: typeof content === 'string' ? Buffer.from(content) : content,
      }),
    )
  }
}

const VOICES: Readonly<Record<number, BoltVoice>> = { 256: 'v1', 513: 'v2', 514: 'crc' }

/** A Bolt host that does with each request what it is told. Heartbeats are answered. */
export class BoltHost {
  readonly raw: RawHost
  /** Everything that was asked, one-way requests too. */
  readonly asked: BoltAsked[] = []
  /** Versions of the heartbeats that came. */
  readonly voices: number[] = []
  /** Whether heartbeats are answered. */
  alive = true

  constructor(answer: (asked: BoltAsked) => void) {
    this.raw = new RawHost((peer) =>
      readBolt(peer, (seen) => {
        if (seen.kind === FrameKind.Heartbeat) this.#heartbeat(seen, peer)
        if (seen.kind !== FrameKind.Request && seen.kind !== FrameKind.Oneway) return
        const asked = new BoltAsked(seen, peer)
        this.asked.push(asked)
        answer(asked)
      }),
    )
  }

  get heartbeats(): number {
    return this.voices.length
  }

  get port(): number {
    return this.raw.port
  }

  close(): Promise<void> {
    return this.raw.close()
  }

  #heartbeat(seen: BoltSeen, peer: RawPeer): void {
    this.voices.push(seen.voice)
    if (!this.alive) return
    const voice = VOICES[seen.voice] ?? 'v1'
    peer.write(boltBytes({ voice, kind: 'heartbeat-ack', id: seen.id }))
  }
}

/** Starts a Bolt host; by default it answers with what it was sent, and one-way requests not at all. */
export async function startBoltHost(
  answer: (asked: BoltAsked) => void = (asked) => {
    if (asked.seen.kind === FrameKind.Request) asked.answer()
  },
  port = 0,
): Promise<BoltHost> {
  const host = new BoltHost(answer)
  await host.raw.listen(port)
  return host
}
