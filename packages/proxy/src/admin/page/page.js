/** The live page: asks four endpoints every second and moves numbers. The page has no state that the proxy does not. */

import { byId } from './draw.js'
import { HealthLog, Tracks } from './model.js'
import { showClusters, showListeners } from './tables.js'
import { facts, levels, showChanges, showState, tiles } from './views.js'

const PERIOD_MS = 1000

const tracks = new Tracks()
const health = new HealthLog()

/** One round: the next begins when this one has ended, so that a slow proxy is not asked twice at once. */
async function round() {
  try {
    const [info, stats, clusters, listeners] = await Promise.all(
      [
        '/server_info',
        '/stats?format=json&usedonly',
        '/clusters?format=json',
        '/listeners?format=json',
      ].map(read),
    )
    tracks.take(stats)
    health.take(clusters.clusters)
    showState(info.state === 'LIVE' ? 'live' : 'out', info.state === 'LIVE' ? 'live' : info.why)
    facts(info)
    levels(info)
    tiles(tracks, clusters.clusters)
    showListeners(tracks, listeners.listeners)
    showClusters(tracks, health, clusters.clusters)
    showChanges(health)
  } catch (error) {
    showState('lost', `no answer (${error.message})`)
  }
  setTimeout(round, PERIOD_MS)
}

async function read(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(5000) })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

async function post(path) {
  try {
    const answer = await fetch(path, { method: 'POST' })
    if (!answer.ok) showState('lost', await answer.text())
  } catch (error) {
    showState('lost', `no answer (${error.message})`)
  }
}

const level = byId('level')
level.addEventListener('change', () => post(`/logging?level=${encodeURIComponent(level.value)}`))

const ask = byId('ask')
byId('drain').addEventListener('click', () => ask.showModal())
byId('stay').addEventListener('click', () => ask.close())
byId('go').addEventListener('click', () => {
  ask.close()
  void post('/drain')
})

void round()
