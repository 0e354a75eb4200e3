import { describe, expect, it } from 'vitest'

// A plain script of the page: it has no types of its own.
const { HealthLog, Tracks } = await import(new URL('./model.js', import.meta.url).href)

const host = (address: string, health = 'healthy', unfit: string[] = []) => ({
  address,
  health,
  unfit,
})
const shop = (...hosts: object[]) => [{ name: 'shop', hosts }]

describe('HealthLog', () => {
  it('does not call what it sees first a change', () => {
    const log = new HealthLog()
    log.take(shop(host('a', 'unhealthy')))
    expect(log.changes).toEqual([])
  })

  it('notes who fell ill and why, who came and who went, newest first', () => {
    const log = new HealthLog()
    log.take(shop(host('a'), host('b')))
    log.take(shop(host('a', 'unhealthy', ['failed health check']), host('b')))
    log.take(shop(host('a', 'unhealthy', ['failed health check']), host('c')))
    const said = log.changes.map((one: Record<string, string>) => [
      one.address,
      one.from,
      one.to,
      one.why,
    ])
    expect(said).toEqual([
      ['b', 'healthy', 'gone', ''],
      ['c', 'new', 'healthy', ''],
      ['a', 'healthy', 'unhealthy', 'failed health check'],
    ])
    expect(log.isFresh('shop', 'a')).toBe(true)
    expect(log.isFresh('other', 'a')).toBe(false)
  })

  it('remembers only the newest dozen', () => {
    const log = new HealthLog()
    for (let i = 0; i < 40; i++) log.take(shop(host('a', i % 2 === 0 ? 'healthy' : 'unhealthy')))
    expect(log.changes).toHaveLength(12)
  })
})

describe('Tracks', () => {
  const answer = (at: number, rq_total: number) => ({
    at,
    series: [
      { family: 'upstream', labels: { cluster: 'shop' }, values: { rq_total } },
      {
        family: 'downstream',
        labels: { listener: 'in', protocol: 'bolt' },
        values: { rq_total: 1 },
      },
      { family: 'server', labels: {}, values: { uptime_seconds: at } },
    ],
  })

  it('keeps clusters and listeners apart and sums each side', () => {
    const tracks = new Tracks()
    tracks.take(answer(0, 0))
    tracks.take(answer(1000, 50))
    expect(tracks.total('out', ['rq_total'])).toEqual([50])
    expect(tracks.total('in', ['rq_total'])).toEqual([0])
  })

  it('forgets a cluster that is gone', () => {
    const tracks = new Tracks()
    tracks.take(answer(0, 0))
    tracks.take({ at: 1000, series: [] })
    expect(tracks.clusters.size).toBe(0)
  })
})
