import { good } from '@tulle/core'
import type { Member, Method, ServiceInterface, Struct, ValueType } from '@tulle/model'
import type { Frame } from '../frame.ts'
import { httpDate } from '../http/date.ts'
import { PlainHead, plainRequest, plainResponse } from '../http/plain.ts'
import type { HttpHead } from '../http.ts'
import {
  type CommonAnswer,
  type CommonCall,
  type Tongue,
  type Transcoder,
  Untranslatable,
  type Value,
  type WholeMessage,
} from '../transcoder.ts'
import { conform } from './conform.ts'
import { carriedIn, putCarried } from './http-headers.ts'
import { type HttpMethod, HttpMethods } from './http-rule.ts'
import { bodyFor, pathOf, queryOf } from './http-target.ts'
import { parseJson, toJson } from './json.ts'

/**
 * JSON over HTTP. A method is called as its `http` rule says, else by `POST /service/method` with its parameters as an
 * object, or as a list in order. Answers are the result alone; exceptions are 500 with `type` and `message`.
 */
export const httpTranscoder: Transcoder = {
  configure: (services) => good(new HttpTongue(services)),
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i

const NO_STRUCTS: ReadonlyMap<string, Struct> = new Map()

/** What curl and fetch say of any body whose type they were not told. */
const UNSAID = /^(?:application\/x-www-form-urlencoded|text\/plain)\b/i

class HttpTongue implements Tongue {
  readonly #methods: HttpMethods

  constructor(services: readonly ServiceInterface[]) {
    this.#methods = new HttpMethods(services)
  }

  readCall({ frame, body }: WholeMessage): CommonCall {
    const head = frame.view as HttpHead
    const target = frame.header(':path') ?? ''
    const cut = target.indexOf('?')
    const path = cut === -1 ? target : target.slice(0, cut)
    const match = this.#methods.find(head.method, path)
    if (match === null) throw new Untranslatable(':path', this.#noMethod(head.method, path), 404)
    const { found, inPath } = match
    const query = new URLSearchParams(cut === -1 ? '' : target.slice(cut + 1))
    return {
      service: found.service,
      method: found.method,
      args: argumentsOf(found, inPath, query, bodyOf(found, head, body)),
      headers: carriedIn(frame),
      timeoutMs: 0,
      oneway: found.method.oneway,
    }
  }

  writeCall(call: CommonCall): WholeMessage {
    const rule = this.#methods.of(call.method)
    const args = new Map(call.method.parameters.map(({ name }, i) => [name, call.args[i] ?? null]))
    const path = pathOf(rule, args)
    const body = rule.body === '' ? null : toJson(bodyFor(rule, args))
    const target = path + queryOf(args)
    const fields: [string, string][] = [['accept', 'application/json']]
    if (body !== null)
      fields.push(['content-type', 'application/json'], ['content-length', String(body.length)])
    putCarried(fields, call.headers)
    const { name } = call.service
    const head = new PlainHead({ method: rule.verb, path: target, authority: name, fields })
    return { frame: plainRequest(head, body === null), body, trailers: null }
  }

  readAnswer({ frame, body }: WholeMessage, call: CommonCall): CommonAnswer {
    const head = frame.view as HttpHead
    needPlain(head, 502)
    const json = JSON_TYPE.test(head.header('content-type') ?? '')
    const said = body === null || body.length === 0 ? null : body
    if (head.status >= 300) return failed(frame, json, said)
    const { returns } = call.method
    const loose =
      said === null
        ? null
        : json || returns.kind !== 'string'
          ? parseJson(said, 'result')
          : said.toString()
    const value = conform(loose, returns, call.service.structs, 'result', 'drop')
    return { kind: 'value', value, headers: carriedIn(frame) }
  }

  writeAnswer(answer: Exclude<CommonAnswer, { kind: 'failure' }>): WholeMessage {
    const thrown = answer.kind === 'exception'
    const body = toJson(
      thrown ? { type: answer.type, message: answer.message, detail: answer.detail } : answer.value,
    )
    const fields: [string, string][] = [
      ['date', httpDate()],
      ['content-type', 'application/json'],
      ['content-length', String(body.length)],
    ]
    putCarried(fields, answer.headers)
    const head = new PlainHead({ status: thrown ? 500 : 200, fields })
    return { frame: plainResponse(head, false), body, trailers: null }
  }

  #noMethod(verb: string, path: string): string {
    const known = this.#methods.all.map((one) => `${one.verb} ${written(one)}`)
    const shown = known.length > 8 ? [...known.slice(0, 8), '…'] : known
    return `no method is called by ${verb} ${path}; there is ${shown.join(', ')}`
  }
}

/** Of every parameter what the request says: in the path, in the body, in the query. */
function argumentsOf(
  { service, method, body: rule }: HttpMethod,
  inPath: ReadonlyMap<string, string>,
  query: URLSearchParams,
  body: unknown,
): readonly Value[] {
  for (const key of query.keys())
    if (!method.parameters.some(({ name }) => name === key)) throw noParameter('query', key, method)
  const inBody = rule === '*' ? named(body, method.parameters, inPath) : new Map([[rule, body]])
  return method.parameters.map(({ name, type }) => {
    const text = inPath.get(name) ?? (inBody.has(name) ? null : query.get(name))
    const given = text === null ? inBody.get(name) : loosened(text, type)
    return conform(given, type, service.structs, `arguments.${name}`)
  })
}

function noParameter(where: string, key: string, { parameters }: Method): Untranslatable {
  const known = parameters.map(({ name }) => name).join(', ')
  const why =
    known === ''
      ? 'the method takes no parameters'
      : `the method has no such parameter; it has ${known}`
  return new Untranslatable(`${where}.${key}`, why)
}

/** The parameters in a body that is an object of them, or a list of them in order. */
function named(
  body: unknown,
  parameters: readonly Member[],
  inPath: ReadonlyMap<string, string>,
): Map<string, unknown> {
  if (body === null || body === undefined) return new Map()
  const open = parameters.map(({ name }) => name).filter((name) => !inPath.has(name))
  if (Array.isArray(body)) {
    if (body.length > open.length)
      throw new Untranslatable('body', `has ${body.length} arguments; ${open.length} are wanted`)
    return new Map(body.map((value: unknown, i) => [open[i]!, value]))
  }
  if (typeof body !== 'object')
    throw new Untranslatable('body', 'must be an object of the parameters, or a list of them')
  for (const key of Object.keys(body))
    if (!open.includes(key))
      throw new Untranslatable(
        `body.${key}`,
        open.length === 0
          ? 'the method takes nothing in its body'
          : `the method has no such parameter; it has ${open.join(', ')}`,
      )
  return new Map(Object.entries(body))
}

function bodyOf({ body: rule }: HttpMethod, head: HttpHead, body: Buffer | null): unknown {
  if (rule === '' || body === null || body.length === 0) return null
  needPlain(head, 415)
  const type = head.header('content-type')
  if (type !== undefined && !JSON_TYPE.test(type) && !UNSAID.test(type))
    throw new Untranslatable('content-type', `must be application/json, not ${type}`, 415)
  return parseJson(body, 'body')
}

/** Text of a path or a query, as a type would have it in JSON. */
function loosened(text: string, { kind }: ValueType): unknown {
  switch (kind) {
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : text
    case 'float':
    case 'double':
      return text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
    case 'string':
    case 'bytes':
    case 'date':
    case 'any':
      return text
    default:
      return parseJson(Buffer.from(text), 'query')
  }
}

/** Bodies are read as they are: nobody is asked to compress them. */
function needPlain(head: HttpHead, status: number): void {
  const coding = head.header('content-encoding')?.toLowerCase() ?? 'identity'
  if (coding !== 'identity')
    throw new Untranslatable('content-encoding', `"${coding}" is not read here`, status)
}

/** What says neither a message nor anything that can be read is worth its status all the same. */
function failed(frame: Frame, json: boolean, said: Buffer | null): CommonAnswer {
  const { status } = frame.view as HttpHead
  const told = json && said !== null ? readable(said) : null
  if (typeof told === 'object' && told !== null) {
    const { type, message, detail } = told as Record<string, unknown>
    if (typeof message === 'string')
      return {
        kind: 'exception',
        type: typeof type === 'string' ? type : '',
        message,
        detail: detailOf(detail),
        headers: carriedIn(frame),
      }
  }
  const message = said?.toString().trim().slice(0, 1024) || `the host answered ${status}`
  return { kind: 'failure', status, message }
}

function readable(said: Buffer): unknown {
  try {
    return parseJson(said, 'result')
  } catch {
    return null
  }
}

/** The exception itself is worth more than what cannot be said of it. */
function detailOf(detail: unknown): Value {
  try {
    return conform(detail, { kind: 'any' }, NO_STRUCTS, 'result.detail')
  } catch {
    return null
  }
}

function written({ segments }: HttpMethod): string {
  return segments.map(({ text, parameter }) => (parameter ? `/{${text}}` : `/${text}`)).join('')
}
