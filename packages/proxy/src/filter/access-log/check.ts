import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from './reason.ts'
import { standardFd } from './standard.ts'

/** Why lines could not be appended to a file, in a few words; null when nothing speaks against it. Changes nothing. */
export function whyUnwritable(path: string): string | null {
  if (standardFd(path) !== null) return null
  if (path === '') return 'the path is empty'
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) return 'it is a folder'
    if (stat) accessSync(path, constants.W_OK)
    else accessSync(dirname(path), constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    return reasonOf(error)
  }
}
