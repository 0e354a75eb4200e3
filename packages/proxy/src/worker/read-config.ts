import { readFile } from 'node:fs/promises'
import { MeshError } from '@tulle/core'

/** What the system calls it, and what a person does. */
const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name a file',
  EACCES: 'this user may not read it',
}

/** The text of a configuration file. Throws `CONFIG_UNREADABLE`. */
export async function readConfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = SENTENCES[code ?? ''] ?? message
    throw new MeshError('CONFIG_UNREADABLE', `cannot read ${path}: ${why}`, { cause })
  }
}
