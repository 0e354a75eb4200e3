import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type Logger, type LogLevel, MeshError, Metrics, silentLogger } from '@tulle/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clusterFamily } from '../metrics.ts'
import { AdminServer } from './server.ts'
import type { AdminSubject, ClusterView, ListenerView } from './subject.ts'

const LIMITS = { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 }
const CLUSTERS: ClusterView[] = [
  {
    name: 'shop',
    balancer: 'round_robin',
    limits: LIMITS,
    hosts: [
      {
        address: '10.0.0.1:80',
        weight: 5,
        priority: 0,
        health: 'unhealthy',
        unfit: ['failed health check'],
        active: 6,
        rq_total: 7,
        rq_error: 8,
        rq_timeout: 9,
        cx_active: 10,
        cx_connect_fail: 11,
      },
    ],
  },
]
const LISTENERS: ListenerView[] = [
  {
    name: 'in',
    address: '0.0.0.0:80',
    state: 'listening',
    chains: [{ stat_prefix: 'in', protocol: 'http' }],
  },
  { name: 'old', address: '0.0.0.0:81', state: 'draining', chains: [] },
]

/** A proxy of which only the surface exists. */
class FakeSubject implements AdminSubject {
  why = ''
  drained = 0
  logLevel: LogLevel = 'info'
  broken = false
  ready = () => ({ ok: this.why === '', why: this.why })
  info = () => ({
    id: 'front-1',
    version: '1.2.3',
    configVersion: 4,
    startedAt: 1000,
    workers: 2,
    pid: 77,
  })
  metrics = async () => {
    if (this.broken) throw new Error('worker 2 does not answer')
    const metrics = new Metrics()
    metrics.series(clusterFamily, 'shop').rq_total = 12
    return metrics
  }
  clusters = async () => CLUSTERS
  listeners = async () => LISTENERS
  configDump = () => ({ upgrades: new Set(['websocket']), path: /^a$/, named: new Map([['a', 1]]) })
  drain = () => {
    this.drained++
  }
}

const logged: string[] = []
const log: Logger = {
  ...silentLogger,
  error: (message) => logged.push(message),
  warn: (message) => logged.push(message),
}
const clock = { now: () => 0, wall: () => 66_000 }
const subject = new FakeSubject()
const server = new AdminServer({ subject, address: { host: '127.0.0.1', port: 0 }, log, clock })
let base = ''

beforeAll(async () => {
  const { host, port } = await server.listen()
  base = `http://${host}:${port}`
})
beforeEach(() => {
  Object.assign(subject, { why: '', drained: 0, logLevel: 'info', broken: false })
  logged.length = 0
})
afterAll(() => server.close())

async function get(path: string, headers: Record<string, string> = {}) {
  return read(await fetch(base + path, { headers }))
}
async function send(method: string, path: string, headers: Record<string, string> = {}) {
  return read(await fetch(base + path, { method, headers }))
}
async function read(answer: Response) {
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('GET /ready', () => {
  it('is 200 LIVE while new work may come', async () => {
    expect(await get('/ready')).toMatchObject({ status: 200, text: 'LIVE\n' })
  })

  it('is 503 with the reason otherwise', async () => {
    subject.why = 'draining since 12:00'
    expect(await get('/ready')).toMatchObject({ status: 503, text: 'draining since 12:00\n' })
  })
})

describe('GET /server_info', () => {
  it('says who this is and how long it runs', async () => {
    expect(JSON.parse((await get('/server_info')).text)).toMatchObject({
      id: 'front-1',
      version: '1.2.3',
      state: 'LIVE',
      config_version: 4,
      started_at: '1970-01-01T00:00:01.000Z',
      uptime_seconds: 65,
      workers: 2,
      pid: 77,
      log_level: 'info',
    })
  })

  it('is 200 even when not ready, and says why', async () => {
    subject.why = 'draining'
    const { status, text } = await get('/server_info')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ state: 'NOT_READY', why: 'draining' })
  })
})

