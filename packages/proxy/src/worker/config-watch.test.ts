import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap, cluster, listener, noteLogger, tcpChain, until } from '@tulle/testkit'
import { afterAll, expect, it } from 'vitest'
import { ConfigWatch } from './config-watch.ts'
import { Fleet } from './fleet.ts'
import { LocalMember } from './local.ts'

const folder = mkdtempSync(join(tmpdir(), 'tulle-'))
afterAll(() => rmSync(folder, { recursive: true }))

const adminAt = (port_value: number) => ({
  admin: { address: { socket_address: { address: '127.0.0.1', port_value } } },
})
const GOOD = bootstrap([], [], adminAt(1))
const ELSEWHERE = bootstrap([], [], adminAt(2))

it('tells what becomes of a file that goes, comes back, and moves the admin pages', async () => {
  const path = join(folder, 'a.yaml')
  writeFileSync(path, GOOD)
  const log = noteLogger()
  const sentences = () => log.notes.map(({ message }) => message)
  const fleet = new Fleet([new LocalMember(log, false)], log, '0', () => {})
  expect((await fleet.apply({ text: GOOD, file: path })).ok).toBe(true)
  new ConfigWatch(path, fleet, log).start(GOOD)

  rmSync(path)
  await until(() => log.notes.length > 0)
  expect(log.notes[0]!.error).toBe(`cannot read ${path}: there is no such file`)
  // Each change in the folder makes it look again, and still there is nothing.
  const again = join(folder, '..data')
  for (let i = 0; i < 3; i++) {
    writeFileSync(again, '')
    rmSync(again)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  writeFileSync(path, ELSEWHERE)
  await until(() => log.notes.length > 2)
  writeFileSync(path, GOOD)
  await until(() => log.notes.length > 3)
  expect(sentences()).toEqual([
    'configuration not applied; the old one serves on',
    'configuration applied',
    'a change of "admin" waits for a restart',
    'configuration applied',
  ])
  await fleet.drained(0)
})

it('tries again what a taken port kept from being applied, and says so once', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const path = join(folder, 'b.yaml')
  writeFileSync(path, GOOD)
  const log = noteLogger()
  const fleet = new Fleet([new LocalMember(log, false)], log, '0', () => {})
  await fleet.apply({ text: GOOD, file: path })
  new ConfigWatch(path, fleet, log).start(GOOD)
  writeFileSync(path, bootstrap([listener('raw', [tcpChain('a')], { port })], [cluster('a', [])]))
  await until(() => log.notes.length > 0)
  expect(log.notes[0]!.error).toContain('another process already does')
  writeFileSync(join(folder, '..again'), '')
  await new Promise((resolve) => setTimeout(resolve, 50))
  taken.close()
  writeFileSync(join(folder, '..data'), '')
  await until(() => log.notes.some(({ message }) => message === 'configuration applied'))
  expect(log.notes.filter(({ error }) => error !== undefined)).toHaveLength(1)
  await fleet.drained(0)
})
