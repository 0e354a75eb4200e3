import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** `/proc` counts processor time in ticks of 10 ms: USER_HZ, fixed in Linux's interface. */
export const TICKS_PER_SECOND = 100

/** Processor time in ticks. */
export interface Ticks {
  readonly user: number
  readonly system: number
}

/** The process and everything below it. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null
    if (stat !== null) parents.set(Number(name), Number(stat[1]))
  }
  const tree = [root]
  for (let i = 0; i < tree.length; i++) {
    for (const [pid, parent] of parents) if (parent === tree[i]) tree.push(pid)
  }
  return tree
}

/** User and system time of these processes so far. */
export function cpuTicks(pids: readonly number[]): Ticks {
  return sumTicks(pids, 11, 12)
}

/** User and system time of this process and of every child it has seen end. */
export function ownTicks(): number {
  const own = sumTicks([process.pid], 11, 12)
  const ended = sumTicks([process.pid], 13, 14)
  return own.user + own.system + ended.user + ended.system
}

/** Ticks in which a core was not idle, whoever used it; time the hypervisor took included. */
export function busyTicks(core: number): number {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((it) => it.startsWith(`cpu${core} `))
  const [user, nice, system, , , irq, softirq, steal] = (line ?? '').split(' ').slice(1).map(Number)
  return user! + nice! + system! + irq! + softirq! + steal!
}

/** Resident bytes of these processes together; `peak` since the last `resetPeak`. */
export function residentBytes(pids: readonly number[], which: 'now' | 'peak' = 'now'): number {
  const label = which === 'now' ? /^VmRSS:\s+(\d+) kB/m : /^VmHWM:\s+(\d+) kB/m
  let total = 0
  for (const pid of pids) total += Number(label.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? 0)
  return total * 1024
}

/** Lets the peak of resident memory begin anew. */
export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

function sumTicks(pids: readonly number[], userAt: number, systemAt: number): Ticks {
  let user = 0
  let system = 0
  for (const pid of pids) {
    const stat = readStat(pid)
    user += Number(stat?.[userAt] ?? 0)
    system += Number(stat?.[systemAt] ?? 0)
  }
  return { user, system }
}

/** The fields of `/proc/PID/stat` behind the name, which may hold spaces: state, parent, …; null when it is gone. */
function readStat(pid: number): string[] | null {
  const text = readOrEmpty(`/proc/${pid}/stat`)
  return text === '' ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Processes end while one looks at them. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
