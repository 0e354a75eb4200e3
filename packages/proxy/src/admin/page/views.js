/** From numbers to elements. Every view is made once and then only updated. */

import { byId, el, keep, put, sparkline } from './draw.js'
import { FAILED_IN, FAILED_OUT } from './model.js'
import { duration, shortNumber, uptime } from './numbers.js'

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
