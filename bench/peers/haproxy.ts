import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_NAME } from '../measure/certificates.ts'
import { find, versionOf } from '../measure/programs.ts'
import type { Peer, Plan } from '../peer.ts'
import { extraHost, extraPort, forExtras, TRACEPARENT } from '../peer.ts'

export const haproxy: Peer = {
  name: 'haproxy',
  can: (task) => task.protocol === 'http',
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
  const server = (port: number): string =>
    `server s 127.0.0.1:${port} pool-max-conn 512 ${serverOptions(plan)}`
  return `global
  nbthread 1
  maxconn ${plan.connections + 100}
  no strict-limits
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  http-reuse always
frontend f
  bind 127.0.0.1:${plan.port} backlog 4096 ${bindOptions(plan)}
  ${plan.sidecar ? SIDECAR : ''}
  ${plan.extraClusters > 0 ? `use_backend %[req.hdr(host),lower,map_str(${map},b)]` : ''}
  default_backend b
backend b
  ${server(plan.to)}
${forExtras(plan, (i) => `backend c${i}\n  ${server(extraPort(plan, i))}\n`).join('')}`
}

function bindOptions({ downstream: { version, tls }, pki }: Plan): string {
  if (tls === 'none') return version === 2 ? 'proto h2' : ''
  const verify = tls === 'mutual' ? `ca-file ${pki}/ca.pem verify required` : ''
  return `ssl crt ${pki}/server.both.pem ${verify} alpn ${version === 2 ? 'h2' : 'http/1.1'}`
}

function serverOptions({ upstream: { version, tls }, pki }: Plan): string {
  if (tls === 'none') return version === 2 ? 'proto h2' : ''
  const own = tls === 'mutual' ? `crt ${pki}/client.both.pem` : ''
  const name = `sni str(${SERVER_NAME}) verifyhost ${SERVER_NAME}`
  const alpn = version === 2 ? 'h2' : 'http/1.1'
  return `ssl ${own} ca-file ${pki}/ca.pem verify required ${name} alpn ${alpn}`
}

const SIDECAR = `option forwardfor
  unique-id-format %[uuid]
  http-request set-header x-request-id %[unique-id]
  http-request set-header traceparent ${TRACEPARENT.join('%[unique-id]')}
  http-request set-header x-forwarded-proto http`
