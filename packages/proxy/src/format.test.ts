import { DEFAULT_ACCESS_LOG_TEMPLATE } from '@tulle/model'
import { FakeChain, FakeProtocol, FakeSession, HandClock } from '@tulle/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operators } from './format/operators.ts'
import { compileFormat, compileJsonFormat, type Format } from './format.ts'
import { Outcome } from './outcome.ts'
import type { ClientSession } from './session.ts'
import type { Stream } from './stream.ts'

const http = new FakeProtocol('http/1.1')
const GET = {
  ':method': 'GET',
  ':path': '/cart?id=7',
  ':authority': 'shop.example',
  'user-agent': 'curl/8.5',
  'x-request-id': 'r-1',
}

describe('a text format', () => {
  const cases: readonly (readonly [template: string, line: string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['100%% of %PROTOCOL%', '100% of HTTP/1.1'],
    ['%%%PROTOCOL%%%', '%HTTP/1.1%'],
    ['%START_TIME%', '2020-01-01T00:00:00.000Z'],
    ['%START_TIME(%Y/%m/%d %H:%M:%S.%3f %s)%', '2020/01/01 00:00:00.000 1577836800'],
    ['%REQ(:METHOD)% %REQ(:PATH)% %REQ(:AUTHORITY)%', 'GET /cart?id=7 shop.example'],
    ['%REQ(User-Agent)%', 'curl/8.5'],
    ['%REQ(user-agent):4%', 'curl'],
    ['%REQ(X-NONE?User-Agent)%', 'curl/8.5'],
    ['%REQ(X-NONE?X-NEITHER)%', '-'],
    ['%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%', '/cart?id=7'],
    ['%RESP(content-type)% %RESP(X-NONE)%', 'text/html -'],
    ['%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%', '12'],
    ['%PROTOCOL% %SERVICE% %METHOD%', 'HTTP/1.1 shop.example GET'],
    ['%RESPONSE_CODE% %RESPONSE_CODE_DETAILS%', '200 via_upstream'],
    ['%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%', '- -'],
    ['%BYTES_RECEIVED% %BYTES_SENT%', '3 5'],
    ['%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION%', '25 0 15'],
    ['%UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS%', '10.0.0.2:80 10.0.0.2:80'],
    ['%UPSTREAM_CLUSTER% %ROUTE_NAME%', 'carts carts-v1'],
    ['%UPSTREAM_LOCAL_ADDRESS%', '[::1]:5555'],
    ['%UPSTREAM_REQUEST_ATTEMPT_COUNT%', '2'],
    ['%UPSTREAM_TRANSPORT_FAILURE_REASON%', '-'],
    ['%DOWNSTREAM_REMOTE_ADDRESS%', '10.0.0.9:40000'],
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%', '10.0.0.9 40000'],
    ['%DOWNSTREAM_LOCAL_ADDRESS%', '10.0.0.1:8080'],
    ['%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT%', '10.0.0.1 8080'],
    ['%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%', '10.0.0.9:40000'],
    ['%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%', '10.0.0.9'],
    ['%DOWNSTREAM_DIRECT_REMOTE_PORT%', '40000'],
    ['%UPSTREAM_PROTOCOL%', 'HTTP/2'],
    ['%GRPC_STATUS% %GRPC_STATUS(NUMBER)% %GRPC_STATUS_NUMBER%', '- - -'],
    ['%TRAILER(grpc-status)% %TRAILER(X-NONE?X-NEITHER)%', '- -'],
    ['%REQUESTED_SERVER_NAME% %CONNECTION_TERMINATION_DETAILS%', '- -'],
    ['%DOWNSTREAM_TLS_VERSION% %DOWNSTREAM_PEER_SUBJECT% %UPSTREAM_TLS_CIPHER%', '- - -'],
    ['%DOWNSTREAM_PEER_CERT_V_START% %DOWNSTREAM_PEER_CERT_V_END(%s)%', '- -'],
  ]
  it.each(cases)('writes %j as %j', (template, line) => {
    expect(formatOf(template)(answered())).toBe(line)
  })

  it('writes the line Envoy writes when nothing else is said', () => {
    expect(formatOf(DEFAULT_ACCESS_LOG_TEMPLATE)(answered())).toBe(
      '[2020-01-01T00:00:00.000Z] "GET /cart?id=7 HTTP/1.1" 200 - 3 5 25 12 "-" "curl/8.5" "r-1" ' +
        '"shop.example" "10.0.0.2:80"\n',
    )
  })

  it('tells the path as it came when it was rewritten', () => {
    const stream = answered()
    stream.request.set(':path', '/v1/cart')
    expect(formatOf('%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %REQ(:PATH)%')(stream)).toBe(
      '/cart?id=7 /v1/cart',
    )
  })

  it('tells the version of a request that has an older one', () => {
    const stream = new FakeChain().send(http.request({ ':version': 'HTTP/1.0' }))
    expect(formatOf('%PROTOCOL%')(stream)).toBe('HTTP/1.0')
  })

  it('knows both versions of HTTP by their names', () => {
    const stream = new FakeChain().send(new FakeProtocol('h2').request({}))
    expect(formatOf('%PROTOCOL% %UPSTREAM_PROTOCOL%')(stream)).toBe('HTTP/2 -')
  })

  it('tells the trailers of the answer', () => {
    const chain = new FakeChain()
    const stream = chain.send(http.request(GET))
    chain.answer(stream, http.response({ ':status': '200' }, false))
    chain.far.onResponseTrailers(stream, http.trailers({ 'grpc-message': 'no cart' }))
    expect(formatOf('%TRAILER(Grpc-Message)% %TRAILER(x?grpc-message):2%')(stream)).toBe(
      'no cart no',
    )
  })

  it("tells the client's address as proxies are believed to tell it", () => {
    const stream = new FakeChain().send(http.request(GET))
    const template =
      '%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% ' +
      '%DOWNSTREAM_REMOTE_PORT% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS%'
    stream.origin = { addressOf: () => '2001:db8::7' }
    expect(formatOf(template)(stream)).toBe('[2001:db8::7]:0 2001:db8::7 0 10.0.0.9:40000')
    stream.origin = { addressOf: () => null }
    expect(formatOf(template)(stream)).toBe('10.0.0.9:40000 10.0.0.9 40000 10.0.0.9:40000')
  })

  it('tells who connected apart from whom a load balancer speaks for', () => {
    const stream = new FakeChain().send(http.request(GET))
    stream.down.connection.source = {
      address: '192.0.2.5',
      port: 77,
      localAddress: '192.0.2.1',
      localPort: 443,
    }
    expect(formatOf('%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS%')(stream)).toBe(
      '192.0.2.5:77 192.0.2.1:443',
    )
    expect(formatOf('%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%')(stream)).toBe('10.0.0.9:40000')
  })

  it('asks for headers of RPC as they are written', () => {
    const stream = new FakeChain().send(new FakeProtocol('bolt').request({ sofa_App: 'cart' }))
    expect(formatOf('%REQ(sofa_App)% %PROTOCOL%')(stream)).toBe('cart bolt')
  })

  it('tells by flag, word and sentence why there is no answer of a host', () => {
    const chain = new FakeChain()
    const stream = chain.send(http.request(GET))
    stream.answer(Outcome.ConnectFailed, 'no connection to 10.0.0.2:80: ECONNREFUSED')
    const template =
      '%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %RESPONSE_CODE_DETAILS%'
    expect(formatOf(template)(stream)).toBe(`503 UF connect_failed ${stream.detail}`)
    expect(formatOf('%UPSTREAM_TRANSPORT_FAILURE_REASON%')(stream)).toContain('ECONNREFUSED')
    expect(stream.detail).toContain('no connection to 10.0.0.2:80')
  })

  it('has neither status nor duration while a stream goes on', () => {
    const stream = new FakeChain().send(http.request(GET, false))
    expect(formatOf('%RESPONSE_CODE% %DURATION% %REQUEST_DURATION%')(stream)).toBe('0 - -')
  })

  it('cannot be made to forge a line', () => {
    const stream = new FakeChain().send(http.request({ evil: 'a\r\n[fake]\x7f' }))
    expect(formatOf('%REQ(evil)%\n')(stream)).toBe('a\\x0d\\x0a[fake]\\x7f\n')
  })

  it('writes what the caller says in place of what is missing', () => {
    const compiled = compileFormat('<%REQ(X-NONE)%>', { missing: '' })
    expect(compiled.ok && compiled.value(answered())).toBe('<>')
  })
})

describe('a template', () => {
  const cases: readonly (readonly [template: string, problem: string])[] = [
    ['%PROTOCOLL%', '%PROTOCOLL% is not an operator; did you mean %PROTOCOL%?'],
    ['%req(A)%', '%req% is not an operator; did you mean %REQ%?'],
    ['%XYZZYPLUGH_FROBNICATE%', '%XYZZYPLUGH_FROBNICATE% is not an operator; known: START_TIME'],
    ['%toString%', '%toString% is not an operator'],
    ['50% of', '"% of" is no operator such as %PROTOCOL% or %REQ(:PATH)%; write %%'],
    ['%REQ(A', '"%REQ(A" is no operator'],
    ['%', '"%" is no operator'],
    ['%REQ%', '%REQ% needs brackets: %REQ(name?other)%'],
    ['%REQ()%', '"" must be a header\'s name'],
    ['%REQ(A?B?C)%', '"A?B?C" names more than one other header'],
    ['%PROTOCOL(1)%', '%PROTOCOL% takes nothing in brackets'],
    ['%PROTOCOL:3%', '%PROTOCOL% takes no length ":3"'],
    ['%START_TIME(%Q)%', '"%Q" is not known; known: %Y'],
    ['%GRPC_STATUS(camel)%', '"camel" is no spelling of a gRPC status; known: CAMEL_STRING, SNAKE'],
    ['%GRPC_STATUS_NUMBER(1)%', '%GRPC_STATUS_NUMBER% takes nothing in brackets'],
    ['%DOWNSTREAM_PEER_CERT_V_END(%Q)%', '"%Q" is not known; known: %Y'],
    ['%TRAILER%', '%TRAILER% needs brackets: %TRAILER(name?other)%'],
    ['%DOWNSTREAM_TLS_SESSION_ID%', '%DOWNSTREAM_TLS_SESSION_ID% is not supported: sessions'],
    ['%CONNECTION_ID%', '%CONNECTION_ID% is not supported: connections have no number here'],
  ]
  it.each(cases)('%j is refused: %s', (template, problem) => {
    const compiled = compileFormat(template, { at: 'log.format' })
    expect(compiled.ok ? [] : compiled.problems).toEqual([
      { at: 'log.format', what: expect.stringContaining(problem) },
    ])
  })

  it('is refused with all that is wrong with it', () => {
    const compiled = compileFormat('%A_A_A% %REQ(B)% % %RESP%')
    expect(compiled.ok ? [] : compiled.problems).toHaveLength(3)
  })

  const name = fc.constantFrom(...Object.keys(operators), 'NOPE', '')
  const call = fc
    .tuple(name, fc.option(fc.string()), fc.option(fc.nat()))
    .map(
      ([it, argument, limit]) =>
        `%${it}${argument === null ? '' : `(${argument})`}${limit === null ? '' : `:${limit}`}%`,
    )
  const template = fc
    .array(fc.oneof(call, fc.string(), fc.constantFrom('%', '%%', '(', ')')))
    .map((all) => all.join(''))

  it('whatever it is, is compiled or refused, and what is compiled can be written', () => {
    const streams = [answered(), new FakeChain().send(http.request({}, false))]
    fc.assert(
      fc.property(template, (text) => {
        const line = compileFormat(text)
        const json = compileJsonFormat({ text })
        expect(json.ok).toBe(line.ok)
        if (!line.ok || !json.ok) return
        for (const stream of streams) {
          expect(typeof line.value(stream)).toBe('string')
          expect(Object.keys(JSON.parse(json.value(stream)))).toEqual(['text'])
        }
      }),
    )
  })

  it('without a percent sign, comes out as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const doubled = text.replaceAll('%', '%%')
        expect(formatOf(doubled)(answered())).toBe(text)
      }),
    )
  })
})

