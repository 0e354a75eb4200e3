import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@tulle/core'
import { bootstrap, deadPort, everything, httpChain, listener } from '@tulle/testkit'
import { afterEach, expect, it } from 'vitest'
import { RemoteMember } from './remote.ts'

const folder = mkdtempSync(join(tmpdir(), 'tulle-'))
afterEach(() => rmSync(folder, { recursive: true }))

it('writes the lines of its last calls before it ends', async () => {
  const [path, port] = [join(folder, 'access.log'), await deadPort()]
  const log = {
    name: 'file',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
      path,
      log_format: { text_format_source: { inline_string: '%RESPONSE_CODE%\n' } },
    },
  }
  const chain = httpChain([everything('nowhere')], { access_log: [log] })
  const file = bootstrap([listener('web', [chain], { port })], [{ name: 'nowhere' }])
  const member = new RemoteMember(createLogger('off'))
  await member.apply({ text: file, file: 'f.yaml' })
  const agent = new http.Agent()
  await new Promise((resolve) => {
    http.get({ port, agent }, (answer) => answer.resume().once('end', resolve))
  })
  await member.drain(1000)
  await member.stop()
  expect(readFileSync(path, 'utf8')).toBe('503\n')
})
