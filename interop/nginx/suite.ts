import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Certificates, makeCertificates, openssl, type Pair } from '../certificates.ts'
import { makeChecks } from '../checks.ts'
import { allTo, bootstrap, cluster, HTTP2, httpListener, tellingClient } from '../config.ts'
import { program } from '../need.ts'
import type { Suite } from '../suite.ts'
import { overTls, withTls } from '../tls-config.ts'
import { startTulle } from '../tulle.ts'
import {
  beforeChecks,
  behindChecks,
  frontChecks,
  LARGE,
  named,
  TEXT,
  toldChecks,
} from './checks.ts'
import { type Nginx, startNginx } from './nginx.ts'

/** What answers behind the proxy; the response tells which of its connections it went over. */
const BEHIND = `
    add_header x-connection $connection always;
    keepalive_timeout 60s;
    location /uploads/ { dav_methods PUT; create_full_put_path on; }
    location /zipped { gzip on; gzip_types text/plain; try_files /text =404; }
    location /restless { keepalive_requests 3; try_files /text =404; }
    location /moved { return 301 /text; }
    location /broken { return 500 "broken\\n"; }
    location /silent { return 444; }
`

/** nginx as the server behind the proxy, and as the client before it, by each version of HTTP that it has there. */
export const suite: Suite = {
  name: 'nginx',
  needs: [program('nginx', 'nginx-light'), openssl],
  async run() {
    await using stack = new AsyncDisposableStack()
    const certificates = await makeCertificates()
    stack.defer(certificates.remove)
    const start = async (inside: string, listen = ''): Promise<Nginx> => {
      const nginx = await startNginx(inside, listen)
      stack.defer(nginx.stop)
      await writeFile(join(nginx.pages, 'large'), LARGE)
      await writeFile(join(nginx.pages, 'text'), TEXT)
      return nginx
    }
    const secret = pairOf(certificates.server)
    const behind = {
      old: await start(BEHIND),
      h2c: await start(BEHIND, 'http2'),
      h2: await start(BEHIND + secret, 'ssl http2'),
      told: await start(TOLD, 'proxy_protocol'),
    }
    const tulle = await startTulle(configOf(behind, certificates))
    stack.defer(tulle.stop)
    const ways = BEFORE + passes(tulle.port('old'), tulle.port('tls'), certificates)
    const before = await start(ways)
    const front = await start(ways + secret, 'ssl http2')
    const at = (listener: string): string => `http://127.0.0.1:${tulle.port(listener)}`
    return await makeChecks([
      ...named('HTTP/1.1 → nginx', behindChecks(at('old'), behind.old)),
      ...named('h2c → nginx', behindChecks(at('h2c'), behind.h2c)),
      ...named('h2 over TLS → nginx', behindChecks(at('h2'), behind.h2)),
      ...toldChecks(at('v1'), at('v2')),
      ...beforeChecks(`http://127.0.0.1:${before.port}`, behind.old),
      ...frontChecks(`https://127.0.0.1:${front.port}`, certificates),
    ])
  },
}

/** What tells whom the proxy speaks for. */
const TOLD = `
    location / { return 200 "$proxy_protocol_addr\\n"; }
`
const BEFORE = `
    proxy_request_buffering off;
    proxy_buffering off;
`

/** Each server behind, by a listener of its name. */
function configOf(
  behind: Readonly<Record<'old' | 'h2c' | 'h2' | 'told', Nginx>>,
  of: Certificates,
): object {
  const old = { http_protocol_options: { accept_http_10: true } }
  return bootstrap(
    [
      httpListener('old', allTo('old'), old),
      overTls(httpListener('tls', allTo('old')), of),
      ...['h2c', 'h2', 'v1', 'v2'].map((name) => httpListener(name, allTo(name))),
    ],
    [
      cluster('old', behind.old.port),
      { ...cluster('h2c', behind.h2c.port), ...HTTP2 },
      { ...cluster('h2', behind.h2.port), ...HTTP2, ...withTls(of, { alpn: ['h2'] }) },
      { ...cluster('v1', behind.told.port), ...tellingClient('V1') },
      { ...cluster('v2', behind.told.port), ...tellingClient('V2') },
    ],
  )
}

function pairOf({ certificate, key }: Pair): string {
  return `
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
`
}

/** Ways from nginx to the proxy; HTTP/2 is what nginx speaks to servers of gRPC, whatever they answer. */
function passes(port: number, tlsPort: number, { ca }: Certificates): string {
  return `
    location /old/ { proxy_pass http://127.0.0.1:${port}/; }
    location /new/ { proxy_pass http://127.0.0.1:${port}/; proxy_http_version 1.1; }
    location /h2c/ { rewrite ^/h2c(/.*) $1 break; grpc_pass grpc://127.0.0.1:${port}; }
    location /h2/ {
      rewrite ^/h2(/.*) $1 break;
      grpc_pass grpcs://127.0.0.1:${tlsPort};
      grpc_ssl_verify on;
      grpc_ssl_trusted_certificate ${ca};
      grpc_ssl_server_name on;
      grpc_ssl_name interop.test;
    }
`
}