describe('a JSON format', () => {
  it('writes one line, in which values keep their types', () => {
    const line = jsonOf({
      time: '%START_TIME%',
      status: '%RESPONSE_CODE%',
      took: '%DURATION% ms',
      host: { name: '%UPSTREAM_HOST%', tries: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%' },
      agents: ['%REQ(USER-AGENT)%', '%REQ(X-NONE)%'],
      missing: '%REQ(X-NONE)%',
      mixed: '<%REQ(X-NONE)%>',
      percent: '100%%',
      fixed: [1, true, null, {}, []],
    })(answered())
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual({
      time: '2020-01-01T00:00:00.000Z',
      status: 200,
      took: '25 ms',
      host: { name: '10.0.0.2:80', tries: 2 },
      agents: ['curl/8.5', null],
      missing: null,
      mixed: '<->',
      percent: '100%',
      fixed: [1, true, null, {}, []],
    })
  })

  it('gives values and keys back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, value) => {
        const stream = new FakeChain().send(http.request({ value: `v${value}` }))
        const line = jsonOf({ [key]: ['%REQ(value)%', 'a%REQ(value)%'] })(stream)
        expect(JSON.parse(line)).toEqual({ [key]: [`v${value}`, `av${value}`] })
      }),
    )
  })

  it('is refused with the path of what is wrong', () => {
    const compiled = compileJsonFormat({ a: { b: ['%PROTOCOL%', '%NOPE_NOPE%'] } }, { at: 'json' })
    expect(compiled.ok ? [] : compiled.problems.map(({ at }) => at)).toEqual(['json.a.b[1]'])
  })
})

