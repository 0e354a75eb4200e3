import net, { type Socket } from 'node:net'
import type { CheckedHost } from '../../health.ts'

/** Opens the connection for one check. */
export type Connect = (host: CheckedHost) => Socket

/** A plain connection, which does not keep the process alive. */
export const connectPlain: Connect = (host) =>
  net.connect({ host: host.ip, port: host.port, noDelay: true }).unref()