describe('GET /stats', () => {
  it('writes lines', async () => {
    const { text, headers } = await get('/stats?usedonly')
    expect(text).toBe('upstream.shop.rq_total: 12\n')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it('filters by a regular expression', async () => {
    const { text } = await get('/stats?filter=rq_[25]xx$')
    expect(text).toBe('upstream.shop.rq_2xx: 0\nupstream.shop.rq_5xx: 0\n')
  })

  it('gives JSON with the time of reading', async () => {
    expect(JSON.parse((await get('/stats?format=json&usedonly')).text)).toEqual({
      at: 66_000,
      series: [{ family: 'upstream', labels: { cluster: 'shop' }, values: { rq_total: 12 } }],
    })
  })

  it('gives the text of Prometheus', async () => {
    const { text, headers } = await get('/stats?format=prometheus')
    expect(text).toContain('tulle_upstream_rq_total{cluster="shop"} 12\n')
    expect(headers.get('content-type')).toContain('version=0.0.4')
  })

  it.each([
    ['/stats?filter=(', 'filter "(" is not a regular expression\n'],
    ['/stats?format=xml', 'no format "xml" of /stats; known: text, json, prometheus\n'],
    ['/clusters?format=xml', 'no format "xml" of /clusters; known: text, json\n'],
    ['/listeners?format=', 'no format "" of /listeners; known: text, json\n'],
    ['/metrics?filter=[', 'filter "[" is not a regular expression\n'],
  ])('refuses %s with a sentence', async (path, sentence) => {
    expect(await get(path)).toMatchObject({ status: 400, text: sentence })
  })
})

describe('GET /metrics', () => {
  it('is OpenMetrics for those who accept it', async () => {
    const { text, headers } = await get('/metrics', { accept: 'application/openmetrics-text' })
    expect(headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
    expect(text).toContain('# TYPE tulle_upstream_rq counter\n')
    expect(text).toMatch(/# EOF\n$/)
  })

  it('is the older text for everybody else', async () => {
    const { text, headers } = await get('/metrics')
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(text).toContain('# TYPE tulle_upstream_rq_total counter\n')
  })
})

describe('GET /clusters', () => {
  it('writes every number of every host on a line', async () => {
    const { text } = await get('/clusters')
    const lines = text.trimEnd().split('\n')
    expect(lines).toContain('shop::balancer::round_robin')
    expect(lines).toContain('shop::default_priority::max_retries::4')
    expect(lines.filter((line) => line.includes('10.0.0.1'))).toEqual([
      'shop::10.0.0.1:80::cx_active::10',
      'shop::10.0.0.1:80::cx_connect_fail::11',
      'shop::10.0.0.1:80::rq_active::6',
      'shop::10.0.0.1:80::rq_error::8',
      'shop::10.0.0.1:80::rq_timeout::9',
      'shop::10.0.0.1:80::rq_total::7',
      'shop::10.0.0.1:80::health_flags::unhealthy/failed health check',
      'shop::10.0.0.1:80::weight::5',
      'shop::10.0.0.1:80::priority::0',
    ])
  })

  it('gives the same as JSON', async () => {
    expect(JSON.parse((await get('/clusters?format=json')).text)).toEqual({ clusters: CLUSTERS })
  })
})

describe('GET /listeners', () => {
  it('writes a line for each, and says which drain', async () => {
    expect((await get('/listeners')).text).toBe('in::0.0.0.0:80\nold::0.0.0.0:81::draining\n')
  })

  it('gives the same as JSON', async () => {
    expect(JSON.parse((await get('/listeners?format=json')).text)).toEqual({ listeners: LISTENERS })
  })
})

it('GET /config_dump writes sets, maps and regular expressions as JSON can', async () => {
  expect(JSON.parse((await get('/config_dump')).text)).toEqual({
    upgrades: ['websocket'],
    path: '^a$',
    named: { a: 1 },
  })
})

describe('/logging', () => {
  it('shows the level and the known ones', async () => {
    expect((await get('/logging')).text).toBe('level: info\nknown: debug, info, warn, error, off\n')
  })

  it('sets it by POST', async () => {
    expect(await send('POST', '/logging?level=debug')).toMatchObject({
      status: 200,
      text: 'level: debug\n',
    })
    expect(subject.logLevel).toBe('debug')
  })

  it.each([
    ['/logging?level=loud', 'no log level "loud"; known: debug, info, warn, error, off\n'],
    ['/logging', 'say which level: /logging?level=LEVEL; known: debug, info, warn, error, off\n'],
  ])('refuses POST %s and leaves the level', async (path, sentence) => {
    expect(await send('POST', path)).toMatchObject({ status: 400, text: sentence })
    expect(subject.logLevel).toBe('info')
  })

  it('does not set it by GET', async () => {
    await get('/logging?level=debug')
    expect(subject.logLevel).toBe('info')
  })
})

describe('/drain', () => {
  it('only explains itself by GET', async () => {
    expect((await get('/drain')).text).toContain('a POST to /drain makes this proxy stop')
    expect(subject.drained).toBe(0)
  })

  it('drains by POST', async () => {
    expect(await send('POST', '/drain')).toMatchObject({ status: 200, text: 'draining\n' })
    expect(subject.drained).toBe(1)
  })

  it('does not drain for a page from elsewhere', async () => {
    const { status, text } = await send('POST', '/drain', { origin: 'http://evil.example' })
    expect(status).toBe(403)
    expect(text).toContain('not http://evil.example')
    expect(subject.drained).toBe(0)
  })
})

describe('whatever else is asked', () => {
  it('names the known paths for an unknown one', async () => {
    const { status, text } = await get('/nothing')
    expect(status).toBe(404)
    expect(text).toBe(
      'no "/nothing" here; known: /, /ready, /server_info, /logging, /drain, /stats, /metrics, /clusters, /listeners, /config_dump, /help\n',
    )
  })

  it.each([
    ['POST', '/stats', '/stats does not know POST; use GET\n', 'GET, HEAD'],
    ['POST', '/page.js', 'no "/page.js" here', null],
    ['DELETE', '/drain', '/drain does not know DELETE; use GET or POST\n', 'GET, HEAD, POST'],
    ['PUT', '/', '/ does not know PUT; use GET\n', 'GET, HEAD'],
  ])('refuses %s %s', async (method, path, sentence, allow) => {
    const { status, text, headers } = await send(method, path)
    expect(status).toBe(allow === null ? 404 : 405)
    expect(text).toContain(sentence)
    expect(headers.get('allow')).toBe(allow)
  })

  it('answers HEAD without a body', async () => {
    const { status, text, headers } = await send('HEAD', '/stats')
    expect([status, text]).toEqual([200, ''])
    expect(Number(headers.get('content-length'))).toBeGreaterThan(100)
  })

  it('refuses a name that was made to point here', async () => {
    const asked = request(`${base}/stats`, { headers: { host: 'evil.example' } }).end()
    const [answer] = await once(asked, 'response')
    answer.resume()
    expect(answer.statusCode).toBe(403)
  })

  it('says what failed, and logs it', async () => {
    subject.broken = true
    const found = await get('/stats')
    expect(found).toMatchObject({ status: 500, text: '/stats failed: worker 2 does not answer\n' })
    expect(logged).toEqual(['admin request failed'])
  })

  it('goes on after bytes that are no HTTP', async () => {
    const { port } = new URL(base)
    const socket = connect(Number(port), '127.0.0.1')
    socket.end('\0\x16\x03 garbage\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    expect((await get('/ready')).status).toBe(200)
  })
})

describe('the page', () => {
  it('comes with all it refers to, and with nothing from elsewhere', async () => {
    const { text, headers } = await get('/')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(text).not.toMatch(/(?:src|href)="(?!\/)/)
    const modules = ['/page.js', '/draw.js', '/model.js', '/numbers.js', '/tables.js', '/views.js']
    for (const path of [...modules, '/page.css', '/icon.svg'])
      expect((await get(path)).status, path).toBe(200)
    for (const path of modules)
      for (const [, imported] of (await get(path)).text.matchAll(/from '\.([^']+)'/g))
        expect(modules).toContain(imported)
  })

  it('stands in /help with everything else', async () => {
    const { text } = await get('/help')
    expect(text).toMatch(/^\/ +the page for people/)
    expect(text.trimEnd().split('\n')).toHaveLength(11)
  })
})

describe('listening', () => {
  it('says that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const late = new AdminServer({ subject, address: { host: '127.0.0.1', port }, log })
    const error = await late.listen().catch((cause) => cause)
    other.close()
    expect(error).toBeInstanceOf(MeshError)
    expect(error.code).toBe('PORT_IN_USE')
    expect(error.message).toContain(`cannot use 127.0.0.1:${port}: another process listens there`)
  })

  it('says what else went wrong', async () => {
    const lost = new AdminServer({ subject, address: { host: '192.0.2.1', port: 0 }, log })
    await expect(lost.listen()).rejects.toMatchObject({ code: 'LISTEN_FAILED' })
  })

  it('warns when others can reach it', async () => {
    const open = new AdminServer({ subject, address: { host: '0.0.0.0', port: 0 }, log })
    await open.listen()
    await open.close()
    expect(logged).toEqual(['admin listens beyond loopback and has no password'])
  })

  it('closes although a reader keeps its connection', async () => {
    const brief = new AdminServer({ subject, address: { host: '127.0.0.1', port: 0 }, log })
    const { port } = await brief.listen()
    const reader = connect(port, '127.0.0.1')
    reader.write('GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(reader, 'data')
    await brief.close()
    await brief.close()
    if (!reader.closed) await once(reader, 'close')
    expect(reader.closed).toBe(true)
  })
})
