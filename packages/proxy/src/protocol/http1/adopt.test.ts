import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Frame, FrameKind } from '../../frame.ts'
import { adoptInterim, adoptRequest, adoptResponse, adoptTrailers } from './adopt.ts'
import { Cursor } from './cursor.ts'
import { Got, HeadReader, What } from './decode.ts'
import { carried, type FakeFields, foreign, foreignRequest, foreignResponse } from './fake-head.ts'
import { type Fault, Faults } from './fault.ts'
import type { Http1Head } from './head.ts'
import { http1 } from './http1.ts'

const LIMITS = { maxHeaderBytes: 0, maxHeaders: 0 }

function read(what: What, text: string): Http1Head {
  const reader = new HeadReader(what, LIMITS)
  const cursor = new Cursor()
  cursor.add(Buffer.from(text, 'latin1'))
  expect(reader.read(cursor)).toBe(Got.Head)
  return reader.head
}

function frameOf(what: What, text: string, last = true): Frame {
  const head = read(what, text.replaceAll('\n', '\r\n'))
  const kinds = [FrameKind.Request, FrameKind.Response, FrameKind.Trailers]
  return new Frame(http1, kinds[what]!, 0, head.buf, head.start, head.end, last, head)
}

/** The text of what was adopted; what it was refused for. */
function text(made: Frame | Fault): string {
  if (!(made instanceof Frame)) return made.sentence
  expect(made.protocol).toBe(http1)
  return made.buf.toString('latin1', made.start, made.end).replaceAll('\r\n', '\n')
}

const GET = frameOf(What.Request, 'GET / HTTP/1.1\nHost: a\n\n')
const UPGRADE = 'GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: '
const WEBSOCKET = frameOf(
  What.Request,
  `${UPGRADE}WebSocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n`,
  false,
)
/** What the host makes of the key in RFC 6455 section 1.3. */
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

