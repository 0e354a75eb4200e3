import { isIP } from 'node:net'
import {
  choice,
  exactlyOne,
  filledText,
  fixed,
  integer,
  message,
  nullable,
  optional,
  type Place,
  required,
  type Type,
  unsupported,
} from './decode/index.ts'

/** Where a socket listens or connects: `envoy.config.core.v3.SocketAddress`. */
export interface SocketAddress {
  /** Empty for a unix socket. */
  readonly host: string
  readonly port: number
  /** Of a unix socket (`pipe`): its file, or `@name` in Linux's abstract namespace. */
  readonly path?: string
  /** Permissions of the file; 0 leaves what the process gives. */
  readonly mode?: number
}

/** `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/x.sock`, `unix:@name`. */
export function addressText(address: SocketAddress): string {
  if (address.path !== undefined) return `unix:${address.path}`
  return address.host.includes(':')
    ? `[${address.host}]:${address.port}`
    : `${address.host}:${address.port}`
}

/** How Node names a unix socket: one in the abstract namespace begins with NUL where we write `@`. */
export function socketPath(path: string): string {
  return path.startsWith('@') ? `\0${path.slice(1)}` : path
}

const socketAddressMessage = message(
  'envoy.config.core.v3.SocketAddress',
  {
    protocol: optional(choice(['TCP', 'UDP'], { TCP: 'tcp' }), 'tcp', 'The transport.'),
    address: required(filledText, 'An IP address; for a host found by DNS, its name.'),
    port_value: nullable(
      integer(0, 65535),
      'The port. A listener on port 0 takes any that is free.',
    ),
    ...unsupported('named_port', 'resolver_name', 'network_namespace_filepath'),
    ...fixed({ ipv4_compat: false }),
  },
  (it, at): SocketAddress => {
    exactlyOne(at, { port_value: it.port_value })
    return { host: it.address, port: it.port_value ?? 0 }
  },
)

/** Bytes that the kernel takes for the path of a unix socket, the NUL at its end left out. */
const LONGEST_PATH = 107

const pipeMessage = message(
  'envoy.config.core.v3.Pipe',
  {
    path: required(filledText, 'Its file; `@name` is in the abstract namespace of Linux.'),
    mode: optional(
      integer(0, 0o777),
      0,
      'Permissions of the file, such as `0o660` in YAML; 0 leaves what the process gives.',
    ),
  },
  ({ path, mode }, at): SocketAddress => {
    if (Buffer.byteLength(path) > LONGEST_PATH)
      at.child('path').say(`must not be longer than ${LONGEST_PATH} bytes`)
    if (path.startsWith('@') && mode !== 0)
      at.child('mode').say('an abstract socket has no file and no permissions; remove it')
    return { host: '', port: 0, path, mode }
  },
)

/** `envoy.config.core.v3.Address`. */
export const addressMessage: Type<SocketAddress> = message(
  'envoy.config.core.v3.Address',
  {
    socket_address: nullable(socketAddressMessage, 'Host and port.'),
    pipe: nullable(pipeMessage, 'A unix socket.'),
    ...unsupported('envoy_internal_address'),
  },
  ({ socket_address, pipe }, at) => {
    exactlyOne(at, { socket_address, pipe })
    return socket_address ?? pipe ?? { host: '', port: 0 }
  },
)

/** Complains when an address is a name where only an IP address will do. `at` is where the whole address stands. */
export function needIp(address: SocketAddress, at: Place, advice: string): void {
  if (address.host === '' || isIP(address.host) !== 0) return
  at.child('socket_address')
    .child('address')
    .say(`"${address.host}" is not an IP address; ${advice}`)
}

/** Complains when an address is a unix socket where only host and port will do. */
export function needPort(address: SocketAddress, at: Place, advice: string): void {
  if (address.path !== undefined) at.child('pipe').say(advice)
}
