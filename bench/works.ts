import type { Work } from './work.ts'
import { boltBatched, boltSingle } from './works/bolt.ts'
import { http1 } from './works/http1.ts'
import { idle } from './works/idle.ts'
import { latency } from './works/latency.ts'
import { scale } from './works/scale.ts'
import { swap } from './works/swap.ts'
import { download, upload } from './works/transfer.ts'

/** Everything that is measured, in the order of the tables. */
export const allWorks: readonly Work[] = [
  http1,
  boltSingle,
  boltBatched,
  download,
  upload,
  latency,
  idle,
  scale,
  swap,
]
