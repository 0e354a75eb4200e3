import { MeshError } from '@tulle/core'
import { addressText, type Listener } from '@tulle/model'

/** Why a listener cannot have its address, in a sentence. */
export function listenError(config: Listener, error: NodeJS.ErrnoException): MeshError {
  const where = `${addressText(config.address)} (listener "${config.name}")`
  if (error.code === 'EADDRINUSE')
    return new MeshError(
      'PORT_IN_USE',
      `cannot listen on ${where}: another process already does; stop it or change port_value`,
      { cause: error },
    )
  const why =
    error.code === 'EACCES'
      ? 'not allowed; ports below 1024 need root or CAP_NET_BIND_SERVICE'
      : error.code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address'
        : error.message
  return new MeshError('LISTEN_FAILED', `cannot listen on ${where}: ${why}`, { cause: error })
}
