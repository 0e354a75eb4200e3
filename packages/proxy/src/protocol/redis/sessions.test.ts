import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Metrics } from '@tulle/core'
import { HTTP2_DEFAULTS, type Http2Settings } from '@tulle/model'
import { FakeChain, HandClock } from '@tulle/testkit'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../connection.ts'
import { Frame, FrameKind } from '../../frame.ts'
import { type ClusterSeries, clusterFamily } from '../../metrics.ts'
import type { Outcome } from '../../outcome.ts'
import type { ClientOwner, ClientSession, ServerSession } from '../../session.ts'
import type { Stream } from '../../stream.ts'
import { Ask, Lane } from './command.ts'
import { findCommand } from './commands.ts'
import { encodeCommand } from './inline.ts'
import { redis } from './redis.ts'

/** A socket that keeps what is written, and takes it when the test says so. */
class Line extends EventEmitter {
  out = ''
  writableLength = 0
  writableNeedDrain = false
  full = false
  paused = false
  state: 'open' | 'ended' | 'destroyed' = 'open'

  write(bytes: Buffer): boolean {
    this.out += bytes.toString('latin1')
    if (this.full) this.writableLength += bytes.length
    return !this.full
  }
  /** What was written since the last time. */
  take(): string {
    const { out } = this
    this.out = ''
    return out
  }
  end(): void {
    this.state = 'ended'
  }
  destroy(): void {
    this.state = 'destroyed'
  }
  destroySoon(): void {
    this.state = 'destroyed'
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  cork(): void {}
  uncork(): void {}
}

/** A session with a host, and somebody whose requests it carries. */
class Upstream implements ClientOwner {
  readonly chain: FakeChain
  readonly socket = new Line()
  readonly session: ClientSession
  readonly address = '10.0.0.1:6379'
  readonly stats: ClusterSeries = new Metrics().series(clusterFamily, 'fake')
  readonly maxFrameBytes = 65_536
  readonly maxHeaderBytes = 65_536
  readonly http2: Http2Settings = HTTP2_DEFAULTS
  readonly onlyFor = null
  readonly resets: [Stream, string, boolean][] = []
  readonly answers: [Stream, string][] = []
  idleTimeoutMs = 0
  rooms = 0
  onReadyDo: (session: ClientSession) => void = () => {}

  constructor(lane: Lane = Lane.Resp2, onReadyDo?: (session: ClientSession, of: Upstream) => void) {
    this.chain = new FakeChain([], { clock: new HandClock() })
    const { turn, stats } = this.chain.intake
    Object.assign(this.chain.far, {
      onReset: (stream: Stream, _outcome: Outcome, sentence: string, untouched: boolean) => {
        this.resets.push([stream, sentence, untouched])
      },
      onResponse: (stream: Stream, { buf, start, end }: Frame) => {
        this.answers.push([stream, buf.toString('latin1', start, end)])
        return true
      },
    })
    const connection = new Connection(this.socket as unknown as Socket, turn, stats)
    this.session = redis.client(connection, this)
    this.session.poolKey = lane
    connection.owner = this.session
    if (onReadyDo !== undefined) this.onReadyDo = (session) => onReadyDo(session, this)
    this.session.onConnect()
  }

  get turn(): FakeChain['intake']['turn'] {
    return this.chain.intake.turn
  }
  get wheel(): FakeChain['intake']['wheel'] {
    return this.chain.intake.wheel
  }
  onReady(session: ClientSession): void {
    this.onReadyDo(session)
  }
  onRoom(): void {
    this.rooms++
  }
  onClosed(): void {}

  send(line: string, lane: Lane = Lane.Resp2): Stream {
    const words = line.split(' ').map((word) => Buffer.from(word))
    const bytes = encodeCommand(words)
    const ask = new Ask(findCommand(words[0]!, 0, words[0]!.length), lane, 0, 0)
    const last = lane !== Lane.Own
    const frame = new Frame(redis, FrameKind.Request, 0, bytes, 0, bytes.length, last, ask)
    const stream = this.chain.send(frame)
    stream.up = this.session
    stream.sentAt = this.turn.now
    this.session.send(stream, frame)
    return stream
  }

