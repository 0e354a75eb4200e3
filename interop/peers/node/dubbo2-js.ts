import { createRequire } from 'node:module'
import { int, order, string } from './hessian.ts'
import { type Client, type Order, run } from './peer.ts'

/** The little of the npm package `dubbo2.js` that is used here. */
const require = createRequire(import.meta.url)
const { DirectlyDubbo } = require('dubbo2.js') as {
  readonly DirectlyDubbo: { from(options: object): Direct }
}
interface Direct {
  proxyService(service: object): Readonly<Record<string, (...args: never[]) => Promise<Answer>>>
}
interface Answer {
  readonly res: unknown
  readonly err: Error | null
}

/** dubbo2.js is a client alone. */
await run({ connect })

async function connect(host: string, port: number): Promise<Client> {
  // A proxy has one time-out, and a connection of its own: two of them, for two time-outs.
  const slow = proxy(host, port, 10)
  const quick = proxy(host, port, 0.3)
  return {
    echo: (text) => call(slow, 'echo', text),
    nested: (it) => call(slow, 'nested', it),
    fail: (why) => call(slow, 'fail', why),
    nothing: () => call(slow, 'nothing'),
    fire: (text) => call(slow, 'fire', text),
    fired: () => call(slow, 'fired'),
    sleep: (ms) => call(quick, 'sleep', ms),
    isTimeout: (error) => error instanceof Error && error.message === 'remote invoke timeout',
    cannot: {
      oneway: 'dubbo2.js has no one-way calls',
      callback: 'dubbo2.js has no callback arguments',
    },
  }
}

function proxy(host: string, port: number, dubboInvokeTimeout: number): object {
  return DirectlyDubbo.from({
    dubboAddress: `${host}:${port}`,
    dubboVersion: '2.0.2',
    dubboInvokeTimeout,
  }).proxyService({
    dubboInterface: 'demo.tulle.Echo',
    version: '1.0.0',
    methods: {
      echo: (text: string) => [string(text)],
      nested: (it: Order) => [order(it)],
      fail: (why: string) => [string(why)],
      nothing: () => [],
      fire: (text: string) => [string(text)],
      fired: () => [],
      sleep: (ms: number) => [int(ms)],
    },
  })
}

async function call<T>(service: object, method: string, ...args: unknown[]): Promise<T> {
  const methods = service as Record<string, (...args: unknown[]) => Promise<Answer>>
  const { res, err } = await methods[method]!(...args)
  if (err !== null) throw err
  return res as T
}
