/** What the page remembers between two rounds: the last minute of every series, and who changed health. */

import { sumRates, Track } from './numbers.js'

/** What counts as a failure of a call that came in, and of a try that went out. */
export const FAILED_IN = ['rq_5xx']
export const FAILED_OUT = ['rq_5xx', 'rq_reset', 'rq_timeout', 'rq_per_try_timeout']

/** The last minute of every series of `/stats?format=json`. */
export class Tracks {
  constructor() {
    this.listeners = new Map()
    this.clusters = new Map()
  }

  take({ at, series }) {
    const seen = new Set()
    for (const { family, labels, values } of series) {
      const map =
        family === 'downstream' ? this.listeners : family === 'upstream' ? this.clusters : null
      if (map === null) continue
      const key = Object.values(labels).join('\n')
      const track = map.get(key) ?? Object.assign(new Track(), { labels })
      map.set(key, track)
      track.push(at, values)
      seen.add(track)
    }
    for (const map of [this.listeners, this.clusters])
      for (const [key, track] of map) if (!seen.has(track)) map.delete(key)
  }

  /** Requests and failures per second of all listeners (`in`) or clusters (`out`), for every second kept. */
  total(side, names) {
    return sumRates([...(side === 'in' ? this.listeners : this.clusters).values()], names)
  }
}

const REMEMBERED = 12
/** A changed host is marked for so long. */
const FRESH_MS = 8000

/** Notices hosts that came, went, or changed health. */
export class HealthLog {
  constructor() {
    this.known = null
    /** Newest first. */
    this.changes = []
  }

  take(clusters) {
    const next = new Map()
    for (const { name, hosts } of clusters)
      for (const host of hosts)
        next.set(`${name}\n${host.address}`, {
          cluster: name,
          address: host.address,
          ...words(host),
        })
    if (this.known !== null) this.compare(this.known, next)
    this.known = next
  }

  compare(before, after) {
    for (const [key, now] of after) {
      const old = before.get(key)
      if (old === undefined) this.note(now, 'new', now.health)
      else if (old.health !== now.health || old.why !== now.why)
        this.note(now, old.health, now.health)
    }
    for (const [key, old] of before) if (!after.has(key)) this.note(old, old.health, 'gone')
  }

  note(host, from, to) {
    const why = to === 'gone' ? '' : host.why
    this.changes.unshift({ ...host, at: Date.now(), from, to, why })
    this.changes.length = Math.min(this.changes.length, REMEMBERED)
  }

  /** Whether this host changed a moment ago. */
  isFresh(cluster, address) {
    const since = Date.now() - FRESH_MS
    return this.changes.some(
      (one) => one.at > since && one.cluster === cluster && one.address === address,
    )
  }
}

function words({ health, unfit }) {
  return { health, why: unfit.join(', ') }
}
