import { fileURLToPath } from 'node:url'
import { configPath } from './config.ts'
import { sentenceOf } from './log-line.ts'
import { outboundPorts, type Place } from './places.ts'
import { Process } from './process.ts'
import type { Report } from './traffic.ts'

/** What a crew is made of and who hears from it. */
export interface CrewInit {
  readonly places: readonly Place[]
  readonly folder: string
  /** A sentence for the person who watches. */
  say(sentence: string): void
  onReport(report: Report): void
}

/** A member of the shop with its two processes. */
export interface Member {
  readonly place: Place
  readonly app: Process
  readonly sidecar: Process
}

/** How long somebody who died stays away, so that one can see the others do without. */
const RETURN_MS = 10_000
const PATIENCE_MS = 3000

/** All processes of the shop: starts them in order, brings back who dies, ends them. */
export class Crew {
  readonly members: readonly Member[]
  readonly #init: CrewInit
  readonly #traffic: Process
  readonly #returning = new Set<NodeJS.Timeout>()
  #open = false

  constructor(init: CrewInit) {
    this.#init = init
    this.members = init.places.map((place) => ({
      place,
      app: this.#process(place.name, appArgs(place)),
      sidecar: this.#process(`${place.name}'s sidecar`, sidecarArgs(place, init.folder)),
    }))
    const { place } = this.members[0]!
    this.#traffic = this.#process('traffic', [script('traffic.ts'), pageUrl(place)])
  }

  /**
   * Those who are called first, then front and the customers; sidecars wait for their files. Fails with a sentence when
   * one of them does not start.
   */
  async open(files: Promise<void>): Promise<void> {
    const [front, ...others] = this.members
    const sidecars = files.then(() => Promise.all(others.map(({ sidecar }) => sidecar.start())))
    await Promise.all([sidecars, ...others.map(({ app }) => app.start())])
    await Promise.all([front!.sidecar.start(), front!.app.start(), this.#traffic.start()])
    this.#open = true
  }

  /** Ends everybody, customers first. */
  async close(): Promise<void> {
    this.#open = false
    for (const timer of this.#returning) clearTimeout(timer)
    await this.#traffic.stop(PATIENCE_MS)
    const all = this.members.flatMap(({ app, sidecar }) => [sidecar, app])
    await Promise.all(all.map((one) => one.stop(PATIENCE_MS)))
  }

  #process(name: string, args: readonly string[]): Process {
    const one: Process = new Process({
      name,
      args,
      folder: this.#init.folder,
      onLine: (line) => this.#onLine(name, line),
      onMessage: (message) => this.#init.onReport(message as Report),
      onDeath: (sentence) => this.#onDeath(one, sentence),
    })
    return one
  }

  #onLine(name: string, line: string): void {
    if (!this.#open || !name.endsWith('sidecar')) return
    const sentence = sentenceOf(line, (address) => this.#nameOf(address))
    if (sentence !== null) this.#init.say(`${name}: ${sentence}`)
  }

  #onDeath(one: Process, sentence: string): void {
    if (!this.#open) return
    this.#init.say(`${sentence}; it comes back in ${RETURN_MS / 1000} s`)
    const timer = setTimeout(() => {
      this.#returning.delete(timer)
      one.start().then(
        () => this.#init.say(`${one.name} is back (pid ${one.pid})`),
        // If it died again, that has been said already.
        (error: Error) => one.pid !== 0 && this.#init.say(error.message),
      )
    }, RETURN_MS)
    this.#returning.add(timer)
  }

  #nameOf(address: string): string {
    const port = Number(address.slice(address.lastIndexOf(':') + 1))
    const { places } = this.#init
    return places.find(({ inbound, app }) => port === inbound || port === app)?.name ?? address
  }
}

/** Where the page is: behind front's sidecar. */
export function pageUrl(front: Place): string {
  return `http://127.0.0.1:${front.inbound}/`
}

/** Its name, where it listens, and where it calls others. */
function appArgs(place: Place): readonly string[] {
  const { trade, name, app, grpc } = place
  const own = trade === 'price' ? [app, grpc] : [app]
  return [script(`apps/${trade}.ts`), name, ...[...own, ...outboundPorts(place)].map(String)]
}

/** What `npx tulle proxy -c FILE` runs. */
function sidecarArgs(place: Place, folder: string): readonly string[] {
  const cli = script('../../packages/cli/src/main.ts')
  return [cli, 'proxy', '-c', configPath(folder, place), '--drain-time-s', '1']
}

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
