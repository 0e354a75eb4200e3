import net from 'node:net'
import type { Connect } from '../../health.ts'

/** A plain connection, which does not keep the process alive. */
export const connectPlain: Connect = (host) =>
  net.connect({ host: host.ip, port: host.port, noDelay: true }).unref()
