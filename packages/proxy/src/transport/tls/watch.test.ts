import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DownstreamTls } from '@tulle/model'
import { type Note, noteLogger, TestAuthority, type TestCertificate, until } from '@tulle/testkit'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Site } from '../../site.ts'
import { Bench, downstream } from './fixture.ts'
import { directoriesOf } from './watch.ts'

let one: TestCertificate
let two: TestCertificate
let three: TestCertificate
beforeAll(async () => {
  const ca = await TestAuthority.create()
  one = await ca.issue({ dns: ['one.example'] })
  two = await ca.issue({ dns: ['two.example'] })
  three = await ca.issue({ dns: ['three.example'] })
})

let folder: string
const bench = new Bench()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tulle-watch-'))
})
afterEach(() => {
  bench.clear()
  rmSync(folder, { recursive: true })
})

function write(place: string, { chain, key }: TestCertificate): void {
  writeFileSync(join(place, 'tls.crt'), chain)
  writeFileSync(join(place, 'tls.key'), key)
}

function configured(place: string): DownstreamTls {
  const file = (name: string) => ({ kind: 'file', path: join(place, name) }) as const
  return downstream({
    certificates: [{ chain: file('tls.crt'), key: file('tls.key'), password: null }],
  })
}

/** A server with its notes, and whose certificate it shows now. */
async function served(place: string): Promise<{
  port: number
  shows(): Promise<string>
  notes: readonly Note[]
}> {
  const log = noteLogger()
  const { notes } = log
  const { port } = await bench.serve(
    configured(place),
    (one) => {
      one.ear.onChunk = (chunk) => one.connection.write(chunk)
    },
    new Site({ log }),
  )
  const shows = async (): Promise<string> => {
    const client = await bench.foreign(port)
    return client.getPeerX509Certificate()?.subjectAltName ?? ''
  }
  return { port, shows, notes }
}

/** How Kubernetes mounts secrets: links to a directory that is swapped by one rename. */
function mount(version: string, certificate: TestCertificate): void {
  const versioned = join(folder, `..${version}`)
  mkdirSync(versioned)
  write(versioned, certificate)
  symlinkSync(`..${version}`, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
}

describe('certificates on disk', () => {
  it.each<[string, () => void]>([
    ['written over', () => write(folder, two)],
    [
      'replaced by a rename',
      () => {
        mkdirSync(join(folder, 'new'))
        write(join(folder, 'new'), two)
        for (const name of ['tls.crt', 'tls.key'])
          renameSync(join(folder, 'new', name), join(folder, name))
      },
    ],
  ])('are used when they are %s, without a connection being lost', async (_, change) => {
    write(folder, one)
    const { port, shows, notes } = await served(folder)
    const old = await bench.foreign(port)
    change()
    await until(() => notes.some(({ message }) => message === 'certificates replaced'))
    expect(await shows()).toBe('DNS:two.example')
    old.write('still here')
    expect(`${await once(old, 'data')}`).toBe('still here')
  })

  it('are followed through links that are swapped, again and again', async () => {
    mount('1', one)
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name))
    const { shows, notes } = await served(folder)
    expect(await shows()).toBe('DNS:one.example')
    const replaced = (): number =>
      notes.filter(({ message }) => message === 'certificates replaced').length
    mount('2', two)
    rmSync(join(folder, '..1'), { recursive: true })
    await until(() => replaced() === 1)
    expect(await shows()).toBe('DNS:two.example')
    mount('3', three)
    await until(() => replaced() === 2)
    expect(await shows()).toBe('DNS:three.example')
  })

  it('serve on while new ones are broken, and are replaced when those are mended', async () => {
    write(folder, one)
    const { shows, notes } = await served(folder)
    writeFileSync(join(folder, 'tls.crt'), two.chain)
    await until(() => notes.length > 0)
    expect(notes[0]).toMatchObject({
      message: 'changed certificates are not taken, those of before serve on',
      what: expect.stringContaining('does not belong to the first certificate'),
    })
    expect(await shows()).toBe('DNS:one.example')
    writeFileSync(join(folder, 'tls.key'), two.key)
    await until(() => notes.length > 1)
    expect(await shows()).toBe('DNS:two.example')
  })

  it('are found again when their directory went and came back', async () => {
    const place = join(folder, 'certificates')
    mkdirSync(place)
    write(place, one)
    const { shows, notes } = await served(place)
    rmSync(place, { recursive: true })
    await until(() => notes.length > 0)
    expect(await shows()).toBe('DNS:one.example')
    mkdirSync(place)
    write(place, two)
    await until(() => notes.some(({ message }) => message === 'certificates replaced'))
    expect(await shows()).toBe('DNS:two.example')
  })

  it('are watched no longer when their server stops', async () => {
    write(folder, one)
    const log = noteLogger()
    const { notes } = log
    const { server } = await bench.serve(configured(folder), () => {}, new Site({ log }))
    server.stop()
    write(folder, two)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(notes).toEqual([])
  })
})

describe('the directories to watch', () => {
  it('are those of the file and of every link to it', () => {
    mkdirSync(join(folder, 'a'))
    mkdirSync(join(folder, 'b'))
    writeFileSync(join(folder, 'b', 'real'), '')
    symlinkSync('../b/real', join(folder, 'a', 'link'))
    symlinkSync(join(folder, 'a'), join(folder, 'alias'))
    expect([...directoriesOf(join(folder, 'alias', 'link'))].sort()).toEqual([
      folder,
      join(folder, 'a'),
      join(folder, 'b'),
    ])
  })

  it('end where links run in a ring', () => {
    symlinkSync('two', join(folder, 'one'))
    symlinkSync('one', join(folder, 'two'))
    expect([...directoriesOf(join(folder, 'one'))]).toEqual([folder])
  })
})
