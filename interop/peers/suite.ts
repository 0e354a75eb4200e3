import type { Suite } from '../suite.ts'
import { runPeers } from './peers.ts'
import { peers } from './registry.ts'

/** Every client with every server of its protocol, directly, through one sidecar and through two. */
export const suite: Suite = {
  name: 'peers',
  needs: [...new Set(peers.flatMap(({ program }) => program.needs))],
  run: () => runPeers(peers),
}
