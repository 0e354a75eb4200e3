import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Process } from './process.ts'

/** Another program in its place shows whether a suite asks for the right things. */
const TULLE = process.env.INTEROP_PROXY ?? join(import.meta.dirname, '../packages/cli/bin/tulle')

/** A proxy of ours in a process of its own, as `tulle proxy -c FILE` runs it. */
export interface Tulle {
  /** Its admin side, with a slash at the end. */
  readonly admin: string
  /** The port that a listener got. */
  port(listener: string): number
  /** How many connections it has to the hosts of a cluster now. */
  connections(cluster: string): Promise<number>
  stop(): Promise<void>
}

/** Runs a proxy with a configuration, in which listeners may have port 0. */
export async function startTulle(bootstrap: object): Promise<Tulle> {
  const folder = await mkdtemp(join(tmpdir(), 'tulle-interop-'))
  const file = join(folder, 'proxy.json')
  await writeFile(file, JSON.stringify(bootstrap, null, 2))
  const proxy = new Process(TULLE, ['proxy', '-c', file, '--drain-time-s', '1'])
  const stop = async (): Promise<void> => {
    await proxy.stop()
    await rm(folder, { recursive: true })
  }
  try {
    const [, admin] = await proxy.says(/"admin":"(http:[^"]+)"/)
    const ports = await portsOf(admin!)
    return {
      admin: admin!,
      port: (listener) => ports.get(listener)!,
      connections: (cluster) => connectionsOf(admin!, cluster),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function portsOf(admin: string): Promise<Map<string, number>> {
  const response = await fetch(`${admin}listeners?format=json`)
  const { listeners } = (await response.json()) as {
    listeners: { name: string; address: string }[]
  }
  return new Map(
    listeners.map(({ name, address }) => [
      name,
      Number(address.slice(address.lastIndexOf(':') + 1)),
    ]),
  )
}

async function connectionsOf(admin: string, name: string): Promise<number> {
  const response = await fetch(`${admin}clusters?format=json`)
  const { clusters } = (await response.json()) as {
    clusters: { name: string; hosts: { cx_active: number }[] }[]
  }
  const { hosts } = clusters.find((cluster) => cluster.name === name)!
  return hosts.reduce((sum, { cx_active }) => sum + cx_active, 0)
}
