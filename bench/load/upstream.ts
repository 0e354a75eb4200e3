import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { freePort } from '../measure/network.ts'
import { nginx, nginxCommand, nginxFile } from '../peers/nginx.ts'

/** Why there is no HTTP upstream here, or null. */
export function httpUpstreamMissing(): string | null {
  const found = nginx.find()
  return 'missing' in found ? `nginx serves as the upstream: ${found.missing}` : null
}

/** Starts nginx answering every GET with so many bytes; its port. */
export async function startHttpUpstream(bench: Bench, bodyBytes: number): Promise<number> {
  const found = nginx.find()
  if ('missing' in found) throw new Error(found.missing)
  const port = await freePort()
  const folder = bench.newFolder('upstream')
  const file = join(folder, 'nginx.conf')
  const body = `${'b'.repeat(bodyBytes - 1)}\\n`
  const server = `server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { default_type text/plain; return 200 "${body}"; }
  }`
  writeFileSync(file, nginxFile(folder, 16_384, server))
  await bench.startUpstream(port, nginxCommand(found.program, folder, file))
  return port
}