  hear(text: string): void {
    this.session.onData(Buffer.from(text, 'latin1'))
  }
}

const PING = '*1\r\n$4\r\nPING\r\n'

describe('a connection to a host', () => {
  it('gives answers to those who asked, past those who have gone', () => {
    const host = new Upstream()
    const [a, b, c] = [host.send('GET a'), host.send('GET b'), host.send('GET c')]
    host.turn.end()
    expect(host.session.inFlight).toBe(3)
    host.session.cancel(b)
    host.hear('$1\r\na\r\n$1\r\nb\r\n$1\r')
    host.hear('\nc\r\n')
    expect(host.answers).toEqual([
      [a, '$1\r\na\r\n'],
      [c, '$1\r\nc\r\n'],
    ])
    expect(host.session.inFlight).toBe(0)
    expect(host.rooms).toBe(3)
  })

  it('asks a silent host whether it lives, and gives up after three questions', () => {
    const host = new Upstream()
    const waiting = host.send('GET a')
    host.turn.end()
    host.socket.take()
    for (let i = 0; i < 3; i++) {
      host.chain.intake.pass(15_100)
      host.turn.end()
      expect(host.socket.take()).toBe(PING)
    }
    host.chain.intake.pass(15_100)
    const sentence = '10.0.0.1:6379 left 3 heartbeats without an answer'
    expect(host.resets).toEqual([[waiting, sentence, false]])
    expect(host.socket.state).toBe('destroyed')
    expect(host.stats.heartbeat_failed).toBe(1)
  })

  it('does not ask while it is heard, and drops the answers to its questions', () => {
    const host = new Upstream()
    host.chain.intake.pass(15_100)
    host.turn.end()
    expect(host.socket.take()).toBe(PING)
    const stream = host.send('GET a')
    host.turn.end()
    host.hear('+PONG\r\n$-1\r\n')
    expect(host.answers).toEqual([[stream, '$-1\r\n']])
    host.chain.intake.pass(14_000)
    host.hear('')
    expect(host.stats.heartbeat_total).toBe(1)
  })

  it.each([
    ['+PONG\r\n', true],
    ['-NOAUTH Authentication required.\r\n', true],
    ['-LOADING Redis is loading\r\n', false],
    ['-MASTERDOWN Link with MASTER is down\r\n', false],
  ])('that is asked and says %j lives: %s', (said, lives) => {
    const host = new Upstream()
    const found: boolean[] = []
    host.session.ping(500, (alive) => found.push(alive))
    host.turn.end()
    expect(host.socket.take()).toBe(PING)
    host.hear(said)
    expect(found).toEqual([lives])
  })

  it('that is asked and says nothing in time does not live', () => {
    const host = new Upstream()
    const found: boolean[] = []
    host.session.ping(500, (alive) => found.push(alive))
    host.chain.intake.pass(600)
    expect(found).toEqual([false])
  })

  it('closes when nothing was asked for the idle time', () => {
    const host = new Upstream()
    host.idleTimeoutMs = 20_000
    host.chain.intake.pass(15_100)
    host.hear('+PONG\r\n')
    host.chain.intake.pass(15_100)
    host.turn.end()
    expect(host.socket.state).toBe('ended')
    expect(host.stats.cx_idle_timeout).toBe(1)
    host.chain.intake.pass(1100)
    expect(host.socket.state).toBe('destroyed')
  })

  it('begins with HELLO where RESP3 is spoken, and keeps the answer to itself', () => {
    const host = new Upstream(Lane.Resp3)
    const stream = host.send('GET a', Lane.Resp3)
    host.turn.end()
    expect(host.socket.take()).toMatch(/^\*2\r\n\$5\r\nHELLO\r\n\$1\r\n3\r\n\*2\r\n/)
    host.hear('%1\r\n+proto\r\n:3\r\n>2\r\n+invalidate\r\n_\r\n_\r\n')
    expect(host.answers).toEqual([[stream, '_\r\n']])
    expect(host.stats.rq_unknown_answer).toBe(1)
  })

  it('takes no answer to a command that has not left', () => {
    const host = new Upstream()
    const first = host.send('GET a')
    host.turn.end()
    host.chain.intake.pass(10)
    const second = host.send('GET b')
    host.hear('$1\r\na\r\n$4\r\nevil\r\n')
    expect(host.answers).toEqual([[first, '$1\r\na\r\n']])
    const sentence = '10.0.0.1:6379 sent an answer that nobody had asked for'
    expect(host.resets).toEqual([[second, sentence, true]])
    expect(host.socket.state).toBe('destroyed')
  })

  it.each([
    ['@\r\n', '10.0.0.1:6379 sent a value of unknown type, byte 64'],
    ['$70000\r\n', '10.0.0.1:6379 sent an answer of 70010 bytes, above the limit of 65536'],
  ])('that sends %j has broken off for all who wait', (said, sentence) => {
    const host = new Upstream()
    const [a, b] = [host.send('GET a'), host.send('GET b')]
    host.turn.end()
    host.hear(said)
    expect(host.resets.map(([stream, why]) => [stream, why])).toEqual([
      [a, sentence],
      [b, sentence],
    ])
    expect(host.stats.cx_protocol_error).toBe(1)
    expect(host.socket.state).toBe('destroyed')
  })

  it('says which commands cannot have been seen when it breaks', () => {
    const host = new Upstream()
    host.send('GET a')
    host.turn.end()
    host.chain.intake.pass(10)
    host.session.onEnd()
    const other = new Upstream()
    other.chain.intake.pass(10)
    other.send('GET a')
    other.session.onClose(new Error('reset'))
    expect(host.resets.map(([, , untouched]) => untouched)).toEqual([false])
    expect(other.resets.map(([, why, untouched]) => [why, untouched])).toEqual([
      ['10.0.0.1:6379 broke the connection: reset', true],
    ])
  })

  it('drains when its last answer is in', () => {
    const host = new Upstream()
    host.send('GET a')
    host.turn.end()
    host.session.drain()
    expect([host.session.hasRoom, host.socket.state]).toEqual([false, 'open'])
    host.hear('$-1\r\n')
    host.turn.end()
    expect(host.socket.state).toBe('ended')
  })

  it('pauses whose commands it cannot take, until it can', () => {
    const host = new Upstream()
    host.socket.full = true
    host.send(`SET a ${'x'.repeat(70_000)}`)
    host.send(`SET b ${'x'.repeat(70_000)}`)
    expect(host.chain.session.pauses).toBe(1)
    host.socket.full = false
    host.socket.emit('drain')
    expect(host.chain.session.resumes).toBe(1)
  })

  it('cannot carry headers', () => {
    const host = new Upstream()
    const { chain, session } = host
    const bytes = encodeCommand([Buffer.from('GET'), Buffer.from('a')])
    const ask = findCommand(Buffer.from('GET'), 0, 3).asks[0]
    const frame = new Frame(redis, FrameKind.Request, 0, bytes, 0, bytes.length, true, ask)
    frame.set('x', 'y')
    session.send(chain.send(frame), frame)
    expect(host.resets.map(([, why]) => why)).toEqual([
      'headers cannot be added to a command of redis',
    ])
    expect(session.inFlight).toBe(0)
  })
})

describe('a connection to a host for one client', () => {
  it('closes when that has gone before it stands', () => {
    expect(new Upstream(Lane.Own).socket.state).toBe('destroyed')
  })

  it('closes with its client', () => {
    let sent: Stream | null = null
    const host = new Upstream(Lane.Own, (_session, of) => {
      if (of.session !== undefined) sent = of.send('MULTI', Lane.Own)
    })
    expect(host.socket.state).toBe('open')
    expect(host.session.hasRoom).toBe(false)
    host.session.cancel(sent!)
    expect(host.socket.state).toBe('destroyed')
  })
})

/** A client, and what it was answered. */
class Downstream {
  readonly chain: FakeChain
  readonly socket = new Line()
  readonly session: ServerSession

