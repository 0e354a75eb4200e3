/** Says on the log that this application can be called, in the words in which sidecars say it. */
export function sayReady(): void {
  console.error(JSON.stringify({ msg: 'ready' }))
}
