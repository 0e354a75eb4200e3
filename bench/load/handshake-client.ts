import { readFileSync } from 'node:fs'
import { connect, createSecureContext } from 'node:tls'

/**
 * Makes one connection after the other over TLS 1.3 with a certificate of its own, none of them resumed, with one request
 * on each: its answer proves that the other side has taken the certificate. Prints how many as JSON:
 * `handshake-client.ts PORT HOST SERVER_NAME PKI AT_ONCE SECONDS`.
 */
const [port, host, servername, pki, atOnce, seconds] = process.argv.slice(2)
const read = (name: string): Buffer => readFileSync(`${pki}/${name}`)
const secureContext = createSecureContext({
  ca: read('ca.pem'),
  cert: read('client.pem'),
  key: read('client.key'),
  minVersion: 'TLSv1.3',
  ecdhCurve: 'X25519',
})
const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
const begun = performance.now()
const end = begun + Number(seconds) * 1000
let done = 0
let open = 0

for (let i = 0; i < Number(atOnce); i++) once()

function once(): void {
  open++
  const socket = connect({
    port: Number(port),
    host: '127.0.0.1',
    servername: servername!,
    secureContext,
  })
  socket.on('secureConnect', () => {
    if (socket.isSessionReused() || socket.getProtocol() !== 'TLSv1.3') give('not a full handshake')
    socket.write(request)
  })
  socket.on('error', (error) => give(error.message))
  socket.once('data', (bytes: Buffer) => {
    if (!bytes.toString('latin1').startsWith('HTTP/1.1 200')) give(bytes.toString('latin1'))
    done++
    socket.destroy()
  })
  socket.on('close', next)
}

function next(): void {
  open--
  if (performance.now() < end) once()
  else if (open === 0) {
    const took = (performance.now() - begun) / 1000
    process.stdout.write(`${JSON.stringify({ done, seconds: took })}\n`)
  }
}

function give(up: string): void {
  process.stderr.write(`error: handshake ${done + 1}: ${up}\n`)
  process.exit(1)
}
