import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { versionOf } from '../measure/programs.ts'
import type { Peer } from '../peer.ts'

const LIBRARY = join(import.meta.dirname, '..', '..', 'node_modules', 'redis-parser')
const PROGRAM = join(import.meta.dirname, 'redis-relay-main.ts')

/** What one writes in Node with a library: no metrics, no routes, no limits, one connection to the host for all. */
export const redisRelay: Peer = relay('redis-relay')

/** The same by somebody who knows what a write costs: what comes in one chunk leaves in one write. */
export const redisRelayCorked: Peer = relay('redis-relay-corked', 'corked')

function relay(name: string, ...more: readonly string[]): Peer {
  return {
    name,
    can: (task) => task.protocol === 'redis',
    find: () =>
      existsSync(LIBRARY) ? { program: process.execPath } : { missing: 'npm package redis-parser' },
    version: (program) => `redis-parser on Node ${versionOf(program, '--version', /v([\d.]+)/)}`,
    prepare: (program, plan) => [program, PROGRAM, String(plan.port), String(plan.to), ...more],
  }
}
