/** From numbers to elements. Every view is made once and then only updated. */

import { el, keep, put, sparkline } from './draw.js'
import { FAILED_IN, FAILED_OUT } from './model.js'
import { duration, shortNumber, uptime } from './numbers.js'

const byId = (id) => document.getElementById(id)

/** The word beside the name: live, or why not. `kind` is live, out (answers, but takes no work) or lost (no answer). */
export function showState(kind, words) {
  byId('state').className = `state ${kind}`
  put(byId('state'), words)
  document.body.classList.toggle('stale', kind === 'lost')
}

export function facts(info) {
  document.title = `${info.id} · Tulle`
  put(byId('id'), info.id)
  const rows = [
    ['Up', uptime(info.uptime_seconds)],
    ['Version', info.version],
    ['Configuration', `no. ${info.config_version}`],
    ['Workers', info.workers],
    ['Process', info.pid],
  ]
  keep(
    byId('facts'),
    rows,
    ([name]) => name,
    ([name]) => {
      const value = el('dd')
      return {
        node: el('div', {}, el('dt', {}, name), value),
        update: ([, text]) => put(value, text),
      }
    },
  )
}

export function levels({ log_levels: known, log_level: now }) {
  const select = byId('level')
  if (select.options.length === 0) select.append(...known.map((one) => el('option', {}, one)))
  if (document.activeElement !== select) select.value = now
}

export function tiles(tracks, clusters) {
  const all = [...tracks.listeners.values()]
  const hosts = clusters.flatMap((one) => one.hosts)
  const fit = hosts.filter((host) => host.health === 'healthy').length
  const slow = worst(all)
  const shown = [
    rateTile('Requests in', tracks.total('in', ['rq_total'])),
    rateTile('Requests out', tracks.total('out', ['rq_total'])),
    { ...rateTile('Failures in', tracks.total('in', FAILED_IN)), bad: true },
    { ...rateTile('Failures out', tracks.total('out', FAILED_OUT)), bad: true },
    { name: 'Slowest listener, p99', value: duration(slow.p99), note: slow.name },
    {
      name: 'Healthy hosts',
      value: `${fit} of ${hosts.length}`,
      note: `${shortNumber(sum(all, 'cx_active'))} connections open`,
      bad: true,
      level: hosts.length - fit,
    },
  ]
  keep(byId('tiles'), shown, ({ name }) => name, tile)
}

function rateTile(name, rates) {
  const now = rates.at(-1) ?? 0
  return { name, value: shortNumber(now), unit: '/s', line: rates, level: now }
}

function tile({ name, line }) {
  const value = el('span')
  const unit = el('small')
  const note = el('p', { class: 'note' })
  const spark = line ? sparkline() : null
  const node = el(
    'div',
    { class: 'tile' },
    el('h3', {}, name),
    el('p', { class: 'figure' }, value, unit),
    spark?.node ?? note,
  )
  return {
    node,
    update(now) {
      put(value, now.value)
      put(unit, now.unit ?? '')
      put(note, now.note ?? '')
      spark?.update(now.line)
      node.classList.toggle('bad', now.bad === true && now.level > 0)
    },
  }
}

function worst(tracks) {
  let found = { name: 'no requests yet', p99: null }
  for (const track of tracks) {
    const [p99] = track.quantiles('rq_duration', [0.99])
    if (p99 !== null && (found.p99 === null || p99 > found.p99))
      found = { name: track.labels.listener, p99 }
  }
  return found
}

function sum(tracks, name) {
  return tracks.reduce((total, track) => total + track.now(name), 0)
}

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
  const body = el('tbody')
  const titles = [
    'Host',
    'Health',
    'Active',
    'Requests',
    'Errors',
    'Time-outs',
    'Connections',
    'Not connected',
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
      fit,
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
      fit.className = `fit ${healthy === now.hosts.length ? 'good' : healthy === 0 ? 'bad' : 'warn'}`
      figures(cells, track, FAILED_OUT)
      spark.update(track?.rates(['rq_total']) ?? [])
      const rows = now.hosts.map((host) => ({
        host,
        fresh: health.isFresh(now.name, host.address),
      }))
      keep(body, rows, ({ host }) => host.address, hostRow)
    },
  }
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

export function showChanges({ changes }) {
  byId('no-changes').hidden = changes.length > 0
  keep(
    byId('changes'),
    changes,
    (one) => `${one.at} ${one.cluster} ${one.address}`,
    (one) => ({
      node: el(
        'li',
        {},
        el(
          'time',
          { datetime: new Date(one.at).toISOString() },
          new Date(one.at).toLocaleTimeString('en-GB'),
        ),
        el('span', {}, `${one.cluster} `, el('strong', {}, one.address)),
        el(
          'span',
          {},
          `${one.from} → `,
          el('span', { class: `health ${one.to}` }, one.to),
          one.why === '' ? null : el('span', { class: 'quiet' }, ` ${one.why}`),
        ),
      ),
      update: () => {},
    }),
  )
}
