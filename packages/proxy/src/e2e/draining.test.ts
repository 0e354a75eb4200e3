import type { ServerResponse } from 'node:http'
import {
  ADMIN,
  type BoltAsked,
  boltChain,
  bootstrap,
  cluster,
  deadPort,
  everyCall,
  everything,
  httpChain,
  listener,
  RawPeer,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const GET = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

/** A proxy process before hosts that leave every request to the test. */
async function busy(...args: string[]) {
  const waiting: (ServerResponse | BoltAsked)[] = []
  const web = await stage.httpHost((_, response) => waiting.push(response))
  const rpc = await stage.boltHost((asked) => waiting.push(asked))
  const ports = { web: await deadPort(), rpc: await deadPort() }
  const process = stage.process(
    bootstrap(
      [
        listener('web', [httpChain([everything('web')])], { port: ports.web }),
        listener('rpc', [boltChain([everyCall('rpc')], { drain_timeout: '0.3s' })], {
          port: ports.rpc,
        }),
      ],
      [cluster('web', [web.port]), cluster('rpc', [rpc.port])],
      ADMIN,
    ),
    ...args,
  )
  await process.logged('ready')
  return { process, ports, waiting }
}

/** What a client hears when the last worker listens no more. */
async function refusal(port: number): Promise<string> {
  for (;;)
    try {
      const client = await RawPeer.connect(port)
      client.destroy()
    } catch (error) {
      return String(error)
    }
}

describe.each([
  ['a proxy in one process', []],
  ['a proxy of two workers', ['--concurrency', '2']],
])('%s', (_, args) => {
  it('that is told to end lets calls under way end, takes no more, and exits with 0', async () => {
    const { process, ports, waiting } = await busy(...args)
    const [idle, client] = [await stage.rawClient(ports.web), await stage.rawClient(ports.web)]
    idle.write(GET)
    await until(() => waiting.length === 1)
    const [first] = waiting.splice(0)
    if ('end' in first!) first.end('first')
    await idle.untilText('first')
    const bolt = await stage.boltClient(ports.rpc)
    client.write(GET)
    const call = bolt.call()
    await until(() => waiting.length === 2)
    process.kill('SIGTERM')
    await idle.untilEnd()
    idle.destroy()
    expect(await refusal(ports.web)).toContain('ECONNREFUSED')
    expect(await process.admin('/ready')).toContain('draining')
    const late = bolt.call({ content: 'late' })
    await until(() => waiting.length === 3)
    for (const one of waiting) 'end' in one ? one.end('done') : one.answer('done')
    const answer = await client.untilEnd()
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toMatch(/connection: close\r\n/i)
    expect(answer).toMatch(/done$/)
    expect([(await call).text, (await late).text]).toEqual(['done', 'done'])
    for (const { socket } of [client, bolt.peer]) socket.destroy()
    expect(await process.exit).toEqual({ code: 0, signal: null })
    expect(process.said).toBe('')
  })
})

describe('a call that does not end', () => {
  it('does not keep the process beyond its time to drain', async () => {
    const { process, ports, waiting } = await busy('--drain-time-s', '0')
    const client = (await stage.rawClient(ports.web)).write(GET)
    await until(() => waiting.length === 1)
    process.kill('SIGTERM')
    expect(await process.exit).toEqual({ code: 0, signal: null })
    await client.until(({ ended, socket }) => ended || socket.destroyed)
  })
})

describe('a proxy that cannot begin', () => {
  it('says so too when the port is shared by the workers of another proxy', async () => {
    const config = bootstrap(
      [listener('web', [httpChain([everything('a')])], { port: await deadPort() })],
      [cluster('a', [])],
    )
    await stage.process(config, '--concurrency', '2').logged('ready')
    const second = stage.process(config, '--concurrency', '2')
    expect(await second.exit).toEqual({ code: 1, signal: null })
    expect(second.said).toContain('another process already does')
  })

  it.each([[[]], [['--concurrency', '2']]])(
    'says in one sentence that a port is in use (%j)',
    async (args) => {
      const taken = await stage.rawHost()
      const process = stage.process(
        bootstrap(
          [listener('web', [httpChain([everything('a')])], { port: taken.port })],
          [cluster('a', [])],
        ),
        ...args,
      )
      expect(await process.exit).toEqual({ code: 1, signal: null })
      expect(process.said).toBe(
        `tulle: cannot listen on 127.0.0.1:${taken.port} (listener "web"): another process already does; stop it or change port_value\n`,
      )
    },
  )

  it('says all that is wrong with its configuration', async () => {
    const process = stage.process(
      bootstrap(
        [],
        [cluster('a', [], { lb_polcy: 'RANDOM' }), cluster('b', [], { type: 'STATC' })],
      ),
    )
    expect((await process.exit).code).toBe(1)
    expect(process.said).toContain('lb_polcy')
    expect(process.said).toContain('STATC')
    expect(process.said).not.toContain('    at ')
  })
})
