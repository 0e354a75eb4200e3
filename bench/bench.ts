import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from './measure/certificates.ts'
import type { Child } from './measure/children.ts'
import { Children } from './measure/children.ts'
import { freePort, untilListening, untilServed } from './measure/network.ts'
import { processTree, residentBytes } from './measure/proc.ts'
import type { Found } from './measure/programs.ts'
import type { Usage } from './measure/window.ts'
import { during, LOAD_CORE, PROXY_CORE } from './measure/window.ts'
import type { Options } from './options.ts'
import type { Peer, Plan, Task } from './peer.ts'
import { hostOf } from './peer.ts'
import { allPeers } from './peers.ts'
import type { Contestant, Figures } from './work.ts'

const START_TIMEOUT_MS = 30_000

/** A proxy under test that serves. */
export interface RunningProxy {
  readonly children: readonly Child[]
  readonly plan: Plan
  readonly port: number
  /** The Host header that its busiest route wants. */
  readonly host: string
  /** From the start of the process to the first request served. */
  readonly readyMs: number
  /** Resident memory of its processes now. */
  rssMb(): number
}

/** What a run chooses for itself; the rest is the work's task. */
export type Wanted = Partial<Plan> & Pick<Plan, 'to'>

/** Two proxies one behind the other, seen as one: what they use together. */
export function inSeries(front: RunningProxy, behind: RunningProxy): RunningProxy {
  return {
    ...front,
    children: [...front.children, ...behind.children],
    rssMb: () => front.rssMb() + behind.rssMb(),
  }
}

/** What works have at hand: processes on the right cores, ports, a folder, the peers. */
export class Bench {
  readonly options: Options
  readonly children = new Children()
  readonly folder: string = mkdtempSync(join(tmpdir(), 'tulle-bench-'))
  readonly checkout: string
  readonly peers: readonly { readonly peer: Peer; readonly found: Found }[]
  readonly #upstreams: Child[] = []
  #folders = 0
  #pki: string | null = null
  #disturbances: Usage[] = []

  constructor(options: Options, checkout: string) {
    this.options = options
    this.checkout = checkout
    const wanted = (peer: Peer): boolean =>
      options.peers.length === 0 || options.peers.includes(peer.name)
    this.peers = allPeers(checkout, options.against)
      .filter(wanted)
      .map((peer) => ({ peer, found: peer.find() }))
  }

  /** Every peer made for the task as a contestant; `run` gets its plan started and measures. */
  contestants(
    task: Task,
    run: (start: (wanted: Wanted) => Promise<RunningProxy>) => Promise<Figures>,
  ): Contestant[] {
    return this.peers
      .filter(({ peer }) => peer.can(task))
      .map(({ peer, found }) => ({
        name: peer.name,
        missing: 'missing' in found ? found.missing : null,
        run: () => run((wanted) => this.startProxy(peer, { ...task, ...wanted })),
      }))
  }

  /** Starts a peer on the proxy's core and waits until it serves. */
  async startProxy(peer: Peer, wanted: Task & Wanted): Promise<RunningProxy> {
    const found = peer.find()
    if ('missing' in found) throw new Error(`${peer.name}: ${found.missing}`)
    const port = await freePort()
    const secret = wanted.downstream.tls !== 'none' || wanted.upstream.tls !== 'none'
    const pki = secret ? this.certificates() : ''
    const plan: Plan = { port, pki, extraClusters: 0, connections: 1024, ...wanted }
    const argv = peer.prepare(found.program, plan, this.newFolder(peer.name))
    return this.watchProxy(argv, plan)
  }

  /** Starts a proxy by its command and waits until it serves. */
  async watchProxy(argv: readonly string[], plan: Plan): Promise<RunningProxy> {
    const child = this.children.start(PROXY_CORE, argv)
    const host = hostOf(plan)
    const ready =
      plan.protocol === 'http'
        ? untilServed(plan.downstream, plan.port, host, plan.pki, START_TIMEOUT_MS)
        : untilListening(plan.port, START_TIMEOUT_MS)
    const died = child.exited.then((code) => {
      throw new Error(`${argv.join(' ')} ended with ${code}: ${child.lastWords()}`)
    })
    died.catch(() => null)
    const readyMs = await Promise.race([ready, died])
    const rssMb = (): number => residentBytes(processTree(child.pid)) / 2 ** 20
    return { children: [child], plan, port: plan.port, host, readyMs, rssMb }
  }

  /** Starts a server that proxies send to, on the core of the load. */
  async startUpstream(port: number, argv: readonly string[]): Promise<void> {
    this.#upstreams.push(this.children.start(LOAD_CORE, argv))
    await untilListening(port, START_TIMEOUT_MS)
  }

  /** Runs a load tool to its end. */
  load(argv: readonly string[], timeoutMs: number): Promise<string> {
    return this.children.run(LOAD_CORE, argv, timeoutMs)
  }

  /** What a proxy used while something happened; remembers whether other work was in the way. */
  async during(proxy: RunningProxy, work: () => Promise<void>): Promise<Usage> {
    const upstreams = this.#upstreams.map((it) => it.pid)
    const pids = proxy.children.map((it) => it.pid)
    const usage = await during(pids, upstreams, work)
    if (usage.disturbed) this.#disturbances.push(usage)
    return usage
  }

  /** The disturbances since the last time this was asked. */
  takeDisturbances(): Usage[] {
    return this.#disturbances.splice(0)
  }

  /** The folder of certificates that are made for this bench and end with it. */
  certificates(): string {
    if (this.#pki === null) {
      this.#pki = this.newFolder('pki')
      makeCertificates(this.#pki)
    }
    return this.#pki
  }

  /** An empty folder for the files of one run. */
  newFolder(name: string): string {
    const folder = join(this.folder, `${this.#folders++}-${name}`)
    mkdirSync(folder)
    return folder
  }

  /** Ends every process of a run. */
  async stopAll(): Promise<void> {
    this.#upstreams.length = 0
    await this.children.stopAll()
  }

  /** Leaves nothing behind: no process, no file. */
  dispose(): void {
    this.children.killAll()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