describe('a request of another version', () => {
  const cases: readonly (readonly [string, FakeFields, string])[] = [
    [
      'has its pseudo headers in the request line and in Host',
      { method: 'PATCH', authority: 'b:81', path: '/p?q', fields: [['x', '1']] },
      'PATCH /p?q HTTP/1.1\nhost: b:81\nx: 1\ncontent-length: 0\n\n',
    ],
    ['may be for no host in particular', { authority: '' }, 'GET / HTTP/1.1\nhost: \n\n'],
    [
      'keeps fields of one name apart, in their order',
      {
        fields: [
          ['x', '1'],
          ['y', ''],
          ['x', '2, 3'],
        ],
      },
      'GET / HTTP/1.1\nhost: a\nx: 1\ny: \nx: 2, 3\n\n',
    ],
    [
      'has its cookies in one line',
      {
        fields: [
          ['cookie', 'a=1'],
          ['x', '1'],
          ['cookie', 'b=2'],
          ['cookie', 'c=3; d=4'],
        ],
      },
      'GET / HTTP/1.1\nhost: a\nx: 1\ncookie: a=1; b=2; c=3; d=4\n\n',
    ],
    [
      'keeps bytes beyond ASCII',
      { fields: [['x', 'caf\u00e9']] },
      'GET / HTTP/1.1\nhost: a\nx: caf\u00e9\n\n',
    ],
    [
      'keeps its expectation and its length',
      {
        method: 'POST',
        fields: [
          ['expect', '100-continue'],
          ['content-length', '5'],
        ],
      },
      'POST / HTTP/1.1\nhost: a\nexpect: 100-continue\ncontent-length: 5\n\n',
    ],
    [
      'may be for the host itself',
      { method: 'OPTIONS', path: '*' },
      'OPTIONS * HTTP/1.1\nhost: a\n\n',
    ],
    [
      'asks for a tunnel by its authority',
      { method: 'CONNECT', authority: 'db:5432', path: undefined },
      'CONNECT db:5432 HTTP/1.1\nhost: db:5432\n\n',
    ],
    [
      'asks for a websocket with the key it brought',
      {
        method: 'CONNECT',
        upgrade: 'websocket',
        path: '/chat',
        fields: [['sec-websocket-key', 'k']],
      },
      'GET /chat HTTP/1.1\nhost: a\nsec-websocket-key: k\nupgrade: websocket\n\n',
    ],
    [
      'asks for other protocols without a key',
      { method: 'CONNECT', upgrade: 'connect-udp', path: '/udp' },
      'GET /udp HTTP/1.1\nhost: a\nupgrade: connect-udp\n\n',
    ],
  ]
  it.each(cases)('%s', (_name, told, goes) => {
    expect(text(adoptRequest(http1, foreignRequest(told)))).toBe(goes)
  })

  it('gets a new key for each websocket', () => {
    const ask = (): string =>
      text(adoptRequest(http1, foreignRequest({ method: 'CONNECT', upgrade: 'websocket' }, false)))
    const KEYED =
      /^GET \/ HTTP\/1.1\nhost: a\nupgrade: websocket\nsec-websocket-key: ([\w+/]{22}==)\n\n$/
    const [one, two] = [KEYED.exec(ask()), KEYED.exec(ask())]
    expect(Buffer.from(one![1]!, 'base64')).toHaveLength(16)
    expect(two![1]).not.toBe(one![1])
  })

  it('takes its id, its changes and whether it is whole along', () => {
    const frame = foreignRequest({ path: '/old' }, false)
    frame.set(':path', '/new')
    const made = adoptRequest(http1, frame) as Frame
    expect(made).toMatchObject({ id: 7, kind: FrameKind.Request, last: false })
    expect(made.edits).toBe(frame.edits)
    expect(made.header(':path')).toBe('/new')
  })

  it('has no length where a body follows that told none', () => {
    const made = adoptRequest(http1, foreignRequest({ method: 'POST' }, false)) as Frame
    expect(text(made)).toBe('POST / HTTP/1.1\nhost: a\n\n')
  })

  it('still takes trailers', () => {
    const made = adoptRequest(http1, foreignRequest({ takesTrailers: true })) as Frame
    expect((made.view as Http1Head).takesTrailers).toBe(true)
  })

  const field = (name: string, value: string): FakeFields => ({ fields: [[name, value]] })
  const refused: readonly (readonly [string, FakeFields, Fault])[] = [
    ['a line break in a value', field('x', 'a\r\nevil: 1'), Faults.value],
    ['a whole request in a value', field('x', 'a\r\n\r\nGET /evil HTTP/1.1'), Faults.value],
    ['CR in a value', field('x', 'a\rb'), Faults.value],
    ['LF in a value', field('x', 'a\nb'), Faults.value],
    ['NUL in a value', field('x', 'a\0b'), Faults.value],
    ['characters whose low bytes are a line break', field('x', 'a\u010d\u010ab'), Faults.value],
    ['a line break in a cookie', field('cookie', 'a=1\r\nx: 1'), Faults.value],
    ['a line break in a name', field('x: 1\r\ny', 'z'), Faults.name],
    ['a colon in a name', field('transfer-encoding:chunked', ''), Faults.name],
    ['a space in a name', field('content-length ', '5'), Faults.name],
    ['a name beyond ASCII', field('x\u00e9', '1'), Faults.name],
    ['no name', field('', '1'), Faults.name],
    ['a pseudo header among the fields', field(':path', '/evil'), Faults.name],
    ['a transfer coding', field('transfer-encoding', 'chunked'), Faults.ofOneConnection],
    ['a transfer coding in capitals', field('Transfer-Encoding', 'x'), Faults.ofOneConnection],
    ['connection', field('connection', 'close'), Faults.ofOneConnection],
    ['keep-alive', field('keep-alive', '5'), Faults.ofOneConnection],
    ['proxy-connection', field('proxy-connection', 'x'), Faults.ofOneConnection],
    ['upgrade', field('upgrade', 'websocket'), Faults.ofOneConnection],
    ['http2-settings', field('http2-settings', 'AAEA'), Faults.ofOneConnection],
    ['a second host', field('host', 'b'), Faults.hostTwice],
    ['a length that is no number', field('content-length', '5x'), Faults.length],
    ['a signed length', field('content-length', '+5'), Faults.length],
    ['a list of lengths', field('content-length', '5, 5'), Faults.length],
    [
      'two lengths',
      {
        fields: [
          ['content-length', '5'],
          ['content-length', '6'],
        ],
      },
      Faults.lengthTwice,
    ],
    ['a space in the path', { path: '/a HTTP/1.1\r\nx: y' }, Faults.target],
    ['a line break in the path', { path: '/\r\n' }, Faults.target],
    ['a tab in the path', { path: '/\t' }, Faults.target],
    ['a fragment', { path: '/a#b' }, Faults.target],
    ['a path beyond ASCII', { path: '/\u00e9' }, Faults.target],
    ['no path', { path: '' }, Faults.targetForm],
    ['an absolute path', { path: 'http://evil/' }, Faults.targetForm],
    ['a path without a slash', { path: 'a' }, Faults.targetForm],
    ['an asterisk for GET', { path: '*' }, Faults.targetForm],
    ['a space in the method', { method: 'GET /evil HTTP/1.1' }, Faults.method],
    ['no method', { method: '' }, Faults.method],
    ['a line break in the authority', { authority: 'a\r\nx: y' }, Faults.value],
    ['user information in the authority', { authority: 'u@a' }, Faults.host],
    ['a list of authorities', { authority: 'a, b' }, Faults.host],
    ['CONNECT to no port', { method: 'CONNECT', authority: 'a' }, Faults.targetForm],
    ['CONNECT to nowhere', { method: 'CONNECT', authority: '' }, Faults.target],
    [
      'CONNECT with a body',
      { method: 'CONNECT', authority: 'a:1', ...field('content-length', '5') },
      Faults.tunnelBody,
    ],
    [
      'a websocket behind a body',
      { method: 'CONNECT', upgrade: 'websocket', ...field('content-length', '5') },
      Faults.tunnelBody,
    ],
    ['an upgrade to h2c', { method: 'CONNECT', upgrade: 'h2c' }, Faults.tunnelBody],
    ['a line break in the upgrade', { method: 'CONNECT', upgrade: 'a\r\nb: c' }, Faults.value],
  ]
  it.each(refused)('is refused for %s', (_name, told, fault) => {
    expect(adoptRequest(http1, foreignRequest(told))).toBe(fault)
    // Nothing of it is left for the next.
    expect(text(adoptRequest(http1, foreignRequest({})))).toBe('GET / HTTP/1.1\nhost: a\n\n')
  })
})

