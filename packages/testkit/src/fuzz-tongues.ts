import assert from 'node:assert/strict'
import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import {
  type CommonCall,
  type Frame,
  type FramedCodec,
  FrameKind,
  PlainHead,
  type Protocol,
  plainRequest,
  plainResponse,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type Value,
  type WholeMessage,
} from '@tulle/proxy'
import type { FuzzTarget } from './fuzz-run.ts'
import { type Dice, spoilt } from './mutate.ts'

const TEXT: ValueType = { kind: 'string' }
const ITEM: ValueType = { kind: 'struct', name: 'Item' }
const BASE = 10

function members(types: Readonly<Record<string, ValueType>>): readonly Member[] {
  return Object.entries(types).map(([name, type], i) => ({ name, type, id: i + 1, java: '' }))
}

function method(
  name: string,
  parameters: Readonly<Record<string, ValueType>>,
  returns: ValueType,
): Method {
  const http = null
  const throws = members({ soldOut: { kind: 'struct', name: 'SoldOut' } })
  return { name, names: {}, parameters: members(parameters), returns, throws, oneway: false, http }
}

function struct(name: string, fields: Readonly<Record<string, ValueType>>): [string, Struct] {
  return [name, { name, java: `com.shop.${name}`, fields: members(fields) }]
}

/** A service with values of every kind, nested in each other; what only some protocols can say is in `any`. */
function service(any: boolean): ServiceInterface {
  const rest: Readonly<Record<string, ValueType>> = any
    ? { when: { kind: 'date' }, more: { kind: 'any' } }
    : {}
  return {
    name: 'com.shop.Stock',
    version: '',
    group: '',
    names: {},
    structs: new Map([
      struct('Item', {
        sku: TEXT,
        count: { kind: 'i32' },
        cents: { kind: 'i64' },
        price: { kind: 'double' },
        weight: { kind: 'float' },
        fresh: { kind: 'bool' },
        size: { kind: 'i8' },
        shelf: { kind: 'i16' },
        image: { kind: 'bytes' },
        tags: { kind: 'list', of: TEXT },
        marks: { kind: 'map', key: TEXT, value: { kind: 'i32' } },
        parts: { kind: 'list', of: { kind: 'struct', name: 'Part' } },
        ...rest,
      }),
      struct('Part', { name: TEXT, part: { kind: 'struct', name: 'Part' } }),
      struct('SoldOut', { sku: TEXT }),
    ]),
    methods: [
      method('put', { item: ITEM }, ITEM),
      method('take', { sku: TEXT, counts: { kind: 'list', of: { kind: 'i64' } } }, { kind: 'i32' }),
    ],
  }
}

const PART: Value = { name: 'stalk', part: { name: 'end', part: null } }
const APPLE = {
  sku: 'äpfel',
  count: -7,
  cents: 2n ** 60n,
  price: 1.25,
  weight: 0.5,
  fresh: true,
  size: 1,
  shelf: 300,
  image: Buffer.from([1, 2, 255]),
  tags: ['red', ''],
  marks: { a: 1, b: -1 },
  parts: [PART],
} satisfies Value
const ANY = { when: new Date(0), more: [1, 'two', { three: null }] } satisfies Value
const ARGUMENTS: Readonly<Record<string, readonly Value[]>> = {
  put: [APPLE],
  take: ['äpfel', [1, 2n ** 60n]],
}
const RESULTS: Readonly<Record<string, Value>> = { put: APPLE, take: 7 }

/** A protocol's tongue for that service, and calls to go by. */
class Speech {
  readonly tongue: Tongue
  readonly calls: readonly CommonCall[]
  readonly #any: boolean

  constructor(transcoder: Transcoder, any: boolean) {
    const spoken = service(any)
    const tongue = transcoder.configure([spoken], '')
    assert.ok(tongue.ok, 'the service can be said')
    this.tongue = tongue.value
    this.#any = any
    this.calls = spoken.methods.map((one) => ({
      service: spoken,
      method: one,
      args: ARGUMENTS[one.name]!.map((value) => this.#filled(value)),
      headers: new Map([['x-tenant', 'blue']]),
      timeoutMs: 100,
      oneway: false,
    }))
  }

  /** Requests, and answers to each. */
  *messages(): Generator<WholeMessage> {
    for (const call of this.calls) {
      const request = this.tongue.writeCall(call)
      yield request
      const { headers } = call
      const value = this.#filled(RESULTS[call.method.name]!)
      yield this.tongue.writeAnswer({ kind: 'value', value, headers }, call, request.frame)
      const thrown = { kind: 'exception', type: 'com.shop.SoldOut', message: 'gone' } as const
      const detail: Value = { sku: 'äpfel' }
      yield this.tongue.writeAnswer({ ...thrown, detail, headers }, call, request.frame)
    }
  }

  /** Reads a request; what was understood can be said again. Returns whether it was. */
  request(message: WholeMessage): boolean {
    const call = understood(() => this.tongue.readCall(message))
    if (call === null) return false
    assert.equal(call.args.length, call.method.parameters.length, 'an argument for each parameter')
    understood(() => this.tongue.writeCall(call))
    const value = this.#filled(RESULTS[call.method.name]!)
    const { headers } = call
    understood(() =>
      this.tongue.writeAnswer({ kind: 'value', value, headers }, call, message.frame),
    )
    return true
  }

  /** Reads an answer to any of the calls; returns to how many it was one. */
  answer(message: WholeMessage): number {
    let answers = 0
    for (const call of this.calls)
      if (understood(() => this.tongue.readAnswer(message, call)) !== null) answers++
    return answers
  }

  #filled(value: Value): Value {
    return this.#any && value === APPLE ? { ...APPLE, ...ANY } : value
  }
}

