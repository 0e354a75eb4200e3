import { createRequire } from 'node:module'
import { runSofaRpc } from './sofa-rpc.ts'

/** sofa-rpc-node with dubbo-remoting in the place of Bolt. */
await runSofaRpc(
  createRequire(import.meta.url)('dubbo-remoting'),
  { interfaceName: 'demo.tulle.Echo', version: '1.0.0' },
  {
    oneway: 'dubbo-remoting has no one-way calls',
    callback: 'dubbo-remoting has no callback arguments',
  },
)
