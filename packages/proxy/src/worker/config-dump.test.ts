import { createPrivateKey } from 'node:crypto'
import { createLogger } from '@tulle/core'
import {
  boltChain,
  bootstrap,
  cluster,
  everyCall,
  httpChain,
  listener,
  TestAuthority,
  tcpChain,
} from '@tulle/testkit'
import { expect, it } from 'vitest'
import { Fleet } from './fleet.ts'
import { LocalMember } from './local.ts'

it('the configuration is shown without keys and passwords', async () => {
  const authority = await TestAuthority.create()
  const { chain, key } = await authority.issue({ dns: ['shop.test'] })
  const passphrase = 'open sesame'
  const sealed = createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
  const routes = [{ match: { prefix: '/' }, direct_response: { status: 200 } }]
  const tls = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
    common_tls_context: {
      tls_certificates: [
        {
          certificate_chain: { inline_string: chain },
          private_key: { inline_string: sealed },
          password: { inline_string: passphrase },
        },
      ],
    },
  }
  const web = { ...httpChain(routes), transport_socket: { name: 'tls', typed_config: tls } }
  const log = createLogger('off')
  const fleet = new Fleet([new LocalMember(log, false)], log, '0', () => {})
  const text = bootstrap([listener('web', [web])], [])
  expect(await fleet.apply({ text, file: 'x.yaml' })).toMatchObject({ ok: true })
  const dump = JSON.stringify(fleet.configDump())
  expect(dump).toContain('BEGIN CERTIFICATE')
  expect(dump).toContain('[redacted]')
  expect(dump).not.toContain('PRIVATE KEY')
  expect(dump).not.toContain(passphrase)
  expect(await fleet.listeners()).toMatchObject([
    {
      name: 'web',
      chains: [
        { stat_prefix: 'web', protocol: 'http/1.1' },
        { stat_prefix: 'web', protocol: 'h2' },
      ],
    },
  ])
  await fleet.drained(0)
})

it('each chain is shown with how deep its rules look into messages, and the rule to blame', async () => {
  const log = createLogger('off')
  const fleet = new Fleet([new LocalMember(log, false)], log, '0', () => {})
  const colored = { match: { headers: [{ name: 'color' }] }, route: { cluster: 'a' } }
  const listeners = [
    listener('all', [boltChain([everyCall('a')])]),
    listener('colored', [boltChain([colored])]),
    listener('web', [httpChain([])]),
    listener('raw', [tcpChain('a')]),
  ]
  expect(fleet.configDump()).toBeNull()
  const text = bootstrap(listeners, [cluster('a', [1])])
  expect(await fleet.apply({ text, file: 'x.yaml' })).toMatchObject({ ok: true })
  const dump = fleet.configDump() as { listeners: { name: string; chains: { reads: unknown }[] }[] }
  const reads = dump.listeners.map(({ name, chains }) => [name, chains[0]!.reads])
  const match =
    'static_resources.listeners[1].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0].match'
  expect(Object.fromEntries(reads)).toEqual({
    all: { depth: 'nothing', why: 'no rule looks inside a frame' },
    colored: { depth: 'headers', why: `a route by header "color" (${match}.headers[0])` },
    web: { depth: 'headers', why: 'HTTP is read by the heads of its messages' },
    raw: { depth: 'nothing', why: 'tcp_proxy passes bytes on as they come' },
  })
  await fleet.drained(0)
})
