import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, versionOf } from '../measure/programs.ts'
import type { Peer, Plan } from '../peer.ts'
import { extraHost, extraPort, forExtras } from '../peer.ts'

export const haproxy: Peer = {
  name: 'haproxy',
  protocols: ['http'],
  find: () => find('haproxy', 'Debian package haproxy'),
  version: (program) => versionOf(program, '-v', /version (\d[\w.]*)/),
  prepare(program, plan, folder) {
    const map = join(folder, 'hosts.map')
    writeFileSync(map, forExtras(plan, (i) => `${extraHost(i)} c${i}\n`).join(''))
    writeFileSync(join(folder, 'haproxy.cfg'), config(plan, map))
    return [program, '-db', '-q', '-f', join(folder, 'haproxy.cfg')]
  },
}

/** Connections to the upstream are kept and shared, as every other peer does. */
function config(plan: Plan, map: string): string {
  const server = (port: number): string => `server s 127.0.0.1:${port} pool-max-conn 512`
  return `global
  nbthread 1
  maxconn ${plan.connections + 100}
  no strict-limits
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  http-reuse always
frontend f
  bind 127.0.0.1:${plan.port} backlog 4096
  ${plan.extraClusters > 0 ? `use_backend %[req.hdr(host),lower,map_str(${map},b)]` : ''}
  default_backend b
backend b
  ${server(plan.upstream)}
${forExtras(plan, (i) => `backend c${i}\n  ${server(extraPort(plan, i))}\n`).join('')}`
}
