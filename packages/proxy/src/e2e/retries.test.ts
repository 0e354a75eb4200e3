import {
  ask,
  cluster,
  type HttpHost,
  rpcListener,
  Stage,
  type TestProxy,
  until,
  webListener,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

/** Waits between tries as short as can be said. */
const SOON = { base_interval: '0.001s' }

interface Played {
  readonly hosts: readonly HttpHost[]
  readonly proxy: TestProxy
  readonly port: number
}

/** A proxy that tries again as the policy says; its hosts answer with these statuses in turn, then with 200. */
async function play(
  policy: object,
  statuses: readonly (number | 'reset' | 'silence')[],
  {
    hosts: count = 1,
    ...extra
  }: { readonly hosts?: number; readonly [field: string]: unknown } = {},
): Promise<Played> {
  let answered = 0
  const hosts = await Promise.all(
    Array.from({ length: count }, () =>
      stage.httpHost((asked, response) => {
        const status = statuses[answered++] ?? 200
        if (status === 'silence') return
        if (status === 'reset') response.socket?.resetAndDestroy()
        else response.writeHead(status).end(`${status} ${asked.body}`)
      }),
    ),
  )
  const retry_policy = { retry_back_off: SOON, ...policy }
  const ports = hosts.map(({ port }) => port)
  const proxy = await stage.proxy(
    [webListener('a', { retry_policy })],
    [cluster('a', ports, extra)],
  )
  return { hosts, proxy, port: proxy.port('web') }
}

describe('a request is tried again', () => {
  it.each<[string, object, readonly (number | 'reset')[]]>([
    ['after 5xx', { retry_on: '5xx' }, [500]],
    ['after a reset, which counts as 5xx', { retry_on: '5xx' }, ['reset']],
    ['after gateway errors', { retry_on: 'gateway-error', num_retries: 3 }, [502, 503, 504]],
    ['after a reset', { retry_on: 'reset' }, ['reset']],
    [
      'after a status on a list',
      { retry_on: 'retriable-status-codes', retriable_status_codes: [429, 404], num_retries: 2 },
      [429, 404],
    ],
    ['after 409', { retry_on: 'retriable-4xx' }, [409]],
    ['until it is answered well', { retry_on: '5xx,reset', num_retries: 4 }, [500, 'reset', 503]],
  ])('%s', async (_, policy, statuses) => {
    const { hosts, proxy, port } = await play(policy, statuses)
    const answer = await ask(port, '/', { method: 'POST', body: 'order' })
    expect([answer.status, answer.body]).toEqual([200, '200 order'])
    expect(hosts[0]!.asked.map(({ body }) => `${body}`)).toEqual(
      new Array(statuses.length + 1).fill('order'),
    )
    expect(proxy.cluster('a')).toMatchObject({
      rq_retry: statuses.length,
      rq_retry_success: 1,
      rq_retry_limit: 0,
      rq_active: 0,
    })
  })

  it.each([
    ['4xx', { retry_on: '5xx' }, 404],
    ['what is no gateway error', { retry_on: 'gateway-error' }, 500],
    ['a status that is not on the list', { retry_on: 'retriable-status-codes' }, 503],
    ['anything when no retry is allowed', { retry_on: '5xx', num_retries: 0 }, 500],
  ])('not after %s', async (_, policy, status) => {
    const { hosts, port } = await play(policy, [status])
    expect((await ask(port, '/')).status).toBe(status)
    expect(hosts[0]!.asked).toHaveLength(1)
  })

  it('so often and no more: the last answer is passed on', async () => {
    const { hosts, proxy, port } = await play(
      { retry_on: '5xx', num_retries: 2 },
      [500, 501, 502, 503],
    )
    expect((await ask(port, '/')).body).toBe('502 ')
    expect(hosts[0]!.asked).toHaveLength(3)
    expect(proxy.cluster('a')).toMatchObject({
      rq_retry: 2,
      rq_retry_limit: 1,
      rq_retry_success: 0,
    })
  })

  it('when one try takes too long', async () => {
    const policy = { retry_on: '5xx', per_try_timeout: '0.04s' }
    const { hosts, proxy, port } = await play(policy, ['silence'])
    expect((await ask(port, '/')).status).toBe(200)
    expect(hosts[0]!.asked).toHaveLength(2)
    expect(proxy.cluster('a')).toMatchObject({ rq_per_try_timeout: 1, rq_retry: 1, rq_timeout: 0 })
  })

  it('and says which try took too long when all do', async () => {
    const policy = { retry_on: '5xx', per_try_timeout: '0.02s' }
    const { port } = await play(policy, ['silence', 'silence'])
    const { status, body } = await ask(port, '/')
    expect(status).toBe(504)
    expect(body).toMatch(
      /^hop: upstream: 127.0.0.1:\d+: no answer within 20 ms \(per_try_timeout\)/,
    )
  })

  it('at hosts that were not tried before, if asked for', async () => {
    const type =
      'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'
    const policy = {
      retry_on: '5xx',
      num_retries: 3,
      retry_host_predicate: [{ name: 'previous_hosts', typed_config: { '@type': type } }],
    }
    for (const lb_policy of ['ROUND_ROBIN', 'RANDOM', 'LEAST_REQUEST']) {
      const { hosts, port } = await play(policy, [500, 500, 500], { hosts: 4, lb_policy })
      expect((await ask(port, '/')).status).toBe(200)
      expect(hosts.map(({ asked }) => asked.length)).toEqual([1, 1, 1, 1])
      await stage.clear()
    }
  })
})

describe('a body', () => {
  it('is kept for another try, as it was', async () => {
    const { hosts, port } = await play({ retry_on: '5xx' }, [503])
    const body = Buffer.alloc(900_000, 'abcdefg')
    expect((await ask(port, '/', { method: 'POST', body })).status).toBe(200)
    expect(hosts[0]!.asked.map((asked) => asked.body.equals(body))).toEqual([true, true])
  })

  it('in chunks is kept with its trailers', async () => {
    const { hosts, port } = await play({ retry_on: '5xx' }, [503])
    const client = await stage.rawClient(port)
    client.write(
      'POST / HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n',
    )
    client.write('6\r\nsecond\r\n0\r\nx-sum: 7\r\n\r\n')
    await client.untilText('200 firstsecond')
    expect(hosts[0]!.asked.map(({ body }) => `${body}`)).toEqual(['firstsecond', 'firstsecond'])
  })

  it('that is larger than may be kept is not sent again', async () => {
    const { hosts, port } = await play({ retry_on: '5xx' }, [503], {
      per_connection_buffer_limit_bytes: 100_000,
    })
    const body = Buffer.alloc(500_000, 'x')
    expect((await ask(port, '/', { method: 'POST', body })).status).toBe(503)
    expect(hosts[0]!.asked).toHaveLength(1)
  })

  it('that is still coming when its try fails is not lost', async () => {
    const host = await stage.rawHost((peer, index) => {
      if (index === 0)
        peer
          .until(() => peer.receivedBytes > 60_000)
          .then(
            () => peer.reset(),
            () => {},
          )
    })
    const retry_policy = { retry_on: 'reset', retry_back_off: { base_interval: '0.05s' } }
    const proxy = await stage.proxy(
      [webListener('a', { retry_policy })],
      [cluster('a', [host.port], { per_connection_buffer_limit_bytes: 65_536 })],
    )
    const client = await stage.rawClient(proxy.port('web'))
    client.write('POST / HTTP/1.1\r\nhost: shop\r\ncontent-length: 130000\r\n\r\n')
    client.write(Buffer.alloc(62_000, 'a'))
    await until(() => proxy.cluster('a').rq_retry === 1)
    client.write(Buffer.alloc(68_000, 'b'))
    await until(() => host.peers.length === 2)
    const again = await host.peers[1]!.until(
      (peer) => peer.text.endsWith('b') && peer.receivedBytes > 130_000,
    )
    const sent = again.text.slice(again.text.indexOf('\r\n\r\n') + 4)
    expect(sent).toBe('a'.repeat(62_000) + 'b'.repeat(68_000))
  })
})

describe('max_retries', () => {
  it('bounds the retries of all requests at once', async () => {
    const tried = new Set<string>()
    const host = await stage.httpHost(({ path }, response) => {
      response.writeHead(tried.has(path) ? 200 : 503).end()
      tried.add(path)
    })
    const retry_policy = { retry_on: '5xx', retry_back_off: { base_interval: '0.1s' } }
    const circuit_breakers = { thresholds: [{ max_retries: 2 }] }
    const proxy = await stage.proxy(
      [webListener('a', { retry_policy })],
      [cluster('a', [host.port], { circuit_breakers })],
    )
    const port = proxy.port('web')
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(port, `/${i}`)))
    const well = answers.filter(({ status }) => status === 200).length
    const { rq_retry, rq_retry_overflow } = proxy.cluster('a')
    expect(well).toBe(rq_retry)
    expect(rq_retry).toBeGreaterThanOrEqual(2)
    expect(rq_retry_overflow).toBeGreaterThan(0)
    expect(rq_retry + rq_retry_overflow).toBe(20)
  })
})

describe('a Bolt request', () => {
  it('is tried again by policy under another id, with all of it', async () => {
    let answered = 0
    const host = await stage.boltHost((asked) => {
      if (answered++ === 0) asked.answer('busy', 4)
      else if (answered === 2) asked.peer.reset()
      else asked.answer()
    })
    const retry_policy = { retry_on: 'gateway-error,reset', num_retries: 2, retry_back_off: SOON }
    const proxy = await stage.proxy(
      [rpcListener('a', { retry_policy })],
      [cluster('a', [host.port])],
    )
    for (const voice of ['v1', 'crc'] as const) {
      answered = 0
      const client = await stage.boltClient(proxy.port('rpc'), voice)
      const answer = await client.call({ id: 99, content: 'order' })
      expect([answer.id, answer.status, answer.text]).toEqual([99, 0, 'order'])
    }
    expect(host.asked.map(({ text }) => text)).toEqual(new Array(6).fill('order'))
    expect(proxy.cluster('a')).toMatchObject({ rq_retry: 4, rq_retry_success: 2, rq_active: 0 })
  })
})
