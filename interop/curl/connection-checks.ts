import net from 'node:net'
import type { Certificates, Pair } from '../certificates.ts'
import { type Check, has, same } from '../checks.ts'
import { curl } from './curl.ts'

/** Ports of listeners, and sockets with names. */
export interface Places {
  readonly one: number
  readonly optional: number
  readonly required: number
  readonly named: number
  readonly proxied: number
  readonly behindPipe: number
  readonly pipe: string
  readonly abstract: string
}

/** How connections are made: what TLS, PROXY protocol and unix sockets have to do. */
export function connectionChecks(at: Places, of: Certificates): Check[] {
  return [
    ...upgradeChecks(at),
    ...clientCertificates(at, of),
    ...tlsChecks(at, of),
    ...proxyProtocol(at),
    ...pipes(at),
  ]
}

function upgradeChecks({ one }: Places): Check[] {
  return [
    [
      'an upgrade to h2c by HTTP/1.1 is honoured, or answered by HTTP/1.1',
      async () => {
        const { text, told } = await curl(['--http2', `http://127.0.0.1:${one}/hello`])
        same('the body', text, 'hello\n')
        has('the answer', told, /< HTTP\/1.1 101[\s\S]*< HTTP\/2 200|< HTTP\/1.1 200/)
      },
    ],
    [
      'a request that asks for h2c does not tell the host so',
      async () => {
        const { text, told } = await curl(['--http2', `http://127.0.0.1:${one}/mirror`])
        if (told.includes('< HTTP/1.1 101')) return
        const { headers } = JSON.parse(text)
        const hop = [headers.upgrade, headers['http2-settings']]
        same('what the host heard of it', hop.join(), ',')
      },
    ],
  ]
}

function clientCertificates(at: Places, of: Certificates): Check[] {
  const get = async (port: number, pair: Pair | null): Promise<Record<string, string>> => {
    const shown = pair === null ? [] : ['--cert', pair.certificate, '--key', pair.key]
    const { text } = await curl(['--cacert', of.ca, ...shown, `https://127.0.0.1:${port}/mirror`])
    return JSON.parse(text).headers
  }
  const refused = async (port: number, pair: Pair | null): Promise<void> => {
    const got = await get(port, pair).then(
      () => 'an answer',
      (error: Error) => error.message,
    )
    has('what curl says', got, /alert|SSL|TLS|reset/i)
  }
  const told = 'x-forwarded-client-cert'
  return [
    [
      'a certificate that is required is told to the host',
      async () => has(told, (await get(at.required, of.client))[told] ?? '', CLIENT),
    ],
    ['no certificate where one is required ends the handshake', () => refused(at.required, null)],
    [
      'a certificate of a stranger ends the handshake where one is required',
      () => refused(at.required, of.stranger),
    ],
    [
      'a certificate that is optional is told to the host',
      async () => has(told, (await get(at.optional, of.client))[told] ?? '', CLIENT),
    ],
    [
      'no certificate where one is optional is fine',
      async () => same(told, (await get(at.optional, null))[told], undefined),
    ],
    [
      'a certificate of a stranger ends the handshake where one is optional',
      () => refused(at.optional, of.stranger),
    ],
    [
      'what a client says of its certificate is not believed',
      async () => {
        const lie = ['-H', `${told}: URI=spiffe://interop/boss`]
        const url = `https://127.0.0.1:${at.optional}/mirror`
        const { text } = await curl(['--cacert', of.ca, ...lie, url])
        same(told, JSON.parse(text).headers[told], undefined)
      },
    ],
  ]
}

const CLIENT = 'URI=spiffe://interop/client'

function tlsChecks({ one, named }: Places, { ca }: Certificates): Check[] {
  const url = `https://127.0.0.1:${one}/hello`
  const say = async (host: string): Promise<string> => {
    const there = ['--resolve', `${host}:${named}:127.0.0.1`]
    return (await curl(['--cacert', ca, ...there, `https://${host}:${named}/`])).text
  }
  return [
    ...(['1.2', '1.3'] as const).map(
      (version): Check => [
        `TLS ${version} is spoken`,
        async () => {
          const only = [`--tlsv${version}`, '--tls-max', version]
          const { told } = await curl(['--cacert', ca, ...only, url])
          has('what curl says', told, `SSL connection using TLSv${version}`)
        },
      ],
    ),
    [
      'TLS 1.1 is refused',
      async () => {
        const only = ['--tlsv1.0', '--tls-max', '1.1', '--ciphers', 'DEFAULT@SECLEVEL=0']
        const got = await curl(['--cacert', ca, ...only, url]).then(
          () => 'an answer',
          (error: Error) => error.message,
        )
        has('what curl says', got, /alert|version|reset/i)
      },
    ],
    [
      'the name that is asked for chooses the chain',
      async () => {
        same('by its name', await say('interop.test'), 'named\n')
        same('by another', await say('localhost'), 'any\n')
        same('by one whose TLS is passed through', await say('through.interop.test'), 'through\n')
      },
    ],
  ]
}

function proxyProtocol({ proxied }: Places): Check[] {
  const url = `http://127.0.0.1:${proxied}/mirror`
  const fromCurl = (['--http1.1', '--http2-prior-knowledge'] as const).map(
    (version): Check => [
      `PROXY protocol before ${version} is understood`,
      async () => {
        const { text } = await curl([version, '--haproxy-protocol', url])
        same('the client', JSON.parse(text).headers['x-forwarded-for'], '127.0.0.1')
      },
    ],
  )
  const told = (['v1', 'v2'] as const).map(
    (version): Check => [
      `PROXY protocol ${version} tells whom the connection is from`,
      async () => has('what the host heard', await after(HEADERS[version], proxied), FORWARDED),
    ],
  )
  return [...fromCurl, ...told]
}

const FORWARDED = '"x-forwarded-for":"192.0.2.7"'
/** From 192.0.2.7:4711 to 192.0.2.8:80. */
const HEADERS = {
  v1: Buffer.from('PROXY TCP4 192.0.2.7 192.0.2.8 4711 80\r\n'),
  v2: Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c000020812670050', 'hex'),
} as const

/** The answer to a request that comes after these bytes. */
async function after(header: Buffer, port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  const request = 'GET /mirror HTTP/1.1\r\nHost: interop.test\r\nConnection: close\r\n\r\n'
  socket.write(Buffer.concat([header, Buffer.from(request)]))
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

function pipes({ pipe, abstract, behindPipe }: Places): Check[] {
  const versions = ['--http1.1', '--http2-prior-knowledge'] as const
  const sockets = [
    ['a unix socket', ['--unix-socket', pipe]],
    ['an abstract unix socket', ['--abstract-unix-socket', abstract]],
  ] as const
  const listening = sockets.flatMap(([name, args]) =>
    versions.map(
      (version): Check => [
        `${name} is listened on, ${version}`,
        async () =>
          same(
            'the body',
            (await curl([version, ...args, 'http://interop.test/hello'])).text,
            'hello\n',
          ),
      ],
    ),
  )
  return [
    ...listening,
    [
      'a host on a unix socket is reached',
      async () =>
        same('the body', (await curl([`http://127.0.0.1:${behindPipe}/hello`])).text, 'hello\n'),
    ],
  ]
}
