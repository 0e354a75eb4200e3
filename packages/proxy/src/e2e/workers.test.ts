import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import {
  ADMIN,
  ask,
  boltChain,
  bootstrap,
  cluster,
  deadPort,
  everyCall,
  everything,
  httpChain,
  listener,
  Stage,
  until,
} from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const GET = 'GET / HTTP/1.1\r\nhost: shop\r\n\r\n'

const stage = new Stage()
afterEach(() => stage.clear())

describe('several workers', () => {
  it('serve one port, count together, and one that dies is started again', async () => {
    const host = await stage.httpHost()
    const port = await deadPort()
    const process = stage.process(
      bootstrap(
        [listener('web', [httpChain([everything('a')])], { port })],
        [cluster('a', [host.port])],
        ADMIN,
      ),
      '--concurrency',
      '2',
    )
    await process.logged('ready')
    const clients = await Promise.all(Array.from({ length: 40 }, () => stage.rawClient(port)))
    for (const client of clients) await client.write(GET).untilText('\r\n\r\n/')
    expect(await process.admin('/metrics')).toMatch(
      /tulle_downstream_rq_total\{[^}]*listener="web"[^}]*\} 40\n/,
    )
    const [first, second] = process.workers
    globalThis.process.kill(first!, 'SIGKILL')
    await process.logged('worker ended and is started again')
    expect(await process.admin('/ready')).toContain('LIVE')
    await process.admin('/metrics')
    // Those of the worker that died are gone, those of the other go on: both had some.
    await until(() => clients.some(({ ended, socket }) => ended || socket.destroyed))
    const alive = clients.filter(({ ended, socket }) => !ended && !socket.destroyed)
    expect(alive.length).toBeGreaterThan(0)
    expect(alive.length).toBeLessThan(40)
    for (const client of alive) {
      client.forget()
      await client.write(GET).untilText('\r\n\r\n/')
    }
    await until(() => process.workers.length === 2)
    expect(process.workers).toContain(second)
    expect(process.workers).not.toContain(first)
    for (let i = 0; i < 20; i++) expect((await ask(port, '/')).status).toBe(200)
    expect(process.said).toBe('')
  })
})

describe('a configuration file that changes', () => {
  it('is taken over by every worker, and a bad one by none', async () => {
    const host = await stage.httpHost()
    const port = await deadPort()
    const text = (server_name: string): string =>
      bootstrap(
        [listener('web', [httpChain([everything('a')], { server_name })], { port })],
        [cluster('a', [host.port])],
      )
    const process = stage.process(text('first'), '--concurrency', '2')
    await process.logged('ready')
    const servers = async (): Promise<Set<unknown>> => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/')))
      return new Set(answers.map(({ headers }) => headers.server))
    }
    expect(await servers()).toEqual(new Set(['first']))
    writeFileSync(process.path('proxy.yaml'), text('second'))
    await process.logged('configuration applied')
    expect(await servers()).toEqual(new Set(['second']))
    writeFileSync(
      process.path('proxy.yaml'),
      text('third').replace('"cluster":"a"', '"cluster":"b"'),
    )
    await process.logged('configuration refused; the old one serves on')
    expect(await servers()).toEqual(new Set(['second']))
  })
})

describe('the access log', () => {
  const line =
    '%REQ(:METHOD)% %SERVICE% %METHOD% %RESPONSE_CODE% %RESPONSE_FLAGS% %UPSTREAM_HOST%\n'
  const access_log = [
    {
      name: 'file',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
        path: '$FOLDER/access.log',
        log_format: { text_format_source: { inline_string: line } },
      },
    },
  ]

  it('has a line for every call, and goes on in a new file after mv and SIGUSR1', async () => {
    const [web, rpc] = [await stage.httpHost(), await stage.boltHost()]
    const ports = { web: await deadPort(), rpc: await deadPort() }
    const process = stage.process(
      bootstrap(
        [
          listener('web', [httpChain([everything('web')], { access_log })], { port: ports.web }),
          listener('rpc', [boltChain([everyCall('rpc')], { access_log })], { port: ports.rpc }),
        ],
        [cluster('web', [web.port]), cluster('rpc', [rpc.port])],
        ADMIN,
      ),
    )
    await process.logged('ready')
    const [path, old] = [process.path('access.log'), process.path('access.log.1')]
    const bolt = await stage.boltClient(ports.rpc)
    const agent = new http.Agent({ keepAlive: true })
    stage.later(() => agent.destroy())
    await ask(ports.web, '/', { agent, method: 'PUT' })
    await bolt.call({ service: 'shop.Basket:1.0', method: 'put' })
    bolt.tell({ service: 'shop.Basket:1.0', method: 'tell' })
    await until(() => rpc.asked.length === 2)
    await until(() => existsSync(path))
    renameSync(path, old)
    process.kill('SIGUSR1')
    await until(() => existsSync(path))
    await web.close()
    await ask(ports.web, '/', { agent })
    await bolt.call({ method: 'again' })
    process.kill('SIGTERM')
    bolt.close()
    agent.destroy()
    expect((await process.exit).code).toBe(0)
    const after = readFileSync(path, 'utf8')
    // What had not been written yet may stand in either file; nothing is lost, and the order stays.
    expect(readFileSync(old, 'utf8') + after).toBe(
      [
        `PUT shop PUT 200 - 127.0.0.1:${web.port}\n`,
        `- shop.Basket:1.0 put 200 - 127.0.0.1:${rpc.port}\n`,
        `- shop.Basket:1.0 tell 0 - 127.0.0.1:${rpc.port}\n`,
        `GET shop GET 503 UF 127.0.0.1:${web.port}\n`,
        `- shop.Basket:1.0 again 200 - 127.0.0.1:${rpc.port}\n`,
      ].join(''),
    )
    expect(after).toContain('again')
  })
})
