import type { Certificates } from '../certificates.ts'
import { allTo, bootstrap, cluster, httpListener, type Listener, speakingHttp2 } from '../config.ts'
import { overTls, withTls } from '../tls-config.ts'
import type { Tulle } from '../tulle.ts'

/** WebSockets pass as upgrades, and as extended CONNECT where HTTP/2 is spoken. */
const SOCKETS = {
  upgrade_configs: [{ upgrade_type: 'websocket' }],
  http2_protocol_options: { allow_connect: true },
}
const EXTENDED_CONNECT = speakingHttp2({ allow_connect: true })

/** The proxy beside the server, which others reach by HTTP/2. */
export function farConfig(peer: number, of: Certificates): object {
  const open = (name: string): Listener => httpListener(name, allTo('sockets'), SOCKETS)
  return bootstrap(
    [open('plain'), overTls(open('tls'), of), httpListener('closed', allTo('sockets'))],
    [cluster('sockets', peer)],
  )
}

/** The proxy beside the client: some of its listeners lead to the server, some to the other proxy. */
export function nearConfig(peer: number, far: Tulle, of: Certificates): object {
  const open = (name: string, to: string): Listener => httpListener(name, allTo(to), SOCKETS)
  return bootstrap(
    [
      open('open', 'sockets'),
      overTls(open('secret', 'sockets'), of),
      open('through', 'plain'),
      overTls(open('dark', 'tls'), of),
      open('far-closed', 'far-closed'),
      httpListener('closed', allTo('sockets')),
    ],
    [
      cluster('sockets', peer),
      { ...cluster('plain', far.port('plain')), ...EXTENDED_CONNECT },
      {
        ...cluster('tls', far.port('tls')),
        ...EXTENDED_CONNECT,
        ...withTls(of, { alpn: ['h2'] }),
      },
      { ...cluster('far-closed', far.port('closed')), ...EXTENDED_CONNECT },
    ],
  )
}