/** Null where it was refused; whatever else is thrown is a finding. */
function understood<T>(what: () => T): T | null {
  try {
    return what()
  } catch (error) {
    if (error instanceof Untranslatable) return null
    throw error
  }
}

/** Feeds the tongue of a framed protocol whatever its codec takes for frames. */
export async function tongueTarget(
  protocol: Protocol,
  codec: FramedCodec,
  samples: readonly Buffer[],
  any = false,
): Promise<FuzzTarget> {
  const speech = new Speech(await protocol.transcoder!(), any)
  const own = [...speech.messages()].map(({ frame }) => bytesOf(frame))
  return {
    name: `${protocol.name} tongue`,
    samples: [...own, ...samples],
    feed(bytes: Buffer, dice: Dice): number {
      const inside = spoilt(dice, dice.pick(own))
      return readAll(speech, codec, bytes) + readAll(speech, codec, inside)
    },
  }
}

function readAll(speech: Speech, codec: FramedCodec, bytes: Buffer): number {
  let messages = 0
  for (let start = 0; start < bytes.length; ) {
    const length = codec.measure(bytes, start, bytes.length)
    if (length <= 0 || length > bytes.length - start) break
    const frame = codec.read(bytes, start, start + length)
    if (frame === null) break
    start += length
    try {
      messages += read(speech, codec, frame)
    } catch (error) {
      throw new Error(`in ${bytes.toString('hex')}`, { cause: error })
    }
  }
  return messages
}

function read(speech: Speech, codec: FramedCodec, frame: Frame): number {
  const message = { frame, body: null, trailers: null }
  const answer = codec.asAnswer?.(frame) ?? null
  let messages = answer === null ? 0 : speech.answer({ ...message, frame: answer })
  if (frame.kind === FrameKind.Response) messages += speech.answer(message)
  if (frame.kind !== FrameKind.Request && frame.kind !== FrameKind.Oneway) return messages
  return messages + (speech.request(message) ? 1 : 0)
}

const TYPES = ['application/json', 'application/grpc', 'text/plain', 'image/png']
const CODINGS = ['identity', 'gzip', 'br']
const STATUSES = [200, 204, 404, 500, 503]
const ENDS = ['0', '2', '5', '14', 'x']

/** Feeds a tongue of HTTP bodies of any bytes, in heads of many kinds; some paths are of these bytes, too. */
export async function httpTongueTarget(name: string, transcoder: Transcoder): Promise<FuzzTarget> {
  const speech = new Speech(transcoder, name === 'http')
  const messages = [...speech.messages()]
  const paths = speech.calls.map(
    (call) => speech.tongue.writeCall(call).frame.header(':path') ?? '/',
  )
  return {
    name: `${name} tongue`,
    samples: messages.flatMap(({ body }) => (body === null ? [] : [body])),
    feed(bytes: Buffer, dice: Dice): number {
      const fields = fieldsOf(dice)
      const method = dice.below(BASE) === 0 ? 'GET' : 'POST'
      const path = dice.below(BASE) === 0 ? `/${bytes.toString('latin1', 0, 64)}` : dice.pick(paths)
      const asked = new PlainHead({ method, path, authority: 'a', fields })
      const whole = { body: bytes, trailers: null }
      const read = speech.request({ ...whole, frame: plainRequest(asked, false) }) ? 1 : 0
      const told = new PlainHead({ status: dice.pick(STATUSES), fields })
      return read + speech.answer({ ...whole, frame: plainResponse(told, false) })
    },
  }
}

function fieldsOf(dice: Dice): [string, string][] {
  return [
    ['content-type', dice.pick(TYPES)],
    ['grpc-encoding', dice.pick(CODINGS)],
    ['grpc-status', dice.pick(ENDS)],
    ['grpc-message', '%zz%ff%'],
    ['x-tenant', 'blue'],
  ]
}

function bytesOf({ buf, start, end }: Frame): Buffer {
  return Buffer.from(buf.subarray(start, end))
}
