import {
  type BoltAsked,
  cluster,
  everything,
  httpChain,
  listener,
  rpcListener,
  rpcOptions,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const stage = new Stage()
afterEach(() => stage.clear())

/** A Bolt client's proxy, a network that knows only HTTP, the proxy of a Bolt host. */
async function play(answer?: (asked: BoltAsked) => void, routes = [everything('host')]) {
  const host = await stage.boltHost(answer)
  const far = await stage.proxy(
    [listener('web', [httpChain(routes)])],
    [cluster('host', [host.port], rpcOptions({ protocol: 'bolt' }))],
  )
  const near = await stage.proxy(
    [rpcListener('far', { timeout: '2s' })],
    [cluster('far', [far.port('web')], rpcOptions({ http2_wrapped: true }))],
  )
  return { host, far, near, client: await stage.boltClient(near.port('rpc')) }
}

describe('Bolt through a network that knows only HTTP', () => {
  it('arrives as it left, and is HTTP/2 between', async () => {
    const { far, near, host, client } = await play()
    const answer = await client.call({ service: 'a.B:1.0', method: 'm', content: 'hello' })
    expect(answer.text).toBe('hello')
    expect(host.asked[0]!.seen.header('service')).toBe('a.B:1.0')
    expect(far.listener('web', 0, 'h2').rq_total).toBe(1)
    expect(near.cluster('far')).toMatchObject({ rq_2xx: 1, rq_active: 0 })
    expect(far.cluster('host')).toMatchObject({ rq_2xx: 1, rq_active: 0 })
  })

  it('takes many calls at once over one connection, each answered under its own id', async () => {
    const { near, host, client } = await play()
    const second = await stage.boltClient(near.port('rpc'))
    const calls = [client, second].flatMap((one, k) =>
      Array.from({ length: 40 }, async (_, i) => {
        const content = `${k}-${i}`
        expect((await one.call({ content })).text).toBe(content)
      }),
    )
    await Promise.all(calls)
    expect(near.cluster('far').cx_total).toBe(1)
    expect(host.raw.peers).toHaveLength(1)
  })

  it('tells rules on the way its service, method and headers', async () => {
    const match = {
      prefix: '/a.B',
      headers: [{ name: 'tenant', string_match: { exact: 'blue' } }],
    }
    const { client } = await play(undefined, [{ match, route: { cluster: 'host' } }])
    const asked = {
      service: 'a.B',
      method: 'm',
      headers: [['Tenant', 'blue']] as [string, string][],
    }
    expect((await client.call({ ...asked, content: 'yes' })).text).toBe('yes')
    const other = await client.call({ service: 'a.B', method: 'm' })
    expect(other.header('tulle_error')).toMatch(/^hop: proxy: no route .* "\/a.B\/m"/)
  })

  it('carries one-way calls, which nobody answers', async () => {
    const { host, near, far, client } = await play()
    client.call({ oneway: true, content: 'fire' })
    await until(() => host.asked.length === 1)
    expect(host.asked[0]!.text).toBe('fire')
    await until(() => near.cluster('far').rq_active === 0)
    expect((await client.call({ content: 'then' })).text).toBe('then')
    expect(client.strays).toEqual([])
    expect(far.cluster('host').rq_active).toBe(0)
  })

  it('carries a megabyte both ways', async () => {
    const { client } = await play()
    const content = Buffer.alloc(1 << 20, 'x')
    expect((await client.call({ content })).content.equals(content)).toBe(true)
  })

  it('says in Bolt what went wrong on the far side', async () => {
    const { client } = await play((asked) => asked.peer.destroy())
    const answer = await client.call()
    expect(answer.status).not.toBe(0)
    expect(answer.header('tulle_error')).toMatch(/127\.0\.0\.1:\d+ closed the connection/)
  })

  it('says so where the far side knows nothing of it', async () => {
    const web = await stage.httpHost((_request, respond) => respond.end('hello, browser'))
    const near = await stage.proxy(
      [rpcListener('far')],
      [cluster('far', [web.port], rpcOptions({ http2_wrapped: true }))],
    )
    const client = await stage.boltClient(near.port('rpc'))
    expect((await client.call()).status).not.toBe(0)
  })

  it('refuses what carries no call', async () => {
    const { far, host } = await play()
    const answer = await fetch(`http://127.0.0.1:${far.port('web')}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.tulle.bolt' },
      body: 'no frame',
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toBe('hop: downstream: body: is no call of bolt\n')
    expect(host.asked).toEqual([])
  })
})
