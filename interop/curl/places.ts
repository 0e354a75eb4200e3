import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Certificates } from '../certificates.ts'
import {
  afterProxyProtocol,
  allTo,
  cluster,
  httpListener,
  type Listener,
  onPipe,
  pipeCluster,
  saying,
  tcpListener,
} from '../config.ts'
import { startOrigin } from '../http-origin.ts'
import { nodeTls, overTls, plainAndTls } from '../tls-config.ts'

const TELLS_CLIENT = {
  forward_client_cert_details: 'SANITIZE_SET',
  set_current_client_cert_details: { uri: true, dns: true, subject: true },
}

/** Listeners that differ in how one gets to them. */
export function listenersOf(
  routes: readonly object[],
  pipe: string,
  abstract: string,
  of: Certificates,
): Listener[] {
  const toOrigin = allTo('origin')
  const told = (name: string): Listener => httpListener(name, toOrigin, TELLS_CLIENT)
  return [
    plainAndTls(httpListener('one', routes), of),
    overTls(told('optional'), of, { clients: 'optional' }),
    overTls(told('required'), of, { clients: 'required' }),
    byName(of),
    afterProxyProtocol(httpListener('proxied', toOrigin, { use_remote_address: true })),
    onPipe(httpListener('pipe', toOrigin), pipe),
    onPipe(httpListener('abstract', toOrigin), `@${abstract}`),
    httpListener('behind-pipe', allTo('pipe')),
  ]
}

/** Servers that are reached by a unix socket, and by TLS that passes through. */
export async function startOthers(
  folder: string,
  of: Certificates,
): Promise<{ clusters: object[]; stop(): Promise<void> }> {
  const path = join(folder, 'origin.sock')
  const onPath = await startOrigin(path)
  const through = https.createServer(nodeTls(of, of.server), (_request, response) =>
    response.end('through\n'),
  )
  through.listen(0, '127.0.0.1')
  await once(through, 'listening')
  const { port } = through.address() as AddressInfo
  return {
    clusters: [pipeCluster('pipe', path), cluster('through', port)],
    async stop() {
      await onPath.stop()
      through.closeAllConnections()
      through.close()
      await once(through, 'close')
    },
  }
}

/** Three chains: two that speak TLS themselves, one that passes it through, chosen by the name that is asked for. */
function byName(of: Certificates): Listener {
  const chainOf = (listener: Listener, ...names: string[]): object[] =>
    listener.filter_chains.map((chain) => ({
      ...chain,
      name: names[0] ?? 'any',
      ...(names.length > 0 ? { filter_chain_match: { server_names: names } } : {}),
    }))
  const named = plainAndTls(httpListener('named', []), of)
  return {
    ...named,
    filter_chains: [
      ...chainOf(overTls(httpListener('named', saying('named\n')), of), 'interop.test'),
      ...chainOf(tcpListener('named', 'through'), 'through.interop.test'),
      ...chainOf(overTls(httpListener('named', saying('any\n')), of)),
    ],
  }
}
