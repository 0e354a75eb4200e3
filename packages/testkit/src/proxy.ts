import { type Clock, type Logger, silentLogger, Turn } from '@tulle/core'
import { loadBootstrap } from '@tulle/model'
import {
  builtins,
  type ClusterSeries,
  equip,
  type ListenerSeries,
  type Parts,
  plan,
  Runtime,
  Site,
} from '@tulle/proxy'

/** A proxy in this process, configured as a file would configure it. */
export interface TestProxy {
  readonly runtime: Runtime
  /** The port that a listener got; give listeners port 0 in tests. */
  port(listener: string): number
  /** What a cluster counts. */
  cluster(name: string): ClusterSeries
  /** What a listener counts, of the chain that stands there: of its first protocol, or the one asked for. */
  listener(name: string, chain?: number, protocol?: string): ListenerSeries
  /** Takes over another configuration, as a changed file does. */
  apply(yaml: string): Promise<void>
  stop(): Promise<void>
}

/** Starts a proxy from the text of a bootstrap. Throws with every problem when there are some. */
export async function startProxy(
  yaml: string,
  options: {
    readonly parts?: Parts
    readonly log?: Logger
    readonly maxConnections?: number
    /** For times longer than a test should take. */
    readonly clock?: Clock
    /** Where the file of the configuration would lie. */
    readonly folder?: string
  } = {},
): Promise<TestProxy> {
  const parts = options.parts ?? builtins
  const turn = new Turn(options.clock)
  const site = new Site({ log: options.log ?? silentLogger, turn })
  const { maxConnections } = options
  const runtime = new Runtime(site, parts, maxConnections === undefined ? {} : { maxConnections })
  const apply = async (text: string): Promise<void> => {
    const bootstrap = loadBootstrap(text, 'test.yaml')
    if (!bootstrap.ok) throw new Error(JSON.stringify(bootstrap.problems, null, 2))
    const equipped = await equip(bootstrap.value, parts, options.folder ?? '.')
    const planned = equipped.ok ? plan(bootstrap.value, equipped.value) : equipped
    if (!planned.ok) throw new Error(JSON.stringify(planned.problems, null, 2))
    await runtime.apply(planned.value)
  }
  await apply(yaml)
  return {
    runtime,
    apply,
    port: (name) => named(runtime.listeners, name).port,
    cluster: (name) => named(runtime.clusters, name).stats,
    listener: (name, chain = 0, protocol) => {
      const served = named(runtime.listeners, name).chains[chain]!
      return (protocol === undefined ? served.main : served.agreed(protocol)!).stats
    },
    stop: () => runtime.stop(),
  }
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const one = all.find((each) => each.name === name)
  if (one === undefined) throw new Error(`nothing is called "${name}"`)
  return one
}
