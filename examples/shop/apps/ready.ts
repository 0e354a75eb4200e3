import { flushCompileCache } from 'node:module'

/** Says on the log that this application can be called, in the words in which sidecars say it. */
export function sayReady(): void {
  console.error(JSON.stringify({ msg: 'ready' }))
  // What was compiled is kept for the next start; those who are killed have no time for it at the end.
  flushCompileCache()
}
