/** Longer than anything a test waits for takes. */
const PATIENCE_MS = 10_000

/** Resolves when the condition holds; looked at again and again, for what tells nobody when it changes. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
