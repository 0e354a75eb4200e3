import net, { type AddressInfo, type Socket } from 'node:net'
import { argumentsOf } from './names.ts'
import { Got, RequestReader } from './request-reader.ts'

/** For tests: a connection to a `MiniRedis`, with what clients may leave it in. */
export interface Peer {
  readonly socket: Socket
  readonly commands: string[][]
  version: number
  name: string
  db: string
  queue: string[][] | null
  readonly channels: Set<string>
}

/**
 * As much of a Redis server as clients look for: strings, lists, transactions, channels, blocking, versions, databases.
 * `behave` may answer in its place; it returns bytes, or null to stay silent.
 */
export class MiniRedis {
  readonly peers: Peer[] = []
  readonly data: Map<string, string> = new Map()
  readonly lists: Map<string, string[]> = new Map()
  behave: (command: readonly string[], peer: Peer) => string | Buffer | null | undefined = () =>
    undefined
  readonly #server: net.Server
  readonly #blocked: { readonly peer: Peer; readonly key: string }[] = []

  constructor() {
    this.#server = net.createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Whoever ends what a test began gets to know how this ends. */
  static async start(stage: { later(stop: () => void): void }): Promise<MiniRedis> {
    const host = new MiniRedis()
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve))
    stage.later(() => host.stop())
    return host
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get open(): Peer[] {
    return this.peers.filter(({ socket }) => !socket.destroyed)
  }

  /** Every command that came, by name, in order. */
  get names(): string[] {
    return this.peers.flatMap(({ commands }) => commands.map(([name]) => name!))
  }

  stop(): void {
    for (const { socket } of this.peers) socket.destroy()
    this.#server.close()
  }

  #accept(socket: Socket): void {
    const reader = new RequestReader(64 * 1024 * 1024)
    const peer: Peer = {
      socket,
      commands: [],
      version: 2,
      name: '',
      db: '0',
      queue: null,
      channels: new Set(),
    }
    this.peers.push(peer)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      reader.add(chunk)
      while (reader.next() === Got.Message) {
        const args = argumentsOf(reader.buf, reader.start, reader.end)
        const command = args.map((one, i) =>
          i === 0 ? one.toString().toUpperCase() : one.toString('latin1'),
        )
        peer.commands.push(command)
        const own = this.behave(command, peer)
        if (own === null) continue
        const reply = own ?? this.#queued(command, peer)
        if (reply.length > 0) socket.write(reply as string, 'latin1')
      }
    })
  }

  #queued(command: string[], peer: Peer): string {
    const [name] = command
    if (name === 'MULTI') peer.queue = []
    else if (peer.queue !== null && name !== 'EXEC') {
      peer.queue.push(command)
      return '+QUEUED\r\n'
    } else if (name === 'EXEC') {
      const { queue } = peer
      peer.queue = null
      if (queue === null) return '-ERR EXEC without MULTI\r\n'
      return `*${queue.length}\r\n${queue.map((one) => this.#reply(one, peer)).join('')}`
    } else return this.#reply(command, peer)
    return '+OK\r\n'
  }

  #reply([name, ...args]: string[], peer: Peer): string {
    const key = `${peer.db}/${args[0]}`
    switch (name) {
      case 'PING':
        return '+PONG\r\n'
      case 'ECHO':
        return text(args[0]!)
      case 'INFO':
        return text('redis_version:7.0.0\r\nloading:0\r\n')
      case 'SET':
        this.data.set(key, args[1]!)
        return '+OK\r\n'
      case 'GET':
        return this.data.has(key) ? text(this.data.get(key)!) : '$-1\r\n'
      case 'INCR': {
        const next = Number(this.data.get(key) ?? 0) + 1
        this.data.set(key, String(next))
        return `:${next}\r\n`
      }
      case 'HELLO':
        if (args[0] !== undefined && args[0] !== '2' && args[0] !== '3') return '-NOPROTO sorry\r\n'
        peer.version = Number(args[0] ?? peer.version)
        return peer.version === 3 ? '%1\r\n$5\r\nproto\r\n:3\r\n' : '*2\r\n$5\r\nproto\r\n:2\r\n'
      case 'HGETALL':
        return peer.version === 3 ? '%1\r\n$1\r\na\r\n$1\r\nb\r\n' : '*2\r\n$1\r\na\r\n$1\r\nb\r\n'
      case 'CLIENT':
        if (args[0]!.toUpperCase() === 'SETNAME') peer.name = args[1]!
        return args[0]!.toUpperCase() === 'GETNAME' ? text(peer.name) : '+OK\r\n'
      case 'SELECT':
        peer.db = args[0]!
        return '+OK\r\n'
      case 'AUTH':
        return args.at(-1) === 'secret' ? '+OK\r\n' : '-WRONGPASS no\r\n'
      case 'SUBSCRIBE':
        return args.map((channel) => this.#subscribe(channel, peer)).join('')
      case 'PUBLISH':
        return this.#publish(args[0]!, args[1]!)
      case 'LPUSH':
        return this.#push(key, args[1]!)
      case 'BLPOP':
        return this.#pop(key, peer)
      default:
        return `-ERR unknown command '${name}'\r\n`
    }
  }

  #subscribe(channel: string, peer: Peer): string {
    peer.channels.add(channel)
    return `${head(peer)}${text('subscribe')}${text(channel)}:${peer.channels.size}\r\n`
  }

  #publish(channel: string, message: string): string {
    const heard = this.peers.filter(({ channels }) => channels.has(channel))
    for (const peer of heard)
      peer.socket.write(`${head(peer)}${text('message')}${text(channel)}${text(message)}`)
    return `:${heard.length}\r\n`
  }

  #push(key: string, value: string): string {
    const place = this.#blocked.findIndex((one) => one.key === key)
    if (place >= 0) {
      const [waiting] = this.#blocked.splice(place, 1)
      waiting!.peer.socket.write(`*2\r\n${text(key.slice(2))}${text(value)}`)
      return ':1\r\n'
    }
    const list = this.lists.get(key) ?? []
    this.lists.set(key, [value, ...list])
    return `:${list.length + 1}\r\n`
  }

  #pop(key: string, peer: Peer): string {
    const value = this.lists.get(key)?.shift()
    if (value !== undefined) return `*2\r\n${text(key.slice(2))}${text(value)}`
    this.#blocked.push({ peer, key })
    return ''
  }
}

function head({ version }: Peer): string {
  return version === 3 ? '>3\r\n' : '*3\r\n'
}

/** A bulk string of Latin-1 text. */
export function text(value: string): string {
  return `$${value.length}\r\n${value}\r\n`
}
