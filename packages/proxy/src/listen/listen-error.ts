import { MeshError } from '@tulle/core'
import { addressText, type Listener } from '@tulle/model'

/** Why a listener cannot have its address, in a sentence. */
export function listenError(config: Listener, error: NodeJS.ErrnoException): MeshError {
  const { address, name } = config
  const where = `${addressText(address)} (listener "${name}")`
  const why = (address.path === undefined ? PORT : PATH)[error.code ?? ''] ?? error.message
  const code = error.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'LISTEN_FAILED'
  return new MeshError(code, `cannot listen on ${where}: ${why}`, { cause: error })
}

const PORT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process already does; stop it or change port_value',
  EACCES: 'not allowed; ports below 1024 need root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine has no such address',
}

const PATH: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process already does, or the file is no socket; stop it or change path',
  // The library below Node says this for both.
  EACCES: 'there is no such folder, or the process may not write in it',
}
