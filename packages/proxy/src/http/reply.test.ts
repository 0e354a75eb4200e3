import { describe, expect, it } from 'vitest'
import { HttpHead } from '../http.ts'
import { Outcome } from '../outcome.ts'
import { type LocalAnswer, localAnswer } from './reply.ts'

class Ask extends HttpHead {
  readonly authority = 'a'
  readonly path = '/'
  readonly scheme = 'http'
  readonly upgrade = null
  readonly takesTrailers = true
  readonly grpc: boolean
  readonly #type: string | undefined
  constructor(method: string, grpc = false, type?: string) {
    super()
    this.method = method
    this.grpc = grpc
    this.#type = type
  }
  header(name: string): string | undefined {
    return name === 'content-type' ? this.#type : undefined
  }
  each(): void {}
}

/** The answer without its date. */
function told({ status, fields, body }: LocalAnswer): string[] {
  expect(fields[0]![0]).toBe('date')
  expect(Math.abs(Date.parse(fields[0]![1]) - Date.now())).toBeLessThan(60_000)
  const rest = fields.slice(1).map(([name, value]) => `${name}: ${value}`)
  return [String(status), ...rest, ...(body === null ? [] : [body.toString()])]
}

const GET = new Ask('GET')
const TEXT = 'content-type: text/plain'

describe('an answer of our own', () => {
  const cases: readonly (readonly [string, LocalAnswer, readonly string[]])[] = [
    [
      'is its sentence in a line',
      localAnswer(GET, Outcome.NoRoute, 'é', 404),
      ['404', TEXT, 'content-length: 3', 'é\n'],
    ],
    [
      'has a length and no body for HEAD',
      localAnswer(new Ask('HEAD'), Outcome.NoRoute, 'no', 404),
      ['404', TEXT, 'content-length: 3'],
    ],
    [
      'is the body that is configured',
      localAnswer(GET, Outcome.DirectResponse, 'pong', 200),
      ['200', TEXT, 'content-length: 4', 'pong'],
    ],
    [
      'has no type where it is empty',
      localAnswer(GET, Outcome.Redirect, '', 301),
      ['301', 'content-length: 0'],
    ],
    [
      'has no body where the status allows none',
      localAnswer(GET, Outcome.DirectResponse, 'x', 204),
      ['204'],
    ],
    [
      'has a status in any case',
      localAnswer(GET, Outcome.FaultAbort, 'x', 0),
      ['500', TEXT, 'content-length: 2', 'x\n'],
    ],
    [
      'is a code and a message for gRPC',
      localAnswer(new Ask('POST', true), Outcome.NoHealthyHost, 'none of 2 is 100 % well', 503),
      [
        '200',
        'content-type: application/grpc',
        'grpc-status: 14',
        'grpc-message: none of 2 is 100 %25 well',
      ],
    ],
    [
      'is a code alone for gRPC where there is nothing to say',
      localAnswer(new Ask('POST', true), Outcome.Redirect, '', 301),
      ['200', 'content-type: application/grpc', 'grpc-status: 2'],
    ],
    [
      'is the same for gRPC-Web, in the type of the request',
      localAnswer(
        new Ask('POST', false, 'application/grpc-web-text+proto'),
        Outcome.NoRoute,
        'no route',
        404,
      ),
      [
        '200',
        'content-type: application/grpc-web-text+proto',
        'grpc-status: 12',
        'grpc-message: no route',
      ],
    ],
  ]
  it.each(cases)('%s', (_name, answer, expected) => {
    expect(told(answer)).toEqual(expected)
  })
})
