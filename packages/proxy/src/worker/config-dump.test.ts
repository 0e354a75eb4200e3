import { createPrivateKey } from 'node:crypto'
import { createLogger } from '@tulle/core'
import { bootstrap, httpChain, listener, TestAuthority } from '@tulle/testkit'
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
