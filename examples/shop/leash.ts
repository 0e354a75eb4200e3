/**
 * Loaded before every process of the shop: when the process that started it is gone, even by `kill -9`, the channel
 * between them closes, and nothing is left behind.
 */
import { rmSync } from 'node:fs'

const folder = process.env.SHOP_FOLDER
process.once('disconnect', () => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  process.exit(1)
})
// Listening for the end is no reason to live.
process.channel?.unref()
