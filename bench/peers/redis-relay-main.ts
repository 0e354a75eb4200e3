/**
 * `node redis-relay-main.ts PORT TO [corked]`: a relay for Redis as one writes it in an hour. Commands and answers are read
 * by the library redis-parser and written anew; all clients share one connection to the host. Corked, what comes in one
 * chunk leaves in one write.
 */
import { createRequire } from 'node:module'
import net, { type Socket } from 'node:net'

/** As much of redis-parser as is used: it has no types of its own. */
interface Parser {
  execute(chunk: Buffer): void
}
type Value = Buffer | number | null | Error | readonly Value[]
type ParserClass = new (options: {
  readonly returnBuffers: boolean
  returnReply(value: Value): void
  returnError(error: Error): void
  returnFatalError(error: Error): void
}) => Parser

const RedisParser = createRequire(import.meta.url)('redis-parser') as ParserClass
const [port, to] = process.argv.slice(2).map(Number)
const corked = process.argv[4] === 'corked'
const CRLF = Buffer.from('\r\n')

const waiting: Socket[] = []
const host = net.connect({ host: '127.0.0.1', port: to!, noDelay: true })
const answers = parser((value) => waiting.shift()!.write(encode(value)), close)
host.on('data', (chunk: Buffer) => {
  const clients = corked ? new Set(waiting) : []
  for (const client of clients) client.cork()
  answers.execute(chunk)
  for (const client of clients) client.uncork()
})
host.on('error', close)
host.on('close', () => process.exit(1))

net
  .createServer({ noDelay: true }, (client) => {
    const commands = parser(
      (value) => {
        waiting.push(client)
        host.write(encode(value))
      },
      () => client.destroy(),
    )
    client.on('data', (chunk: Buffer) => {
      if (corked) host.cork()
      commands.execute(chunk)
      if (corked) host.uncork()
    })
    client.on('error', () => client.destroy())
  })
  .listen({ port: port!, host: '127.0.0.1', backlog: 4096 })

function parser(onValue: (value: Value) => void, onFatal: (error: Error) => void): Parser {
  return new RedisParser({
    returnBuffers: true,
    returnReply: onValue,
    returnError: onValue,
    returnFatalError: onFatal,
  })
}

function encode(value: Value): Buffer {
  if (value === null) return Buffer.from('$-1\r\n')
  if (typeof value === 'number') return Buffer.from(`:${value}\r\n`)
  if (value instanceof Error) return Buffer.from(`-${value.message}\r\n`)
  if (Buffer.isBuffer(value))
    return Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, CRLF])
  const items = value as readonly Value[]
  return Buffer.concat([Buffer.from(`*${items.length}\r\n`), ...items.map(encode)])
}

function close(error: Error): never {
  console.error(error)
  process.exit(1)
}
