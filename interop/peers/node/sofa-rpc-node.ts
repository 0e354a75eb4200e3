import { createRequire } from 'node:module'
import { runSofaRpc } from './sofa-rpc.ts'

/** sofa-rpc-node as it comes: Bolt. */
await runSofaRpc(
  createRequire(import.meta.url)('sofa-bolt-node'),
  { interfaceName: 'demo.tulle.Echo', version: '1.0' },
  { oneway: 'sofa-rpc-node has no one-way calls' },
)
