import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import net from 'node:net'

/** Gives the socket's file its permissions; 0 leaves what it got. */
export function setMode(path: string, mode: number): void {
  if (mode !== 0 && !path.startsWith('@')) chmodSync(path, mode)
}

/** Removes the file that a process left which listens no more. False: it is somebody's, or no socket. */
export async function removeStale(path: string): Promise<boolean> {
  if (path.startsWith('@') || !isSocket(path) || (await answers(path))) return false
  unlinkSync(path)
  return true
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    // A full queue or missing rights also mean that somebody is there.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}
