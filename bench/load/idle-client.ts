import { connect, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'

/**
 * Opens so many connections, makes one request on each and then leaves them alone, until it is ended. Prints `ready`
 * when all have been answered: `idle-client.ts PORT HOST CONNECTIONS http1|tls|http2`. Over TLS it speaks HTTP/1.1 and
 * believes any certificate.
 */
const AT_ONCE = 64

const [port, host, count, kind] = process.argv.slice(2)
const wanted = Number(count)
const secureContext = kind === 'tls' ? createSecureContext({ minVersion: 'TLSv1.3' }) : null
const request =
  kind === 'http2' ? requestHttp2() : Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
let begun = 0
let answered = 0

for (let i = 0; i < Math.min(AT_ONCE, wanted); i++) open()

function open(): void {
  begun++
  const socket = dial()
  socket.on('error', (error) => give(error.message))
  socket.on('end', () => give('closed by the proxy'))
  if (kind === 'http2') whenAnsweredHttp2(socket, oneMore)
  else {
    socket.once('data', (bytes: Buffer) => {
      if (!bytes.toString('latin1').startsWith('HTTP/1.1 200')) give(bytes.toString('latin1'))
      oneMore()
    })
  }
  socket.write(request)
}

function dial(): Socket {
  const to = { port: Number(port), host: '127.0.0.1' }
  if (secureContext === null) return connect(to)
  return connectTls({ ...to, secureContext, rejectUnauthorized: false })
}

function oneMore(): void {
  answered++
  if (begun < wanted) open()
  else if (answered === wanted) process.stdout.write('ready\n')
}

/** The preface, no settings of ours, a GET on the first stream that nothing else remembers. */
function requestHttp2(): Buffer {
  const block = [0x82, 0x86, 0x84, 0x01, host!.length, ...Buffer.from(host!)]
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from(frame(4, 0, 0)),
    Buffer.from(frame(1, 0x5, 1, block)),
  ])
}

function frame(type: number, flags: number, stream: number, payload: number[] = []): number[] {
  return [0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload]
}

/** Acknowledges the other side's settings and waits for the end of the first stream and for its acknowledgement. */
function whenAnsweredHttp2(socket: Socket, done: () => void): void {
  let got = Buffer.alloc(0)
  const awaited = new Set(['answer', 'settings', 'acknowledgement'])
  const take = (bytes: Buffer): void => {
    got = Buffer.concat([got, bytes])
    for (let size = 0; got.length >= 9; got = got.subarray(size)) {
      size = 9 + got.readUIntBE(0, 3)
      if (got.length < size) break
      const [type, flags] = [got[3]!, got[4]!]
      if (type === 4) awaited.delete((flags & 1) === 0 ? 'settings' : 'acknowledgement')
      if (type === 4 && (flags & 1) === 0) socket.write(Buffer.from(frame(4, 1, 0)))
      if (type === 3 || type === 7) give(`refused by a frame of type ${type}`)
      if (type <= 1 && (flags & 1) === 1) awaited.delete('answer')
    }
    if (awaited.size > 0) return
    socket.off('data', take)
    socket.resume()
    done()
  }
  socket.on('data', take)
}

function give(up: string): void {
  process.stderr.write(`error: connection ${answered + 1} of ${wanted}: ${up}\n`)
  process.exit(1)
}
