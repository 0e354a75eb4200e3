import type { Work } from './work.ts'
import { boltBatched, boltSingle } from './works/bolt.ts'
import { boltAddress, boltHeaderBatched, boltHeaderSingle } from './works/bolt-routes.ts'
import { http1ToHttp2, http2ToHttp1 } from './works/crossing.ts'
import { fresh } from './works/fresh.ts'
import { halfHttp1, halfHttp2 } from './works/half-load.ts'
import { handshakes } from './works/handshakes.ts'
import { http1 } from './works/http1.ts'
import { grpc, h2c1x64, h2c8x16, h2c64x1 } from './works/http2.ts'
import { idle } from './works/idle.ts'
import { idleHttp2, idleTls } from './works/idle-secure.ts'
import { jsonToBolt } from './works/json-to-bolt.ts'
import { latency } from './works/latency.ts'
import { redisPipelined } from './works/redis.ts'
import { rpcWorks } from './works/rpc.ts'
import { scale } from './works/scale.ts'
import { streamDown, streamUp } from './works/stream.ts'
import { swap } from './works/swap.ts'
import { pair, tls } from './works/tls.ts'
import { download, upload } from './works/transfer.ts'

/** Everything that is measured, in the order of the tables. */
export const allWorks: readonly Work[] = [
  http1,
  h2c8x16,
  h2c1x64,
  h2c64x1,
  fresh,
  grpc,
  http1ToHttp2,
  http2ToHttp1,
  tls,
  pair,
  handshakes,
  idleHttp2,
  idleTls,
  streamDown,
  streamUp,
  halfHttp1,
  halfHttp2,
  boltSingle,
  boltBatched,
  boltHeaderSingle,
  boltHeaderBatched,
  boltAddress,
  ...rpcWorks,
  jsonToBolt,
  redisPipelined,
  download,
  upload,
  latency,
  idle,
  scale,
  swap,
]