describe('an answer of another version', () => {
  const answered = (told: FakeFields, ask = GET): string =>
    text(adoptResponse(http1, ask, foreignResponse(told)))

  it('has a status line and its fields', () => {
    const fields = [
      ['set-cookie', 'a'],
      ['set-cookie', 'b'],
      ['content-length', '2'],
    ] as const
    expect(answered({ status: 201, fields })).toBe(
      'HTTP/1.1 201 Created\nset-cookie: a\nset-cookie: b\ncontent-length: 2\n\n',
    )
  })

  it('opens the websocket that was asked for, with the accept that its key wants', () => {
    const fields = [['sec-websocket-protocol', 'chat']] as const
    const goes =
      'HTTP/1.1 101 Switching Protocols\nsec-websocket-protocol: chat\nupgrade: websocket\n' +
      `sec-websocket-accept: ${ACCEPT}\n\n`
    expect(answered({ fields }, WEBSOCKET)).toBe(goes)
    const accepted = [...fields, ['sec-websocket-accept', 'of another hop']] as const
    expect(answered({ fields: accepted }, WEBSOCKET)).toBe(goes)
  })

  it('opens another protocol without an accept', () => {
    const ask = frameOf(What.Request, `${UPGRADE}foo\n\n`, false)
    expect(answered({}, ask)).toBe('HTTP/1.1 101 Switching Protocols\nupgrade: foo\n\n')
  })

  it('is an answer like any other where the upgrade was refused, or taken out of the request', () => {
    expect(answered({ status: 403 }, WEBSOCKET)).toBe('HTTP/1.1 403 Forbidden\n\n')
    const ask = frameOf(What.Request, `${UPGRADE}foo\n\n`, false)
    ask.remove('upgrade')
    expect(answered({}, ask)).toBe('HTTP/1.1 200 OK\n\n')
  })

  it('opens a tunnel of CONNECT by its status', () => {
    const ask = frameOf(What.Request, 'CONNECT a:1 HTTP/1.1\nHost: a:1\n\n', false)
    expect(answered({}, ask)).toBe('HTTP/1.1 200 OK\n\n')
  })

  const refused: readonly (readonly [string, FakeFields, Fault])[] = [
    ['a line break in a value', { fields: [['x', 'a\r\n\r\nHTTP/1.1 200 OK']] }, Faults.value],
    ['a transfer coding', { fields: [['transfer-encoding', 'x']] }, Faults.ofOneConnection],
    [
      'two lengths',
      {
        fields: [
          ['content-length', '1'],
          ['content-length', '2'],
        ],
      },
      Faults.lengthTwice,
    ],
    ['a status of two digits', { status: 20 }, Faults.statusLine],
    ['a status of four digits', { status: 2000 }, Faults.statusLine],
    ['a status that is a fraction', { status: 200.5 }, Faults.statusLine],
    ['an interim status', { status: 103 }, Faults.statusLine],
    ['101', { status: 101 }, Faults.switching],
  ]
  it.each(refused)('is refused for %s', (_name, told, fault) => {
    expect(adoptResponse(http1, GET, foreignResponse(told))).toBe(fault)
  })
})

