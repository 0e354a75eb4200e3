import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { createRequire } from 'node:module'

/** All that the messages of echo.proto have. */
export interface Message {
  readonly text?: string
  readonly number?: number
  readonly id?: string
  readonly items?: readonly { readonly sku: string; readonly count: number }[]
  readonly note?: string
}

/** The service as a promise client has it. */
export type EchoClient = Readonly<
  Record<MethodName, (message: Message, options: { timeoutMs: number }) => Promise<Message>>
>

type MethodName = 'echo' | 'nested' | 'fail' | 'nothing' | 'fire' | 'fired' | 'sleep'
type Method = (message: Message) => Message | Promise<Message>
interface Router {
  service(service: object, methods: Readonly<Record<MethodName, Method>>): void
}
type CreateTransport = (options: { baseUrl: string; httpVersion: '2' }) => object

const require = createRequire(import.meta.url)

/** The little of dubbo-js that is used here. */
export const dubbo = require('@apachedubbo/dubbo') as {
  readonly DubboError: new (message: string, code: number) => Error
  readonly Code: { readonly Unknown: number; readonly DeadlineExceeded: number }
  createPromiseClient(service: object, transport: object): EchoClient
}

export const dubboNode = require('@apachedubbo/dubbo-node') as {
  readonly createDubboTransport: CreateTransport
  readonly createGrpcTransport: CreateTransport
  dubboNodeAdapter(options: {
    routes(router: Router): void
  }): (request: Http2ServerRequest, response: Http2ServerResponse) => void
}

const { MethodKind, proto3 } = require('@bufbuild/protobuf') as {
  readonly MethodKind: { readonly Unary: number }
  readonly proto3: { makeMessageType(name: string, fields: () => readonly object[]): object }
}

export const DEADLINE_EXCEEDED: number = dubbo.Code.DeadlineExceeded

const STRING = 9
const INT32 = 5
const scalar = (no: number, name: string, T: number): object => ({ no, name, kind: 'scalar', T })
const optional = (no: number, name: string, T: number): object => ({
  ...scalar(no, name, T),
  opt: true,
})
const message = (name: string, ...fields: readonly object[]): object =>
  proto3.makeMessageType(`tulle.${name}`, () => fields)

const Nothing = message('Nothing')
const Text = message('Text', optional(1, 'text', STRING))
const Numeral = message('Number', scalar(1, 'number', INT32))
const Item = message('Item', scalar(1, 'sku', STRING), scalar(2, 'count', INT32))
const Order = message(
  'Order',
  scalar(1, 'id', STRING),
  { no: 2, name: 'items', kind: 'message', T: Item, repeated: true },
  optional(3, 'note', STRING),
)
const unary = (name: string, I: object, O: object): object => ({
  name,
  I,
  O,
  kind: MethodKind.Unary,
})

/** The service of echo.proto, in the words of the library. */
export const echoService: object = {
  typeName: 'tulle.Echo',
  methods: {
    echo: unary('echo', Text, Text),
    nested: unary('nested', Order, Order),
    fail: unary('fail', Text, Text),
    nothing: unary('nothing', Nothing, Text),
    fire: unary('fire', Text, Nothing),
    fired: unary('fired', Nothing, Numeral),
    sleep: unary('sleep', Numeral, Text),
  },
}
