import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'

const MESSAGE = 16_384
const AT_ONCE = 64

/** A file of so many bytes in gRPC messages of 16 KB, made once for the bench; a multiple of 1 MiB. */
export function fileOfMessages(bench: Bench, bytes: number): string {
  const file = join(bench.folder, `messages-${bytes}`)
  if (existsSync(file)) return file
  const message = Buffer.alloc(MESSAGE, 'm')
  message.writeUInt8(0, 0)
  message.writeUInt32BE(MESSAGE - 5, 1)
  const block = Buffer.concat(Array<Buffer>(AT_ONCE).fill(message))
  const open = openSync(file, 'wx')
  for (let written = 0; written < bytes; written += block.length) writeSync(open, block)
  closeSync(open)
  return file
}