describe('an interim answer of another version', () => {
  const interim = (told: FakeFields): Frame | Fault =>
    adoptInterim(http1, foreign(FrameKind.Interim, told))

  it('has a status line and its fields', () => {
    expect(text(interim({ status: 103, fields: [['link', '</a>']] }))).toBe(
      'HTTP/1.1 103 Early Hints\nlink: </a>\n\n',
    )
  })

  it('is no 101, and no answer', () => {
    expect(interim({ status: 101 })).toBe(Faults.switching)
    expect(interim({ status: 200 })).toBe(Faults.statusLine)
  })
})

describe('trailers of another version', () => {
  const trailers = (fields: FakeFields['fields']): Frame | Fault =>
    adoptTrailers(http1, foreign(FrameKind.Trailers, { fields: fields! }))

  it('are lines', () => {
    const made = trailers([
      ['grpc-status', '0'],
      ['grpc-message', 'ok'],
    ])
    expect(text(made)).toBe('grpc-status: 0\ngrpc-message: ok\n\n')
    expect(http1.callStatus!(made as Frame)).toBe(0)
  })

  it('are refused for what would end a line', () => {
    expect(trailers([['x', 'a\r\n\r\nGET / HTTP/1.1']])).toBe(Faults.value)
    expect(trailers([[':status', '200']])).toBe(Faults.name)
  })
})

describe('what is adopted', () => {
  const name = fc.stringMatching(/^[a-z][a-z\d-]{0,11}$/).map((text) => `x-${text}`)
  const value = fc.stringMatching(/^[!-~\xa0-\xff]([\t -~\xa0-\xff]{0,20}[!-~\xa0-\xff])?$/)
  const lines = fc.array(fc.tuple(name, value), { maxLength: 12 })
  const spell = fc.constantFrom(
    (text: string) => text,
    (text: string) => text.toUpperCase(),
  )

  const fieldsOf = (head: Http1Head): [string, string][] => {
    const fields: [string, string][] = []
    head.each((one, what) => fields.push([one, what]))
    return fields
  }

  it('has the fields that HTTP/1 brought, after a way through another version', () => {
    fc.assert(
      fc.property(lines, spell, fc.boolean(), (fields, spelt, asks) => {
        const rows = fields.map(([one, what]) => `${spelt(one)}: ${what}\r\n`).join('')
        const first = asks ? 'GET /p?q HTTP/1.1\r\nHost: a\r\n' : 'HTTP/1.1 200 OK\r\n'
        const what = asks ? What.Request : What.Response
        const head = read(what, `${first}${rows}\r\n`)
        expect(fieldsOf(head)).toEqual(fields)
        const kind = asks ? FrameKind.Request : FrameKind.Response
        const frame = new Frame(http1, kind, 0, head.buf, 0, head.end, true, head)
        const back = carried(frame)
        const made = asks ? adoptRequest(http1, back) : adoptResponse(http1, GET, back)
        expect(fieldsOf((made as Frame).view as Http1Head)).toEqual(fields)
      }),
    )
  })

  it('is what the strict reader makes of its bytes', () => {
    // Most of them go through, and any character may come.
    const odd = <T>(usual: fc.Arbitrary<T>, chars: fc.Arbitrary<T>): fc.Arbitrary<T> =>
      fc.oneof({ arbitrary: usual, weight: 15 }, { arbitrary: chars, weight: 1 })
    const chars = fc.string({ unit: 'binary-ascii', maxLength: 4 })
    const any = fc.array(fc.tuple(odd(name, chars), odd(value, chars)), { maxLength: 8 })
    const paths = odd(fc.stringMatching(/^[\w%?&=/-]{0,20}$/), chars)
    let adopted = 0
    fc.assert(
      fc.property(any, paths, (fields, path) => {
        const made = adoptRequest(http1, foreignRequest({ fields, path: `/${path}` }))
        if (!(made instanceof Frame)) return
        adopted++
        const { buf, ...head } = made.view as Http1Head
        const { buf: again, ...read_ } = read(What.Request, buf.toString('latin1'))
        expect(again.equals(buf)).toBe(true)
        expect(read_).toEqual(head)
      }),
    )
    expect(adopted).toBeGreaterThan(20)
  })
})
