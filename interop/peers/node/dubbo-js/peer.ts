import { once } from 'node:events'
import http2 from 'node:http2'
import { type Client, type Order, run, Service } from '../peer.ts'
import { DEADLINE_EXCEEDED, dubbo, dubboNode, type EchoClient, echoService } from './library.ts'

/** dubbo-js. Word before the usual ones, for clients: `tri` for Triple's own shape of a call, `grpc` for gRPC's. */
const LONG_MS = 10_000
await run({ serve, connect })

async function serve(port: number): Promise<void> {
  const own = new Service()
  const handler = dubboNode.dubboNodeAdapter({
    routes: (router) =>
      router.service(echoService, {
        echo: (text) => text,
        nested: (order) => order,
        fail: ({ text }) => {
          throw new dubbo.DubboError(text!, dubbo.Code.Unknown)
        },
        nothing: () => ({}),
        fire() {
          own.fire()
          return {}
        },
        fired: () => ({ number: own.fired }),
        sleep: async ({ number }) => ({ text: await own.sleep(number!) }),
      }),
  })
  await once(http2.createServer(handler).listen(port, '127.0.0.1'), 'listening')
}

async function connect(host: string, port: number): Promise<Client> {
  const { createDubboTransport, createGrpcTransport } = dubboNode
  const create = process.argv.includes('grpc') ? createGrpcTransport : createDubboTransport
  const transport = create({ baseUrl: `http://${host}:${port}`, httpVersion: '2' })
  const client: EchoClient = dubbo.createPromiseClient(echoService, transport)
  const timely = { timeoutMs: LONG_MS }
  return {
    echo: async (text) => (await client.echo({ text }, timely)).text!,
    async nested({ id, items, note }) {
      const back = await client.nested({ id, items, ...(note === null ? {} : { note }) }, timely)
      const plain = back.items!.map(({ sku, count }) => ({ sku, count }))
      return { id: back.id!, items: plain, note: back.note ?? null } satisfies Order
    },
    fail: (why) => client.fail({ text: why }, timely),
    nothing: async () => (await client.nothing({}, timely)).text ?? null,
    fire: async (text) => {
      await client.fire({ text }, timely)
    },
    fired: async () => (await client.fired({}, timely)).number!,
    sleep: async (number, timeoutMs) => (await client.sleep({ number }, { timeoutMs })).text!,
    isTimeout: (error) => (error as { code?: number }).code === DEADLINE_EXCEEDED,
    cannot: { oneway: 'dubbo-js has no one-way calls' },
  }
}
