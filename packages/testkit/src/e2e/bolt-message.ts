import { crc32 } from 'node:zlib'

/** `v1`; `v2` is version 2 with `ver1` = 1; `crc` is version 2 with `ver1` = 2 and a CRC. */
export type BoltVoice = 'v1' | 'v2' | 'crc'

/** What a Bolt frame of a test says; what is left out is 0 or empty. */
export interface BoltMessage {
  readonly voice?: BoltVoice
  readonly kind: 'request' | 'oneway' | 'response' | 'heartbeat' | 'heartbeat-ack' | 'go-away'
  readonly id: number
  /** Of requests. */
  readonly timeoutMs?: number
  /** Of responses. */
  readonly status?: number
  readonly className?: string
  /** Pairs in order; a name may come twice. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly content?: Buffer
}

const TYPES = { request: 1, oneway: 2, response: 0, heartbeat: 1, 'heartbeat-ack': 0, 'go-away': 1 }
const COMMANDS = {
  request: 1,
  oneway: 1,
  response: 2,
  heartbeat: 0,
  'heartbeat-ack': 0,
  'go-away': 100,
}

/** The bytes of a frame, written without the proxy's own codec. */
export function boltBytes(message: BoltMessage): Buffer {
  const { voice = 'v1', kind, id, timeoutMs = 0, status = 0, className = '' } = message
  const { headers = [], content = Buffer.alloc(0) } = message
  const answers = TYPES[kind] === 0
  const name = Buffer.from(className)
  const map = Buffer.concat(
    headers.flat().flatMap((text) => [u32(Buffer.byteLength(text)), Buffer.from(text)]),
  )
  const parts = [
    Buffer.from(voice === 'v1' ? [1] : [2, voice === 'crc' ? 2 : 1]),
    Buffer.from([TYPES[kind], 0, COMMANDS[kind], 1]),
    u32(id),
    Buffer.from(voice === 'v1' ? [1] : [1, voice === 'crc' ? 1 : 0]),
    answers ? u16(status) : u32(timeoutMs),
    u16(name.length),
    u16(map.length),
    u32(content.length),
    name,
    map,
    content,
  ]
  const bytes = Buffer.concat(parts)
  return voice === 'crc' ? Buffer.concat([bytes, u32(crc32(bytes))]) : bytes
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}
