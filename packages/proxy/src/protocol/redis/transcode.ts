import { bad, good, type Problem } from '@tulle/core'
import { type Method, nameIn, type ServiceInterface, type ValueType } from '@tulle/model'
import type { Protocol } from '../../protocol.ts'
import { conform } from '../../transcode/conform.ts'
import { parseJson, toJson } from '../../transcode/json.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type Value,
  type WholeMessage,
} from '../../transcoder.ts'
import { type Ask, Lane } from './command.ts'
import { commandOf } from './message.ts'
import { argumentsOf, methodOf } from './names.ts'
import { answer, bulkOf, error } from './reply.ts'
import { statusOf } from './status.ts'
import { textOf } from './text.ts'

/**
 * Calls as reads of keys, so that every client of Redis can make them:
 *
 * ```
 *  GET com.shop.Stock/count?sku=1&colour=red         parameters by name
 *  GET 'com.shop.Stock/count {"sku": 1}'             the same as JSON: an object of them, or a list of them in order
 *  GET com.shop.Stock/count '{"sku": 1}'
 * ```
 *
 * The value is the result as JSON, text and bytes as they are, and null where there is none. Exceptions are errors:
 * `-ERR com.shop.SoldOut: no more of these`.
 */
export const redisTranscoder = (protocol: Protocol): Transcoder => ({
  configure(services, at) {
    const problems: Problem[] = []
    const known = new Map<string, ServiceInterface>()
    for (const [i, service] of services.entries()) {
      const name = nameIn('redis', service)
      const what = `"${name}" is the name in redis of another service, too`
      if (known.has(name)) problems.push({ at: `${at}[${i}].name`, what })
      known.set(name, service)
    }
    return problems.length > 0 ? bad(...problems) : good(new RedisTongue(protocol, known))
  },
})

const NO_HEADERS: ReadonlyMap<string, string> = new Map()
const NULL_2: Buffer = Buffer.from('$-1\r\n')
const NULL_3: Buffer = Buffer.from('_\r\n')
const GET: Buffer = Buffer.from('GET')

class RedisTongue implements Tongue {
  readonly #protocol: Protocol
  readonly #services: ReadonlyMap<string, ServiceInterface>

  constructor(protocol: Protocol, services: ReadonlyMap<string, ServiceInterface>) {
    this.#protocol = protocol
    this.#services = services
  }

  readCall({ frame }: WholeMessage): CommonCall {
    const words = argumentsOf(frame.buf, frame.start + (frame.view as Ask).offset, frame.end)
    const command = methodOf(frame)
    if (command !== 'GET' || words.length < 2 || words.length > 3)
      throw new Untranslatable(
        'command',
        // In the words of a server that lacks it, so that clients go on without HELLO and INFO.
        `unknown command '${command}' with ${words.length - 1} arguments; GET service/method is a call`,
      )
    const asked = split(words[1]!.toString(), words[2])
    const { service, method } = this.#find(asked.name)
    return {
      service,
      method,
      args: argumentsFor(service, method, asked),
      headers: NO_HEADERS,
      timeoutMs: 0,
      oneway: method.oneway,
    }
  }

