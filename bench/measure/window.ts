import type { Ticks } from './proc.ts'
import { busyTicks, cpuTicks, ownTicks, processTree, TICKS_PER_SECOND } from './proc.ts'

/** The proxy under test has this core to itself, one worker. */
export const PROXY_CORE = 0
/** Load, upstream and the bench itself. */
export const LOAD_CORE = 1

/** Shares of a core that other work may take before a run is thrown away: such runs came out far dearer. */
const TOLERATED = { proxyCore: 0.05, loadCore: 0.08 }
/** Counting in ticks of 10 ms is off by some; short windows would be blamed for it. */
const SLACK_TICKS = 4

/** What happened between the two edges of a window. */
export interface Usage {
  readonly seconds: number
  /** Microseconds of processor time of the proxy. */
  readonly userUs: number
  readonly systemUs: number
  /** Whether other work took so much of a core that the figures mean little. */
  readonly disturbed: boolean
  /** Shares of the two cores that were neither the proxy's nor ours. */
  readonly others: { readonly proxyCore: number; readonly loadCore: number }
}

/**
 * Watches the processor time of proxies (and of who else runs on the two cores) while something happens. Load tools
 * started inside have ended when it does, so their time is found among that of our ended children.
 */
export async function during(
  proxyPids: readonly number[],
  upstreamPids: readonly number[],
  work: () => Promise<void>,
): Promise<Usage> {
  const proxy = proxyPids.flatMap(processTree)
  const upstreams = upstreamPids.flatMap(processTree)
  const before = look(proxy, upstreams)
  await work()
  const after = look(proxy, upstreams)
  return compare(before, after)
}

interface Look {
  readonly at: number
  readonly proxy: Ticks
  readonly ours: number
  readonly busy: { readonly proxyCore: number; readonly loadCore: number }
}

function look(proxy: readonly number[], upstreams: readonly number[]): Look {
  const up = cpuTicks(upstreams)
  return {
    at: performance.now(),
    proxy: cpuTicks(proxy),
    ours: ownTicks() + up.user + up.system,
    busy: { proxyCore: busyTicks(PROXY_CORE), loadCore: busyTicks(LOAD_CORE) },
  }
}

function compare(before: Look, after: Look): Usage {
  const ticks = ((after.at - before.at) / 1000) * TICKS_PER_SECOND
  const user = after.proxy.user - before.proxy.user
  const system = after.proxy.system - before.proxy.system
  const foreign = (busy: number, known: number): number =>
    Math.max(0, busy - known - SLACK_TICKS) / ticks
  const others = {
    proxyCore: foreign(after.busy.proxyCore - before.busy.proxyCore, user + system),
    loadCore: foreign(after.busy.loadCore - before.busy.loadCore, after.ours - before.ours),
  }
  return {
    seconds: (after.at - before.at) / 1000,
    userUs: (user / TICKS_PER_SECOND) * 1e6,
    systemUs: (system / TICKS_PER_SECOND) * 1e6,
    disturbed: others.proxyCore > TOLERATED.proxyCore || others.loadCore > TOLERATED.loadCore,
    others,
  }
}
