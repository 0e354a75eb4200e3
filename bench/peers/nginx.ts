import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { find, versionOf } from '../measure/programs.ts'
import type { Peer, Plan } from '../peer.ts'
import { extraHost, extraPort, forExtras } from '../peer.ts'

export const nginx: Peer = {
  name: 'nginx',
  // Towards upstreams it speaks HTTP/1.1 only, and it writes no ids of the form that the others do.
  can: ({ protocol, upstream, sidecar }) =>
    protocol === 'http' && !sidecar && upstream.version === 1 && upstream.tls === 'none',
  find: () => find('nginx', 'Debian package nginx-light'),
  version: (program) => versionOf(program, '-v', /nginx\/([\d.]+)/),
  prepare(program, plan, folder) {
    const file = join(folder, 'nginx.conf')
    writeFileSync(file, nginxFile(folder, plan.connections + 600, http(plan)))
    return nginxCommand(program, folder, file)
  },
}

/** A whole configuration around the inside of `http { }`; everything it writes stays in the folder. */
export function nginxFile(folder: string, connections: number, inside: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(' ')
  return `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections ${connections}; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 3600s; ${temporary}
  ${inside}
}
`
}

/** The command that runs such a configuration. */
export function nginxCommand(program: string, folder: string, file: string): string[] {
  return [program, '-e', 'stderr', '-p', folder, '-c', file]
}

/**
 * Bodies are passed on as they come, as every other peer does. A server for each further host: to pick an upstream by a
 * variable, nginx would compare its name with that of every other.
 */
function http(plan: Plan): string {
  const keep = (size: number): string => `keepalive ${size}; keepalive_requests 1000000000;`
  const extras = forExtras(
    plan,
    (
      i,
    ) => `upstream c${i} { server 127.0.0.1:${extraPort(plan, i)}; ${keep(i === plan.extraClusters - 1 ? 512 : 16)} }
  server { server_name ${extraHost(i)}; ${listenAndPass(plan, `c${i}`, '')} }\n`,
  )
  return `upstream b { server 127.0.0.1:${plan.to}; ${keep(512)} }
  proxy_http_version 1.1; proxy_set_header Connection "";
  client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;
  server_names_hash_max_size 65536; server_names_hash_bucket_size 128;
  http2_max_concurrent_streams 1000;
  server { ${certificates(plan)} ${listenAndPass(plan, 'b', 'default_server backlog=4096')} }
  ${extras.join('')}`
}

function listenAndPass({ port, downstream }: Plan, to: string, options: string): string {
  const how = `${downstream.tls === 'none' ? '' : 'ssl'} ${downstream.version === 2 ? 'http2' : ''}`
  return `listen 127.0.0.1:${port} ${how} ${options}; location / { proxy_pass http://${to}; }`
}

function certificates({ downstream: { tls }, pki }: Plan): string {
  if (tls === 'none') return ''
  const verify = `ssl_client_certificate ${pki}/ca.pem; ssl_verify_client on;`
  return `ssl_certificate ${pki}/server.pem; ssl_certificate_key ${pki}/server.key;
    ssl_protocols TLSv1.3; ${tls === 'mutual' ? verify : ''}`
}