  constructor(settings: object = {}) {
    this.chain = new FakeChain([], { settings })
    const { intake } = this.chain
    const connection = new Connection(this.socket as unknown as Socket, intake.turn, intake.stats)
    this.session = redis.server(connection, intake)
    connection.owner = this.session
    this.session.start()
  }

  say(text: string): void {
    this.session.onData(Buffer.from(text, 'latin1'))
  }
  get turn(): FakeChain['intake']['turn'] {
    return this.chain.intake.turn
  }
}

describe('a connection of a client', () => {
  it('closes when nothing is asked for the idle time', () => {
    const client = new Downstream({ idleTimeoutMs: 10_000 })
    client.chain.intake.pass(9000)
    client.say('SELECT 0\r\n')
    client.turn.end()
    client.chain.intake.pass(2000)
    expect(client.socket.state).toBe('open')
    client.chain.intake.pass(9000)
    client.turn.end()
    expect(client.socket.state).toBe('ended')
    expect(client.chain.intake.stats.cx_idle_timeout).toBe(1)
  })

  it('is broken off when its client takes nothing of what waits for it', () => {
    const client = new Downstream({ streamIdleTimeoutMs: 3000 })
    client.socket.full = true
    client.say('SELECT 0\r\n')
    client.turn.end()
    client.say('SELECT 0\r\n')
    expect(client.socket.paused).toBe(true)
    for (let i = 0; i < 6; i++) client.chain.intake.pass(1000)
    expect(client.socket.state).toBe('destroyed')
    client.session.onClose(null)
    expect(client.chain.intake.wheel.size).toBe(0)
  })

  it('stops reading a client with too many commands under way, and goes on', () => {
    const client = new Downstream()
    client.say('GET a\r\n'.repeat(1500))
    expect(client.chain.far.requests.length).toBe(128)
    expect(client.socket.paused).toBe(true)
    const streams = client.session.inFlight
    expect(streams).toBe(128)
    client.session.onClose(null)
    expect(client.chain.far.abandoned.length).toBe(128)
    expect(client.chain.intake.ends.length).toBe(128)
  })

  it('answers with an error where headers were added to an answer, but for errors', () => {
    const client = new Downstream()
    const streams: Stream[] = []
    const { far } = client.chain
    far.onRequest = (stream: Stream) => {
      streams.push(stream)
    }
    client.say('GET a\r\nGET b\r\n')
    for (const [i, text] of ['+OK\r\n', '-ERR no\r\n'].entries()) {
      const bytes = Buffer.from(text)
      const frame = new Frame(redis, FrameKind.Response, 0, bytes, 0, bytes.length, true, null)
      frame.set('x', 'y')
      far.onResponse(streams[i]!, frame)
    }
    client.turn.end()
    expect(client.socket.take()).toBe(
      '-BADGATEWAY test: proxy: headers cannot be added to an answer of redis\r\n-ERR no\r\n',
    )
    expect(client.chain.intake.ends.map(({ outcome }) => outcome.name)).toEqual([
      'upstream_protocol',
      'ok',
    ])
    client.session.onClose(null)
  })
})
