import { join } from 'node:path'
import type { Bench, RunningProxy } from '../bench.ts'
import { freePort } from '../measure/network.ts'
import { processTree, resetPeak, residentBytes } from '../measure/proc.ts'
import { HTTP } from '../peer.ts'
import { REFERENCE } from '../peers.ts'
import type { Column, Contestant, Figures, Work } from '../work.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20
/** For one body to be moved. */
export const LIMIT_MS = 120_000

/** Columns of every work that moves one big body. */
export const TRANSFER_COLUMNS: readonly Column[] = [
  { key: 'cpu', label: 'CPU s/GiB', digits: 3, relation: 'ratio' },
  { key: 'user', label: 'user', digits: 3, relation: null },
  { key: 'system', label: 'system', digits: 3, relation: null },
  { key: 'rate', label: 'MiB/s', digits: 0, relation: null },
  { key: 'rss', label: 'RSS MB before', digits: 1, relation: null },
  { key: 'rise', label: 'RSS rise MB', digits: 1, relation: null },
]

/** A body that is far larger than any buffer, towards the client. */
export const download: Work = {
  name: 'download',
  title: 'HTTP/1.1, download of 1 GiB',
  bar: 'CPU per GiB at most 1.5 × HAProxy, RSS rises by at most 20 MB',
  reference: REFERENCE,
  columns: TRANSFER_COLUMNS,
  contestants: (bench) => transfers(bench, 'download'),
}

/** The same towards the upstream. */
export const upload: Work = {
  name: 'upload',
  title: 'HTTP/1.1, upload of 1 GiB',
  bar: 'CPU per GiB at most 1.5 × HAProxy, RSS rises by at most 20 MB',
  reference: REFERENCE,
  columns: TRANSFER_COLUMNS,
  contestants: (bench) => transfers(bench, 'upload'),
}

function transfers(bench: Bench, direction: 'download' | 'upload'): Contestant[] {
  return bench.contestants(HTTP, async (start) => {
    const upstream = await freePort()
    await bench.startUpstream(upstream, [process.execPath, tool('bulk-server.ts'), `${upstream}`])
    const proxy = await start({ to: upstream })
    return transfer(bench, proxy, (size) => move(bench, proxy, direction, size))
  })
}

/** How many bytes one body has. */
export function bigSize(bench: Bench): number {
  return bench.options.quick ? 64 * MIB : GIB
}

/**
 * Moves one big body; `moveOnce` tells the seconds it took. Memory counts from before it: what the transfer makes it grow
 * by, buffers and all.
 */
export async function transfer(
  bench: Bench,
  proxy: RunningProxy,
  moveOnce: (size: number) => Promise<number>,
): Promise<Figures> {
  const size = bigSize(bench)
  for (let i = 0; i < 20; i++) await moveOnce(1024)
  const tree = proxy.children.flatMap((it) => processTree(it.pid))
  const before = residentBytes(tree)
  resetPeak(tree)
  let seconds = 0
  const usage = await bench.during(proxy, async () => {
    seconds = await moveOnce(size)
  })
  const perGib = GIB / size / 1e6
  const user = usage.userUs * perGib
  const system = usage.systemUs * perGib
  return {
    cpu: user + system,
    user,
    system,
    rate: size / MIB / seconds,
    rss: before / MIB,
    rise: (residentBytes(tree, 'peak') - before) / MIB,
  }
}

/** Moves so many bytes; the seconds it took. */
async function move(
  bench: Bench,
  proxy: RunningProxy,
  direction: string,
  size: number,
): Promise<number> {
  const argv = [process.execPath, tool('bulk-client.ts'), `${proxy.port}`, proxy.host, direction]
  const output = await bench.load([...argv, `${size}`], LIMIT_MS)
  return (JSON.parse(output) as { readonly seconds: number }).seconds
}

function tool(name: string): string {
  return join(import.meta.dirname, '..', 'load', name)
}
