import { basename } from 'node:path'
import type { Peer } from './peer.ts'
import { envoyMinimal, envoySidecar } from './peers/envoy.ts'
import { haproxy } from './peers/haproxy.ts'
import { nginx } from './peers/nginx.ts'
import { redisRelay, redisRelayCorked } from './peers/redis-relay.ts'
import { tulle } from './peers/tulle.ts'

/** This checkout. */
export const OURS = 'tulle'

/** Every proxy that is measured, in the order of the tables; `against` is another checkout of Tulle. */
export function allPeers(checkout: string, against: string | null): Peer[] {
  const before = against === null ? [] : [tulle(`tulle@${basename(against)}`, against)]
  return [
    tulle(OURS, checkout),
    ...before,
    haproxy,
    nginx,
    envoyMinimal,
    envoySidecar,
    redisRelay,
    redisRelayCorked,
  ]
}

/** What the bars of most works are drawn against. */
export const REFERENCE: string = haproxy.name