  writeCall({ service, method, args }: CommonCall): WholeMessage {
    const named = Object.fromEntries(
      method.parameters.map(({ name }, i) => [name, args[i] ?? null]),
    )
    const name = `${nameIn('redis', service)}/${nameIn('redis', method)}`
    const json = method.parameters.length === 0 ? '' : ` ${toJson(named)}`
    return whole(commandOf(this.#protocol, [GET, Buffer.from(name + json)]))
  }

  readAnswer({ frame }: WholeMessage, { service, method }: CommonCall): CommonAnswer {
    const said = textOf(frame)
    if (said.kind === 'error') {
      const status = statusOf(frame)
      if (status !== 400) return { kind: 'failure', status, message: said.text }
      return { kind: 'exception', ...thrown(said.text), detail: null, headers: NO_HEADERS }
    }
    if (said.kind === 'other')
      throw new Untranslatable('result', `a ${said.text} is no value: text is`)
    const loose = said.bytes === null ? null : loosen(said.bytes, method.returns)
    const value = conform(loose, method.returns, service.structs, 'result')
    return { kind: 'value', value, headers: NO_HEADERS }
  }

  writeAnswer(
    said: Exclude<CommonAnswer, { readonly kind: 'failure' }>,
    _call: CommonCall,
    request: WholeMessage['frame'],
  ): WholeMessage {
    if (said.kind === 'value')
      return whole(answer(this.#protocol, written(said.value, request.view as Ask)))
    const type = said.type === '' ? '' : `${said.type}: `
    return whole(answer(this.#protocol, error(400, type + said.message)))
  }

  #find(name: string): { readonly service: ServiceInterface; readonly method: Method } {
    const slash = name.lastIndexOf('/')
    if (slash === -1) throw new Untranslatable('key', `"${name}" is not service/method`)
    const service = this.#services.get(name.slice(0, slash))
    if (service === undefined) {
      const known = [...this.#services.keys()].join(', ')
      throw new Untranslatable(
        'key',
        `no service "${name.slice(0, slash)}"; there is ${known}`,
        404,
      )
    }
    const wanted = name.slice(slash + 1)
    const method = service.methods.find((one) => nameIn('redis', one) === wanted)
    if (method === undefined) {
      const known = service.methods.map((one) => nameIn('redis', one)).join(', ')
      throw new Untranslatable('key', `no method "${wanted}"; there is ${known}`, 404)
    }
    return { service, method }
  }
}

interface Asked {
  readonly name: string
  readonly query: URLSearchParams | null
  readonly json: string
}

/** The name, and what stands behind `?` or from the first `{` or `[` on. */
function split(key: string, extra: Buffer | undefined): Asked {
  const cut = /[?{[\s]/.exec(key)?.index ?? key.length
  const name = key.slice(0, cut)
  const rest = key.slice(cut).trim()
  if (rest.startsWith('?')) {
    if (extra === undefined) return { name, query: new URLSearchParams(rest.slice(1)), json: '' }
    throw new Untranslatable('arguments', 'stand behind the question mark or as JSON, not both')
  }
  if (rest !== '' && extra !== undefined) throw new Untranslatable('arguments', 'are written twice')
  return { name, query: null, json: extra?.toString() ?? rest }
}

function argumentsFor(
  { structs }: ServiceInterface,
  { parameters }: Method,
  { query, json }: Asked,
): readonly Value[] {
  const given = query === null ? named(json, parameters) : queried(query, parameters)
  for (const name of given.keys())
    if (!parameters.some((one) => one.name === name)) {
      const known = parameters.map((one) => one.name).join(', ') || 'none'
      throw new Untranslatable(`arguments.${name}`, `no such parameter; there is ${known}`)
    }
  return parameters.map(({ name, type }) =>
    conform(given.get(name), type, structs, `arguments.${name}`),
  )
}

function queried(query: URLSearchParams, parameters: Method['parameters']): Map<string, unknown> {
  const given = new Map<string, unknown>()
  for (const [name, text] of query) {
    const type = parameters.find((one) => one.name === name)?.type
    // `?tag=a&tag=b` are elements of a list.
    if (type?.kind === 'list' && !text.startsWith('['))
      given.set(name, [
        ...((given.get(name) as unknown[]) ?? []),
        loosen(Buffer.from(text), type.of),
      ])
    else given.set(name, type === undefined ? text : loosen(Buffer.from(text), type))
  }
  return given
}

function named(json: string, parameters: Method['parameters']): Map<string, unknown> {
  if (json === '') return new Map()
  const body = parseJson(Buffer.from(json), 'arguments')
  if (Array.isArray(body)) {
    if (body.length <= parameters.length)
      return new Map(body.map((value: unknown, i) => [parameters[i]!.name, value]))
    const { length } = parameters
    throw new Untranslatable('arguments', `there are ${body.length}; the method has ${length}`)
  }
  if (typeof body === 'object' && body !== null) return new Map(Object.entries(body))
  throw new Untranslatable('arguments', 'must be an object of the parameters, or a list of them')
}

/** Text, as the type would have it in JSON. */
function loosen(bytes: Buffer, type: ValueType): unknown {
  const text = bytes.toString()
  switch (type.kind) {
    case 'string':
      return text
    case 'bytes':
      return bytes
    case 'date':
    case 'i64':
      return /^"/.test(text) ? parseJson(bytes, 'value') : text
    case 'any':
      return /^(?:[[{"]|-?\d+(?:\.\d+)?$|true$|false$|null$)/.test(text)
        ? parseJson(bytes, 'value')
        : text
    default:
      return text === '' ? null : parseJson(bytes, 'value')
  }
}

/** `type: message`, where an error says which one it is. */
function thrown(text: string): { readonly type: string; readonly message: string } {
  const said = text.startsWith('ERR ') ? text.slice(4) : text
  const [, type, message] = /^([A-Za-z_$][\w$]*(?:\.[\w$]+)+): (.*)$/s.exec(said) ?? []
  return type === undefined ? { type: '', message: said } : { type, message: message! }
}

function written(value: Value, { lane }: Ask): Buffer {
  if (value === null) return lane === Lane.Resp3 ? NULL_3 : NULL_2
  if (typeof value === 'string') return bulkOf(Buffer.from(value))
  return bulkOf(value instanceof Uint8Array ? value : toJson(value))
}

function whole(frame: WholeMessage['frame']): WholeMessage {
  return { frame, body: null, trailers: null }
}