function formatOf(template: string): Format {
  const compiled = compileFormat(template)
  if (!compiled.ok) throw new Error(compiled.problems.map(({ what }) => what).join('\n'))
  return compiled.value
}

function jsonOf(template: Record<string, unknown>): Format {
  const compiled = compileJsonFormat(template)
  if (!compiled.ok) throw new Error(compiled.problems.map(({ what }) => what).join('\n'))
  return compiled.value
}

/** A request that began with the year 2020, was sent after 3 ms, answered after 15 and over after 25. */
function answered(): Stream {
  const chain = new FakeChain([], { clock: new HandClock(1000) })
  const request = http.request(GET)
  const stream = chain.send(request)
  stream.requestBytes = 3
  stream.routeName = 'carts-v1'
  stream.clusterName = 'carts'
  stream.host = { address: '10.0.0.2:80', weight: 1, active: 0 }
  stream.attempts = 2
  stream.up = upstreamAt('::1', 5555, chain)
  stream.sentAt = stream.startedAt + 3
  stream.answeredAt = stream.startedAt + 15
  chain.intake.pass(25)
  chain.answer(stream, http.response({ ':status': '200', 'content-type': 'text/html' }, false))
  chain.far.onResponseData(stream, Buffer.from('hello'), true)
  return stream
}

function upstreamAt(localAddress: string, localPort: number, chain: FakeChain): ClientSession {
  const { connection } = new FakeSession(chain.intake, { localAddress, localPort })
  return { connection, speaks: 'h2' } as unknown as ClientSession
}
