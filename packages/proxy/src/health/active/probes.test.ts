import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { FakePatient } from '@tulle/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { connectPlain } from './connect.ts'
import { HeartbeatProbe } from './heartbeat.ts'
import { HttpProbe } from './http.ts'
import type { Finding, Probe } from './probe.ts'
import { TcpProbe } from './tcp.ts'

const servers: Server[] = []
const accepted = new Set<Socket>()
const probes: Probe[] = []

afterEach(async () => {
  for (const probe of probes.splice(0)) probe.cancel()
  for (const socket of accepted) socket.destroy()
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  )
})

async function serve(onSocket: (socket: Socket) => void): Promise<FakePatient> {
  const server = net.createServer((socket) => {
    accepted.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => accepted.delete(socket))
    onSocket(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new FakePatient((server.address() as AddressInfo).port)
}

async function nobody(): Promise<FakePatient> {
  const host = await serve(() => {})
  await new Promise((resolve) => servers.pop()!.close(resolve))
  return host
}

/** Answers every request with these bytes. */
function answering(answer: string): Promise<FakePatient> {
  return serve((socket) => socket.once('data', () => socket.end(answer)))
}

function ask(probe: Probe): Promise<Finding> {
  probes.push(probe)
  return new Promise((resolve) => probe.start(resolve))
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}

describe('a TCP probe', () => {
  it('finds a host that accepts well, time and again, and leaves no connection', async () => {
    const probe = new TcpProbe(await serve(() => {}), connectPlain)
    expect(await ask(probe)).toBeNull()
    expect(await ask(probe)).toBeNull()
    await until(() => accepted.size === 0)
  })

  it('says so when nobody listens', async () => {
    const finding = await ask(new TcpProbe(await nobody(), connectPlain))
    expect(finding).toMatch(/^cannot connect: .*ECONNREFUSED/)
  })
})

const HTTP = {
  kind: 'http',
  host: '',
  path: '/health?deep=1',
  http2: false,
  expectedStatuses: [],
} as const

describe('an HTTP probe', () => {
  it.each([
    ['200', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', null, true],
    ['an interim answer first', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', null, true],
    ['another status', 'HTTP/1.1 204 No Content\r\n\r\n', 'answered 204', true],
    ['an error', 'HTTP/1.1 503 Unavailable\r\n\r\n', 'answered 503', true],
    ['something else', 'SSH-2.0-OpenSSH_9.6\r\n', 'the answer is not HTTP/1', false],
    ['nothing', '', 'no answer: the connection was closed', false],
    [
      'a head without end',
      `HTTP/1.1 100 C\r\nx: ${'y'.repeat(80_000)}`,
      'the head of the answer is too large',
      false,
    ],
  ])('understands %s', async (_, answer, finding, answered) => {
    const probe = new HttpProbe(await answering(answer), HTTP, 'shop', 'http', connectPlain)
    expect(await ask(probe)).toBe(finding)
    expect(probe.answered).toBe(answered)
  })

  it('says so when nobody listens', async () => {
    const finding = await ask(new HttpProbe(await nobody(), HTTP, 'shop', 'http', connectPlain))
    expect(finding).toMatch(/^no answer: .*ECONNREFUSED/)
  })

  it.each([
    [200, 'answered 200'],
    [201, null],
    [299, null],
    [300, 'answered 300'],
    [404, null],
  ])('expects what it is told to expect: %d', async (status, finding) => {
    const expectedStatuses = [
      { start: 201, end: 300 },
      { start: 404, end: 405 },
    ]
    const host = await answering(`HTTP/1.1 ${status} -\r\n\r\n`)
    const probe = new HttpProbe(host, { ...HTTP, expectedStatuses }, 'shop', 'http', connectPlain)
    expect(await ask(probe)).toBe(finding)
  })

  it.each([
    ['the check', { ...HTTP, host: 'check.test' }, 'endpoint.test', 'check.test'],
    ['the endpoint', HTTP, 'endpoint.test', 'endpoint.test'],
    ['the cluster', HTTP, '', 'shop'],
  ])('takes the host header of %s', async (_, settings, hostname, expected) => {
    const heard = Promise.withResolvers<string>()
    const { port } = await serve((socket) =>
      socket.once('data', (chunk) => heard.resolve(chunk.toString())),
    )
    const probe = new HttpProbe(
      new FakePatient(port, { hostname }),
      settings,
      'shop',
      'http',
      connectPlain,
    )
    probes.push(probe)
    probe.start(() => {})
    const [line, ...headers] = (await heard.promise).split('\r\n')
    expect(line).toBe('GET /health?deep=1 HTTP/1.1')
    expect(headers.filter((header) => header.startsWith('host:'))).toEqual([`host: ${expected}`])
    expect(headers.slice(-2)).toEqual(['', ''])
  })

  it('understands an answer that comes byte by byte', async () => {
    const host = await serve((socket) => {
      socket.setNoDelay(true)
      socket.once('data', async () => {
        for (const letter of 'HTTP/1.1 200 OK\r\n\r\n') {
          socket.write(letter)
          await new Promise((resolve) => setImmediate(resolve))
        }
        socket.end()
      })
    })
    expect(await ask(new HttpProbe(host, HTTP, 'shop', 'http', connectPlain))).toBeNull()
  })

  it('does not read a body without end', async () => {
    const host = await serve((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        const more = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(4096))) {}
        }
        socket.on('drain', more)
        more()
      })
    })
    expect(await ask(new HttpProbe(host, HTTP, 'shop', 'http', connectPlain))).toBeNull()
    await until(() => accepted.size === 0)
  })

  it('lets go of a host that keeps the connection, at the next question and when it is cancelled', async () => {
    const host = await serve((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
    })
    const probe = new HttpProbe(host, HTTP, 'shop', 'http', connectPlain)
    expect(await ask(probe)).toBeNull()
    expect(await ask(probe)).toBeNull()
    await until(() => accepted.size === 1)
    probe.cancel()
    await until(() => accepted.size === 0)
  })
})

describe('a heartbeat probe', () => {
  it.each([
    [true, null],
    [false, 'the heartbeat was not answered'],
  ])('passes on what the ping says: %s', async (alive, finding) => {
    const host = new FakePatient(12200)
    const asked: unknown[] = []
    const probe = new HeartbeatProbe(host, 'bolt', 300, (...question) => {
      const done = question.pop() as (alive: boolean) => void
      asked.push(...question)
      setImmediate(done, alive)
    })
    expect(await ask(probe)).toBe(finding)
    expect(asked).toEqual(['bolt', host, 300])
  })

  it('ignores answers to a question that was cancelled', () => {
    const dones: ((alive: boolean) => void)[] = []
    const findings: Finding[] = []
    const probe = new HeartbeatProbe(new FakePatient(12200), 'bolt', 300, (_p, _h, _t, done) => {
      dones.push(done)
    })
    probe.start((finding) => findings.push(finding))
    probe.cancel()
    probe.start((finding) => findings.push(finding))
    dones[0]!(false)
    expect(findings).toEqual([])
    dones[1]!(true)
    dones[1]!(false)
    expect(findings).toEqual([null])
  })
})
