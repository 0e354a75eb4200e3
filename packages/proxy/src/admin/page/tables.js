/** The tables: listeners with their chains, clusters with their hosts. */

import { byId, el, keep, put, sparkline } from './draw.js'
import { FAILED_IN, FAILED_OUT } from './model.js'
import { duration, shortNumber } from './numbers.js'

/** A row for every chain of every listener; one that nobody called yet has a row as well. */
export function showListeners(tracks, listeners) {
  const rows = listeners.flatMap((listener) =>
    listener.chains.map((chain) => ({
      listener,
      chain,
      track: [...tracks.listeners.values()].find(
        ({ labels }) => labels.listener === chain.stat_prefix && labels.protocol === chain.protocol,
      ),
    })),
  )
  const keyOf = ({ listener, chain }) => `${listener.name}\n${chain.stat_prefix}\n${chain.protocol}`
  keep(byId('listeners'), rows, keyOf, listenerRow)
}

function listenerRow({ listener, chain }) {
  const address = el('span', { class: 'quiet' })
  const cells = numberCells(['rate', 'failures', 'p50', 'p99', 'active', 'connections'])
  const spark = sparkline()
  const title = el('th', { scope: 'row' }, listener.name, ' ', address)
  const line = el('td', { class: 'line-cell' }, spark.node)
  const { rate, failures, p50, p99, active, connections } = cells
  const node = el(
    'tr',
    {},
    title,
    el('td', {}, chain.protocol),
    rate,
    line,
    failures,
    p50,
    p99,
    active,
    connections,
  )
  return {
    node,
    update(now) {
      put(
        address,
        now.listener.state === 'draining'
          ? `${now.listener.address}, draining`
          : now.listener.address,
      )
      figures(cells, now.track, FAILED_IN)
      spark.update(now.track?.rates(['rq_total']) ?? [])
      put(connections, shortNumber(now.track?.now('cx_active') ?? 0))
    },
  }
}

function numberCells(names) {
  return Object.fromEntries(names.map((name) => [name, el('td', { class: 'n' })]))
}

/** The figures that listeners and clusters share. */
function figures({ rate, failures, p50, p99, active }, track, failed) {
  const [half, most] = track?.quantiles('rq_duration', [0.5, 0.99]) ?? [null, null]
  const failing = track?.rate(failed) ?? 0
  put(rate, shortNumber(track?.rate(['rq_total']) ?? 0))
  put(failures, shortNumber(failing))
  failures.classList.toggle('bad', failing > 0)
  put(p50, duration(half))
  put(p99, duration(most))
  put(active, shortNumber(track?.now('rq_active') ?? 0))
}

/** More clusters than this are not drawn: the search field finds the others. */
const DRAWN = 60
const HOSTS_DRAWN = 50

export function showClusters(tracks, health, clusters) {
  const find = byId('find')
  find.parentElement.hidden = clusters.length < 8
  const wanted = clusters.filter(({ name }) => name.includes(find.value))
  const rows = wanted
    .slice(0, DRAWN)
    .map((cluster) => ({ cluster, health, track: tracks.clusters.get(cluster.name) }))
  put(byId('more'), wanted.length > DRAWN ? `${DRAWN} of ${wanted.length} shown` : '')
  keep(byId('clusters'), rows, ({ cluster }) => cluster.name, clusterCard)
}

function clusterCard({ cluster }) {
  const cells = Object.fromEntries(
    ['rate', 'failures', 'p50', 'p99', 'active'].map((name) => [name, el('dd')]),
  )
  const names = {
    rate: 'Requests/s',
    failures: 'Failures/s',
    p50: 'p50',
    p99: 'p99',
    active: 'Active',
  }
  const spark = sparkline()
  const fit = el('p', { class: 'fit' })
  const more = el('p', { class: 'quiet' })
  const body = el('tbody')
  const titles = [
    'Host',
    'Health',
    'Active',
    'Requests',
    'Errors',
    'Time-outs',
    'Connections',
    'Connect fails',
    'Weight',
  ]
  const head = el(
    'tr',
    {},
    ...titles.map((title, i) =>
      el('th', i < 2 ? { scope: 'col' } : { scope: 'col', class: 'n' }, title),
    ),
  )
  const node = el(
    'article',
    { class: 'cluster' },
    el(
      'div',
      { class: 'cluster-head' },
      el(
        'div',
        {},
        el('h3', {}, cluster.name),
        el('p', { class: 'quiet' }, cluster.balancer.replaceAll('_', ' ')),
      ),
      el('div', {}, fit, more),
      spark.node,
      el(
        'dl',
        {},
        ...Object.entries(names).map(([key, name]) =>
          el('div', {}, el('dt', {}, name), cells[key]),
        ),
      ),
    ),
    el(
      'div',
      { class: 'scroll' },
      el(
        'table',
        { class: 'hosts', 'aria-label': `hosts of ${cluster.name}` },
        el('thead', {}, head),
        body,
      ),
    ),
  )
  return {
    node,
    update({ cluster: now, health, track }) {
      const healthy = now.hosts.filter((host) => host.health === 'healthy').length
      put(fit, `${healthy} of ${now.hosts.length} healthy`)
      put(more, now.hosts.length > HOSTS_DRAWN ? `${HOSTS_DRAWN} hosts shown` : '')
      fit.className = `fit ${healthy === now.hosts.length ? 'good' : healthy === 0 ? 'bad' : 'warn'}`
      figures(cells, track, FAILED_OUT)
      spark.update(track?.rates(['rq_total']) ?? [])
      const rows = worstFirst(now.hosts).map((host) => ({
        host,
        fresh: health.isFresh(now.name, host.address),
      }))
      keep(body, rows, ({ host }) => host.address, hostRow)
    },
  }
}

/** All hosts in their order; of very many, those that are out come first and the rest is cut off. */
function worstFirst(hosts) {
  if (hosts.length <= HOSTS_DRAWN) return hosts
  const out = hosts.filter((host) => host.health !== 'healthy')
  return [...out, ...hosts.filter((host) => host.health === 'healthy')].slice(0, HOSTS_DRAWN)
}

function hostRow({ host: { address } }) {
  const cells = numberCells([
    'active',
    'rq_total',
    'rq_error',
    'rq_timeout',
    'cx_active',
    'cx_connect_fail',
    'weight',
  ])
  const word = el('span')
  const why = el('span', { class: 'quiet' })
  const node = el(
    'tr',
    {},
    el('th', { scope: 'row' }, address),
    el('td', {}, word, ' ', why),
    ...Object.values(cells),
  )
  return {
    node,
    update({ host, fresh }) {
      word.className = `health ${host.health}`
      put(word, host.health)
      put(why, host.unfit.join(', '))
      for (const [name, cell] of Object.entries(cells)) put(cell, shortNumber(host[name]))
      node.classList.toggle('fresh', fresh)
    },
  }
}
